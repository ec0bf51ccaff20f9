"""Transactions, compaction and deletion leave offsets without a record: nothing waits and nothing is lost."""

import asyncio
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, text

from streams.consume import Pipeline
from streams.kafka.app import GroupApp, Membership, build_app
from streams.kafka.brokers import Broker, held_offsets, reliable_producer
from streams.kafka.history import Span, empty_spans, has_records_of, history_of
from streams.kafka.topics import TopicSpec
from streams.operate.ledger import Balance, ledger
from streams.process.metrics import Metrics
from tests.streams.support.cluster import wait_until
from tests.streams.support.rig import OPTIONS, Doubling, prepare, value
from tests.streams.support.transactions import Producer, delete_before, make_topic

COMMITTED, ABORTED, BOTH, MIXED, OPEN = range(5)


@pytest.fixture
def engine(tables: Engine) -> Iterator[Engine]:
    with tables.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS doubled, sums"))
    prepare(tables)
    yield tables
    with tables.begin() as connection:
        connection.execute(text("DROP TABLE doubled, sums"))


def numbers(*some: int) -> list[tuple[bytes, bytes]]:
    return [(b"k", value(number)) for number in some]


@dataclass
class Reader:
    """A consumer group of this test on a topic; `start` and `stop` may be called again."""

    bootstrap: str
    topic: str
    engine: Engine
    group: str = field(default_factory=lambda: f"tx-{uuid.uuid4().hex[:8]}")
    metrics: Metrics = field(default_factory=Metrics)
    _stopping: Any = None

    @property
    def broker(self) -> Broker:
        return Broker(self.bootstrap)

    def start(self) -> "Reader":
        ready = threading.Event()
        self.metrics = Metrics()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(30)
        return self

    async def _run(self, ready: threading.Event) -> None:
        self._stopping, self._loop = asyncio.Event(), asyncio.get_running_loop()
        handler = Doubling(group=self.group, topic=self.topic)
        pipeline = Pipeline(handler, self.engine, metrics=self.metrics, options=OPTIONS)
        app: GroupApp = build_app(
            [pipeline], self.broker, Membership(self.group, session_timeout_seconds=6.0)
        )
        ready.set()
        await app.start()
        await self._stopping.wait()
        await app.stop()
        assert app.watchdog is not None
        app.watchdog.cancel()  # it would end this process, which is the test's

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(60)
        assert not self._thread.is_alive()

    def balance(self) -> Balance:
        spec = TopicSpec(self.topic, "Ticket", (self.group,), 1)
        return ledger(self.engine, self.broker, [spec])[self.topic].groups[self.group]

    def lags(self) -> dict[int, float]:
        """The value of `rapport_lag_records` for each partition."""
        family = next(
            metric for metric in self.metrics.registry.collect() if metric.name == "rapport_lag_records"
        )
        return {
            int(sample.labels["partition"]): sample.value
            for sample in family.samples
            if sample.labels.get("consumer_group") == self.group
        }

    def next_offsets(self) -> dict[int, int]:
        query = text("SELECT partition, next_offset FROM partition_progress WHERE consumer_group = :group")
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query, {"group": self.group})}

    def ends(self) -> dict[int, int]:
        held = held_offsets(self.broker, [self.topic])
        return {number: at.end for (_, number), at in held.items() if at.end}

    def wait_until_read(self) -> None:
        """Wait until SQL and the lag gauge reach the end of every partition that was ever written."""
        wait_until(lambda: self.next_offsets() == self.ends() and not any(self.lags().values()))

    def committed(self) -> dict[int, int]:
        """The group's own offsets on the broker, as other tools see them."""
        with closing(
            KafkaConsumer(group_id=f"rapport-{self.group}", **self.broker.client_settings())
        ) as consumer:
            found: Any = {
                number: consumer.committed(TopicPartition(self.topic, number)) for number in self.ends()
            }
        return {number: getattr(at, "offset", at) for number, at in found.items()}

    def doubled(self) -> list[int]:
        with self.engine.connect() as connection:
            return [row[0] for row in connection.execute(text("SELECT number FROM doubled ORDER BY number"))]


def plain(bootstrap: str, topic: str, *some: int, partition: int = 0) -> None:
    producer = reliable_producer(Broker(bootstrap))
    for key, body in numbers(*some):
        producer.send(topic, key=key, value=body, partition=partition)
    producer.flush()
    producer.close()


@pytest.fixture
def producers(broker: str) -> Iterator[list[Producer]]:
    """One transactional producer for each partition of a topic of this test."""
    topic = make_topic(broker, partitions=5)
    made = [Producer(broker, topic, number) for number in range(5)]
    yield made
    for producer in made:
        producer.stop()


def play_all_endings(producers: list[Producer], begin: int) -> list[int]:
    """Write transactions that end in every way, one way per partition; return the committed values."""
    some = [begin + place for place in range(12)]
    producers[COMMITTED].begin().send(*numbers(*some[:2])).commit()
    producers[ABORTED].begin().send(*numbers(*some[2:4])).abort()
    producers[BOTH].begin().send(*numbers(some[4])).commit().begin().send(*numbers(some[5])).abort()
    producers[MIXED].begin().send(*numbers(some[6]))
    plain(producers[MIXED].bootstrap, producers[MIXED].topic, *some[7:9], partition=MIXED)
    producers[MIXED].send(*numbers(some[9])).abort()
    producers[OPEN].begin().send(*numbers(some[10])).commit()
    return [*some[:2], some[4], *some[7:9], some[10]]


