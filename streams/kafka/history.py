"""Read again what a partition still holds: to rebuild lost state, and to find what was left out.

Records of a transaction are read once it is committed, as the workers read them.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.consume import RawRecord
from streams.kafka import record_batches
from streams.kafka.brokers import Broker
from streams.process.errors import Unavailable

POLL_MILLISECONDS: Final = 1_000
POLL_RECORDS: Final = 5_000
SILENT_POLLS: Final = 10
"""After so many polls in which the reader comes no further the broker counts as away."""

History = Callable[[int, int], Iterable[RawRecord]]
"""(partition, end offset) -> the records below it that the broker still has, in order."""

Holds = Callable[[int, int, int], bool]
"""(partition, begin, end) -> whether the broker has a record from `begin` to below `end`."""


def history_of(broker: Broker, topic: str) -> History:
    """Return how to read a topic's partitions again, in no group and without committing anything.

    Not to be called where an event loop runs: it reads on one of its own. Reading raises Unavailable
    where the broker is away.
    """
    return lambda partition, end: records_between(broker, TopicPartition(topic, partition), 0, end)


def holds_of(broker: Broker, topic: str) -> Holds:
    """Return how to ask whether a topic's partition has a record in a range; as for `history_of`."""

    def holds(partition: int, begin: int, end: int) -> bool:
        with closing(records_between(broker, TopicPartition(topic, partition), begin, end)) as records:
            return next(records, None) is not None

    return holds


def records_between(
    broker: Broker, place: TopicPartition, begin: int, end: int
) -> Generator[RawRecord, None, None]:
    """Yield the records of a partition from an offset to below another, in order; as for `history_of`."""
    if begin >= end:
        return
    with asyncio.Runner() as runner:
        consumer = runner.run(_connected(broker))
        try:
            runner.run(_go_to(consumer, {place: begin}))
            yield from _read(runner, consumer, place, end)
        except KafkaError as error:
            raise Unavailable(type(error).__name__, dependency="broker") from error
        finally:
            runner.run(consumer.stop())


class Span(NamedTuple):
    """Offsets of a partition from `begin` to below `end`."""

    topic: str
    partition: int
    begin: int
    end: int


def empty_spans(broker: Broker, spans: Iterable[Span]) -> set[Span]:
    """Return the spans in which the broker has no record that can be read; as for `history_of`."""
    rest, empty = set(spans), set[Span]()
    if not rest:
        return empty
    with asyncio.Runner() as runner:
        consumer = runner.run(_connected(broker))
        try:
            while rest:
                # A client stands at one place in a partition: spans of the same one are read one by one.
                some = {TopicPartition(span.topic, span.partition): span for span in rest}
                empty |= runner.run(_without_records(consumer, some))
                rest -= set(some.values())
        except KafkaError as error:
            raise Unavailable(type(error).__name__, dependency="broker") from error
        finally:
            runner.run(consumer.stop())
    return empty


async def _without_records(consumer: Any, spans: Mapping[TopicPartition, Span]) -> set[Span]:
    await _go_to(consumer, {place: span.begin for place, span in spans.items()})
    undecided, empty, silent = dict(spans), set[Span](), 0
    positions: dict[TopicPartition, int] = {}
    while undecided and silent < SILENT_POLLS:
        found = await consumer.getmany(*undecided, timeout_ms=POLL_MILLISECONDS)
        before, positions = positions, {place: await consumer.position(place) for place in undecided}
        silent = 0 if positions != before else silent + 1
        for place, position in positions.items():
            first = found[place][0].offset if found.get(place) else position
            if first >= spans[place].end:
                empty.add(spans[place])
            if found.get(place) or first >= spans[place].end:
                del undecided[place]
    if undecided:
        raise Unavailable("the broker sends nothing", dependency="broker")
    return empty


async def _connected(broker: Broker) -> Any:
    record_batches.install()
    consumer = AIOKafkaConsumer(
        **broker.client_settings(),
        enable_auto_commit=False,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    try:
        await consumer.start()
    except KafkaError as error:
        await consumer.stop()
        raise Unavailable(type(error).__name__, dependency="broker") from error
    return consumer


async def _go_to(consumer: Any, places: Mapping[TopicPartition, int]) -> None:
    """Read these partitions from these offsets on; where one is deleted, from the oldest record there is."""
    consumer.assign(list(places))
    for place, offset in places.items():
        consumer.seek(place, offset)


def _read(runner: Any, consumer: Any, place: TopicPartition, end: int) -> Iterator[RawRecord]:
    end = min(end, runner.run(consumer.end_offsets([place]))[place])
    silent, position = 0, runner.run(consumer.position(place))
    while position < end:
        batch = consumer.getmany(place, timeout_ms=POLL_MILLISECONDS, max_records=POLL_RECORDS)
        records = runner.run(batch).get(place, [])
        before, position = position, runner.run(consumer.position(place))
        # Offsets without a record, as those of an aborted transaction, are passed over in silence.
        silent = 0 if position > before else silent + 1
        if silent >= SILENT_POLLS:
            raise Unavailable("the broker sends nothing", dependency="broker")
        for record in records:
            if record.offset >= end:
                return
            yield record
