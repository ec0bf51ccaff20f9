"""Chunks without a broker, small real handlers, and a pipeline that runs over both on a real database."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session
from typing_extensions import override

from streams.consume import Computed, Dropped, Failed, Handler, InvalidRecord, Pipeline, PipelineOptions
from streams.kafka.link import ConsumerLink
from streams.kafka.records import Chunk, RawRecord
from streams.process.metrics import Metrics

TOPIC = "numbers"
GROUP = "doubling"
SECONDS = 60.0
NOT_ACKNOWLEDGED = "the chunks were not acknowledged in time"
OPTIONS = PipelineOptions(max_records=1_000, max_wait_seconds=0.02)


@dataclass
class Record:
    """One record as a Kafka client hands it over."""

    offset: int
    value: bytes | None
    partition: int = 0
    topic: str = TOPIC
    timestamp: int = 1_700_000_000_000
    key: bytes | None = b"k"
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass(slots=True)
class CountedChunk(Chunk):
    """A chunk that counts how often it was acknowledged."""

    acks: int = 0

    def count_ack(self) -> None:
        self.acks += 1


def chunk_of(
    records: Sequence[RawRecord],
    *,
    previous_end: int | None = None,
    first_read_offset: int | None = None,
    end: int | None = None,
    partition: int = 0,
) -> CountedChunk:
    """A chunk of generation 1; it ends after its last record unless `end` is given."""
    if end is None:
        end = records[-1].offset + 1
    made = CountedChunk(partition, 1, records, end, previous_end, first_read_offset)
    made.acknowledge = made.count_ack
    return made


@dataclass(frozen=True)
class Number:
    event_id: str
    number: int


def value(number: int, event_id: str | None = None) -> bytes:
    return json.dumps({"id": event_id or f"n{number}", "number": number}).encode()


def chunk(
    numbers: Sequence[int | bytes | None], *, start: int = 0, partition: int = 0, generation: int = 1
) -> CountedChunk:
    """A chunk of numbers (or raw values) from offset `start` on."""
    records = [
        Record(start + place, value(number) if isinstance(number, int) else number, partition)
        for place, number in enumerate(numbers)
    ]
    made = chunk_of(records, partition=partition)
    made.generation = generation
    return made


@dataclass
class Doubling(Handler[Number, Any, Any]):
    """Doubles numbers into a table; 13 raises in `compute`, 17 in `write`, 19 while decoding."""

    group: str = GROUP
    topic: str = TOPIC
    dedupes_itself: bool = False
    batches: list[list[int]] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    committed_numbers: list[int] = field(default_factory=list)
    before_write: Callable[[Session, list[int]], None] = lambda _session, _numbers: None

    @override
    def decode(self, record: RawRecord) -> Number:
        try:
            fields = json.loads(record.value or b"")
        except ValueError:
            raise InvalidRecord("broken_json", "the value is not JSON") from None
        if fields["number"] == 19:
            raise LookupError("a bug that quotes the customer")
        return Number(fields["id"], fields["number"])

    @override
    def identity(self, item: Number) -> tuple[str, bytes] | None:
        return item.event_id, item.number.to_bytes(16, signed=True)

    @override
    def restore(self, session: Session, partition: int) -> None:
        self.restored.append(partition)

    @override
    def forget(self, partition: int) -> None:
        self.forgotten.append(partition)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Number]]]) -> Computed[Any, Any]:
        self.batches.append([item.number for _, items in work for item in items])
        if 13 in self.batches[-1]:
            raise RuntimeError("a bug that quotes the customer")
        outcomes: list[list[int | Dropped | Failed]] = [
            [self.outcome(item.number) for item in items] for _, items in work
        ]
        return Computed(outcomes)

    def outcome(self, number: int) -> int | Dropped | Failed:
        if number == -1:
            return Dropped("late")
        if number == -2:
            return Failed("invalid_record", "negative")
        return 2 * number

    @override
    def write(self, session: Session, effects: Sequence[tuple[Number, int]], extra: Any) -> None:
        self.before_write(session, [item.number for item, _ in effects])
        for item, doubled in effects:
            row = {"number": item.number, "doubled": doubled}
            session.execute(text("INSERT INTO doubled VALUES (:number, :doubled)"), row)
        if any(item.number == 17 for item, _ in effects):
            raise ZeroDivisionError("a bug that quotes the customer")

    @override
    def committed(self, effects: Sequence[tuple[Number, int]], extra: Any) -> None:
        self.committed_numbers += [item.number for item, _ in effects]


@dataclass
class Summing(Doubling):
    """Keeps a running sum per partition in memory and saves it with the offset, like the usage group."""

    group: str = "summing"
    dedupes_itself: bool = True
    sums: dict[int, int] = field(default_factory=dict)

    @override
    def identity(self, item: Number) -> None:
        return None

    @override
    def restore(self, session: Session, partition: int) -> None:
        super().restore(session, partition)
        query = text("SELECT total FROM sums WHERE partition = :partition")
        self.sums[partition] = int(session.execute(query, {"partition": partition}).scalar() or 0)

    @override
    def forget(self, partition: int) -> None:
        super().forget(partition)
        self.sums.pop(partition, None)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Number]]]) -> Computed[Any, Any]:
        for partition, items in work:
            for item in items:
                if item.number == 13:
                    raise RuntimeError("half of the batch is in memory already")
                self.sums[partition] += item.number
        totals = {partition: self.sums[partition] for partition, _ in work}
        return Computed([[None for _ in items] for _, items in work], totals)

    @override
    def write(self, session: Session, effects: Any, extra: dict[int, int] | None) -> None:
        self.before_write(session, list((extra or {}).values()))
        upsert = (
            "INSERT INTO sums VALUES (:partition, :total)"
            " ON CONFLICT (partition) DO UPDATE SET total = excluded.total"
        )
        for partition, total in (extra or {}).items():
            session.execute(text(upsert), {"partition": partition, "total": total})

    @override
    def committed(self, effects: Any, extra: Any) -> None:
        pass


@dataclass
class Rig:
    """A handler's pipeline on a database; `play` feeds chunks and waits until all are acknowledged."""

    engine: Engine
    handler: Any = field(default_factory=Doubling)
    options: PipelineOptions = OPTIONS
    generation: int = 1
    metrics: Metrics = field(default_factory=Metrics)
    pipeline: Pipeline | None = None
    fetching_paused: list[int] = field(default_factory=list)
    fetching_resumed: list[int] = field(default_factory=list)
    link: Callable[["Rig"], ConsumerLink] = lambda rig: ConsumerLink(
        lambda: rig.generation, rig.fetching_paused.append, rig.fetching_resumed.append
    )

    def play(
        self,
        *chunks: CountedChunk,
        meanwhile: Callable[[], Any] = lambda: None,
        seconds: float = SECONDS,
        seconds_after: float | None = None,
    ) -> None:
        """Play chunks until all are acknowledged: in `seconds`, or `seconds_after` the end of `meanwhile`."""
        waiting = self._acknowledged(chunks, meanwhile, seconds_after)
        asyncio.run(self._play(chunks, waiting, seconds))

    async def _play(
        self, chunks: Sequence[CountedChunk], acknowledged: Coroutine[Any, Any, None], seconds: float
    ) -> None:
        self.pipeline = Pipeline(self.handler, self.engine, metrics=self.metrics, options=self.options)
        self.pipeline.bind(self.link(self))
        serving = asyncio.create_task(self.pipeline.serve())
        offering = asyncio.create_task(self._offer(self.pipeline, chunks))
        waiting = asyncio.create_task(acknowledged)
        both = {serving, waiting}
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED, timeout=seconds)
        for task in (offering, waiting, serving):
            task.cancel()
        await asyncio.wait({offering, waiting, serving})
        assert done, NOT_ACKNOWLEDGED
        for task in done:
            task.result()

    async def _offer(self, pipeline: Pipeline, chunks: Sequence[CountedChunk]) -> None:
        for chunk in chunks:
            await pipeline.offer(chunk)

    async def _acknowledged(
        self, chunks: Sequence[CountedChunk], meanwhile: Callable[[], Any], seconds_after: float | None
    ) -> None:
        await asyncio.to_thread(meanwhile)
        try:
            async with asyncio.timeout(seconds_after):
                while not all(chunk.acks for chunk in chunks):  # noqa: ASYNC110 - acks come from no event
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(NOT_ACKNOWLEDGED) from None

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def doubled(self) -> list[int]:
        return [number for (number,) in self.rows("SELECT number FROM doubled ORDER BY number")]

    def letters(self) -> list[tuple[int, str]]:
        """The (offset, reason) of every dead letter, in order."""
        rows = self.rows("SELECT record_offset, reason FROM dead_letters ORDER BY record_offset")
        return [(offset, reason) for offset, reason in rows]

    def count(self, metric: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(metric, labels) or 0.0


def prepare(engine: Engine) -> None:
    """Create the tables of the handlers here."""
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS doubled (number bigint NOT NULL, doubled bigint NOT NULL)")
        )
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS sums (partition int PRIMARY KEY, total bigint NOT NULL)")
        )