def test_only_committed_records_are_handled_and_nothing_waits_at_the_ends_of_transactions(
    broker: str, engine: Engine, producers: list[Producer]
) -> None:
    reader = Reader(broker, producers[0].topic, engine)
    wanted = play_all_endings(producers, 100)
    before = reader.balance()
    assert (before.gap, before.effects) == (0, 0)
    reader.start()
    reader.wait_until_read()
    wanted += play_all_endings(producers, 200)
    reader.wait_until_read()
    wait_until(lambda: reader.committed() == reader.ends())
    assert reader.doubled() == sorted(wanted)
    holes = sum(reader.ends().values()) - len(wanted)
    assert reader.balance() == Balance(len(wanted), effects=len(wanted), holes=holes)

    reader.stop()
    producers[ABORTED].begin().send(*numbers(300, 301)).abort()
    producers[COMMITTED].begin().send(*numbers(302)).commit()
    assert (reader.balance().in_flight, reader.balance().gap) == (2, 0)
    reader.start()
    reader.wait_until_read()
    assert reader.doubled() == sorted([*wanted, 302])
    assert reader.balance() == Balance(len(wanted) + 1, effects=len(wanted) + 1, holes=holes + 4)
    reader.stop()


def test_records_after_an_open_transaction_are_read_when_it_ends(
    broker: str, engine: Engine, producers: list[Producer]
) -> None:
    topic = producers[OPEN].topic
    plain(broker, topic, 1, partition=OPEN)
    producers[OPEN].begin().send(*numbers(2))
    plain(broker, topic, 3, partition=OPEN)
    reader = Reader(broker, topic, engine).start()
    wait_until(lambda: reader.next_offsets() == {OPEN: 1})
    wait_until(lambda: reader.lags().get(OPEN) == 0)
    assert (reader.doubled(), reader.balance()) == ([1], Balance(1, effects=1))
    producers[OPEN].commit()
    reader.wait_until_read()
    assert (reader.doubled(), reader.balance()) == ([1, 2, 3], Balance(3, effects=3, holes=1))
    reader.stop()


def test_a_partition_that_never_had_a_committed_record_has_nothing_in_flight(
    broker: str, engine: Engine, producers: list[Producer]
) -> None:
    reader = Reader(broker, producers[0].topic, engine)
    producers[ABORTED].begin().send(*numbers(1, 2, 3)).abort()
    assert reader.balance() == Balance()
    reader.start()
    reader.wait_until_read()
    assert (reader.doubled(), reader.balance()) == ([], Balance(holes=4))
    reader.stop()


def test_records_deleted_before_they_were_read_are_holes_and_delay_nothing(
    broker: str, engine: Engine
) -> None:
    topic = make_topic(broker, partitions=2)
    reader = Reader(broker, topic, engine)
    plain(broker, topic, *range(100, 110))
    plain(broker, topic, *range(200, 205), partition=1)
    delete_before(broker, topic, 3)
    reader.start()
    reader.wait_until_read()
    reader.stop()
    plain(broker, topic, *range(110, 120))
    plain(broker, topic, *range(205, 210), partition=1)
    delete_before(broker, topic, 15)
    delete_before(broker, topic, 10, partition=1)
    assert reader.balance() == Balance(17, effects=12, in_flight=5, holes=10)
    reader.start()
    reader.wait_until_read()
    assert reader.doubled() == [*range(103, 110), *range(115, 120), *range(200, 205)]
    assert reader.balance() == Balance(17, effects=17, holes=10)
    reader.stop()


@pytest.fixture(scope="module", autouse=True)
def compacted(broker: str) -> str:
    """A topic that loses most of its records to compaction, some seconds later, while other tests run."""
    topic = make_topic(
        broker, cleanup_policy="compact", segment_ms="50", min_cleanable_dirty_ratio="0.001",
        max_compaction_lag_ms="50",
    )  # fmt: skip
    for some in (range(100, 106), range(106, 112), [112]):
        plain(broker, topic, *some)
        threading.Event().wait(0.2)  # so that the next record begins a segment of its own
    return topic


def test_records_removed_by_compaction_are_holes(broker: str, engine: Engine, compacted: str) -> None:
    topic, read = compacted, history_of(Broker(broker), compacted)
    wait_until(lambda: len(list(read(0, 100))) < 9)
    left = [record.offset for record in read(0, 100)]
    reader = Reader(broker, topic, engine).start()
    reader.wait_until_read()
    plain(broker, topic, 150)
    reader.wait_until_read()
    reader.stop()
    assert reader.doubled() == [100 + offset for offset in left] + [150]
    count = len(left) + 1
    assert reader.balance() == Balance(count, effects=count, holes=14 - count)


def test_history_has_the_committed_records_and_spans_without_a_record_are_empty(
    broker: str, producers: list[Producer]
) -> None:
    topic = producers[BOTH].topic
    producers[BOTH].begin().send(*numbers(1, 2)).commit().begin().send(*numbers(3)).abort()
    producers[BOTH].begin().send(*numbers(4))
    assert [record.offset for record in history_of(Broker(broker), topic)(BOTH, 100)] == [0, 1]
    holds = has_records_of(Broker(broker), topic)
    assert [holds(BOTH, *span) for span in ((0, 5), (1, 5), (2, 5), (3, 9), (5, 5))] == [True, True] + 3 * [
        False
    ]
    spans = [Span(topic, BOTH, begin, 5) for begin in (1, 2, 3)] + [Span(topic, ABORTED, 0, 0)]
    assert empty_spans(Broker(broker), spans) == set(spans[1:])
