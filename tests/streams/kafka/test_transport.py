"""The transport: which fetched records it hands on, and which offsets it commits."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from streams.embedded import EmbeddedKafka
from streams.kafka.app import GroupApp, Membership, build_app
from streams.kafka.brokers import Broker, create_topics, reliable_producer
from streams.kafka.chunks import MAX_CHUNK_RECORDS, ChunkSchema
from streams.kafka.link import ReadPosition
from streams.kafka.records import Chunk
from streams.kafka.topics import TopicSpec
from streams.kafka.transport import Consumer, Producer
from tests.streams.support.cluster import wait_until

TOPIC = "chunks"
RECORDS = 5_000
ZERO = TP(TOPIC, 0)


@dataclass
class Unacknowledged:
    """A pipeline that takes chunks and acknowledges none of them: the test does that."""

    topic: str = TOPIC
    group: str = "chunk-readers"
    chunks: list[Chunk] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    paused: dict[int, str] = field(default_factory=dict)

    def bind(self, *_: Any) -> None:
        """Need no consumer."""

    async def offer(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)

    async def serve(self) -> None:
        await asyncio.Event().wait()

    def observe_lag(self, ends: dict[int, int]) -> None:
        self.ends = ends


def app_of(pipeline: Unacknowledged, servers: str = "127.0.0.1:1", group: str = "chunk-readers") -> GroupApp:
    membership = Membership(group, session_timeout_seconds=6.0)
    pipelines: Any = [pipeline]
    return build_app(pipelines, Broker(servers), membership)


def raw(offset: int) -> Any:
    return SimpleNamespace(
        topic=TOPIC, partition=0, offset=offset, timestamp=1_000, timestamp_type=0, headers=(),
        key=b"k", value=b"v", checksum=None, serialized_key_size=1, serialized_value_size=1,
    )  # fmt: skip


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    """Our consumer on an app that never connects."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = app_of(Unacknowledged())
    app.consumer_generation_id = 3
    made: Any = app.consumer
    yield made
    made._thread.thread_loop.close()
    asyncio.set_event_loop(None)
    loop.close()


def test_a_chunk_is_one_message_with_its_last_offset_and_its_generation(consumer: Consumer) -> None:
    chunk = Chunk(0, 3, [raw(offset) for offset in (5, 6, 9)], 10)
    message = consumer._chunk_message(ZERO, chunk)
    assert (message.offset, message.generation_id, message.key) == (9, 3, None)
    assert message.value is chunk
    schema = ChunkSchema()
    assert schema.loads_value(None, message) is chunk
    assert schema.loads_key(None, message) is None


def test_a_chunk_of_a_past_generation_moves_no_commit(consumer: Consumer) -> None:
    consumer._committed_offset[ZERO] = None
    old = consumer._chunk_message(ZERO, Chunk(0, 3, [raw(9)], 10))
    consumer.app.consumer_generation_id = 4
    consumer.commits.delivered(ZERO, 9)
    consumer.ack(old)
    assert consumer._new_offset(ZERO) is None
    consumer.ack(consumer._chunk_message(ZERO, Chunk(0, 3, [raw(9)], 10)))
    assert consumer._new_offset(ZERO) == 10


def test_only_partitions_with_chunks_are_considered_for_a_commit(consumer: Consumer) -> None:
    other = TP("other", 1)
    for tp in (ZERO, other):
        consumer.commits.delivered(tp, 3)
    assert set(consumer._filter_tps_with_pending_acks()) == {ZERO, other}
    assert set(consumer._filter_tps_with_pending_acks(["other"])) == {other}
    assert set(consumer._filter_tps_with_pending_acks([ZERO])) == {ZERO}
    consumer._reset_state()
    assert set(consumer._filter_tps_with_pending_acks()) == set()


async def _fetch(consumer: Any, during: Callable[[], None]) -> tuple[list[int], int]:
    """Fetch once while something happens; return (offsets handed on, times the consumer sought back)."""
    sought = 0

    async def fetched(**_: Any) -> Any:
        during()
        return {ZERO: [raw(offset) for offset in (5, 6, 9)]}

    async def seek() -> None:
        nonlocal sought
        sought += 1

    consumer._getmany, consumer.perform_seek = fetched, seek
    consumer._set_active_tps({ZERO})
    found = [record.offset async for _, message in consumer.getmany(1.0) for record in message.value.records]
    return found, sought


def test_fetched_records_are_handed_on(consumer: Consumer) -> None:
    found = consumer.app.loop.run_until_complete(_fetch(consumer, lambda: None))
    assert found == ([5, 6, 9], 0)


def test_each_chunk_has_the_end_of_the_records_before_it(consumer: Consumer) -> None:
    first, second = ([raw(offset) for offset in span] for span in (range(5, 2_500), range(2_600, 2_603)))
    told = [
        chunk.previous_end
        for records in (first, second)
        for _, chunk in consumer._chunks({ZERO: records}, is_steady=True)
    ]
    assert told == [None, 5 + MAX_CHUNK_RECORDS, 2_500]
    told = [chunk.previous_end for _, chunk in consumer._chunks({ZERO: first}, is_steady=False)]
    assert told == [None, 5 + MAX_CHUNK_RECORDS]
    assert [chunk.previous_end for _, chunk in consumer._chunks({ZERO: second}, is_steady=True)] == [None]


def told(consumer: Any, records: dict[TP, list[Any]], *, is_steady: bool = True) -> list[tuple[Any, ...]]:
    return [
        (tp.partition, [record.offset for record in chunk.records], chunk.previous_end, chunk.end)
        for tp, chunk in consumer._chunks(records, is_steady=is_steady)
    ]


def test_a_chunk_ends_at_the_clients_position_and_an_empty_chunk_reports_offsets_without_a_record(
    consumer: Any,
) -> None:
    other = TP(TOPIC, 1)
    consumer._first_reads, consumer._starts = {ZERO: 5, other: 7}, {ZERO: 5, other: 7}
    consumer._position = {ZERO: 12, other: 9}.get
    records = {ZERO: [raw(offset) for offset in (5, 6, 9)]}
    assert told(consumer, records) == [(0, [5, 6, 9], None, 12), (1, [], None, 9)]
    assert told(consumer, {}) == []
    consumer._position = {ZERO: 14}.get
    assert told(consumer, {}) == [(0, [], 12, 14)]


def test_nothing_is_reported_about_offsets_that_a_seek_may_have_left(consumer: Any) -> None:
    consumer._first_reads, consumer._starts = {ZERO: 5}, {ZERO: 5}
    consumer._position = {ZERO: 12}.get
    assert told(consumer, {ZERO: [raw(5)]}, is_steady=False) == [(0, [5], None, 6)]
    assert told(consumer, {}, is_steady=False) == []
    with consumer._moving():
        assert consumer._seeking == 1
    assert consumer._seeking == 0


def test_a_chunk_without_a_record_is_acknowledged_up_to_its_end(consumer: Consumer) -> None:
    message = consumer._chunk_message(TP(TOPIC, 1), Chunk(1, 3, (), 9, 7, 7))
    assert (message.offset, message.partition, message.generation_id, message.value.records) == (8, 1, 3, ())
    assert consumer._chunk_message(ZERO, Chunk(0, 3, [raw(5)], 9, 5, 5)).offset == 8


def test_records_fetched_while_the_generation_changed_are_fetched_again(consumer: Consumer) -> None:
    def rebalance() -> None:
        consumer.app.consumer_generation_id = 4

    assert consumer.app.loop.run_until_complete(_fetch(consumer, rebalance)) == ([], 1)


def test_records_fetched_while_the_flow_was_stopped_are_fetched_again(consumer: Consumer) -> None:
    found = consumer.app.loop.run_until_complete(_fetch(consumer, consumer.stop_flow))
    assert found == ([], 1)


def test_records_fetched_while_their_partition_was_paused_are_handed_on(consumer: Consumer) -> None:
    found = consumer.app.loop.run_until_complete(_fetch(consumer, lambda: consumer.pause_partitions({ZERO})))
    assert found == ([5, 6, 9], 0)


def test_fausts_own_producer_is_idempotent(consumer: Consumer) -> None:
    producer = consumer.app.transport.create_producer()
    assert isinstance(producer, Producer)
    assert producer._settings_extra()["enable_idempotence"] is True


@pytest.fixture(scope="module")
def filled() -> Iterator[Broker]:
    """A broker of its own with records in one partition, because the topic's name is a constant."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-chunks-"))
    kafka = EmbeddedKafka(folder)
    broker = Broker(kafka.start())
    create_topics(broker, partitions=1, replication=1, specs=[TopicSpec(TOPIC, "x", (), 1)])
    producer = reliable_producer(broker, linger_ms=20)
    for number in range(RECORDS):
        producer.send(TOPIC, key=b"k", value=b"%d" % number)
    producer.flush()
    producer.close()
    yield broker
    kafka.stop()
    shutil.rmtree(folder)


def committed(broker: Broker, group: str = "chunk-readers") -> int | None:
    consumer = KafkaConsumer(group_id=f"rapport-{group}", **broker.client_settings())
    try:
        found: Any = consumer.committed(TopicPartition(TOPIC, 0))
    finally:
        consumer.close()
    return int(found.offset if isinstance(found, OffsetAndMetadata) else found) if found is not None else None


class Running:
    """A group's app in a thread and loop of its own."""

    def __init__(self, broker: Broker, group: str = "chunk-readers") -> None:
        self.pipeline = Unacknowledged()
        self._group = group
        self._ready = threading.Event()
        self._servers = broker.bootstrap_servers
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    async def _run(self) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._app = app = app_of(self.pipeline, self._servers, self._group)
        self._ready.set()
        await app.start()
        await self._stopping.wait()
        await app.stop()
        assert app.watchdog is not None
        app.watchdog.cancel()  # it would end this process, which is the test's

    def ack(self, *places: int) -> None:
        for place in places:
            acknowledge = self.pipeline.chunks[place].acknowledge
            assert acknowledge is not None
            self._loop.call_soon_threadsafe(acknowledge)

    def seek_back(self) -> None:
        """Seek as Faust does after a rebalance, and after records that came while the flow was stopped."""
        asyncio.run_coroutine_threadsafe(self._app.consumer.perform_seek(), self._loop).result(30)

    def go_back(self, offset: int) -> None:
        """Seek as the pipeline does after it found skipped records."""
        seek = self._app._seek(TOPIC, 0, offset)
        asyncio.run_coroutine_threadsafe(seek, self._loop).result(30)

    def read_positions(self) -> dict[int, ReadPosition]:
        return self._app._read_positions(TOPIC)

    def stop(self) -> None:
        """Acknowledge everything, so that Faust waits for nothing, and stop."""
        self.ack(*range(len(self.pipeline.chunks)))
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(30)
        assert not self._thread.is_alive()


def offsets(pipeline: Unacknowledged) -> list[int]:
    return [record.offset for chunk in pipeline.chunks for record in chunk.records]


def test_a_group_without_a_commit_seeks_back_to_the_beginning(filled: Broker) -> None:
    running = Running(filled, "never-committed")
    wait_until(lambda: len(offsets(running.pipeline)) == RECORDS)
    running.seek_back()
    wait_until(lambda: len(offsets(running.pipeline)) == 2 * RECORDS)
    assert {chunk.first_read_offset for chunk in running.pipeline.chunks} == {0}
    assert offsets(running.pipeline) == 2 * list(range(RECORDS))
    running.stop()


def test_going_back_forgets_the_chunks_that_were_handed_on(filled: Broker) -> None:
    running = Running(filled, "going-back")
    wait_until(lambda: len(offsets(running.pipeline)) == RECORDS)
    handed_out = len(running.pipeline.chunks)
    assert running.read_positions() == {0: ReadPosition(0, RECORDS)}
    running.go_back(100)
    wait_until(lambda: len(offsets(running.pipeline)) == 2 * RECORDS - 100)
    assert offsets(running.pipeline)[RECORDS:] == list(range(100, RECORDS))
    running.ack(*range(handed_out, len(running.pipeline.chunks)))
    wait_until(lambda: committed(filled, "going-back") == RECORDS)
    running.stop()


def test_no_chunk_reaches_itself_through_its_acknowledgement(filled: Broker) -> None:
    """A cycle would keep its records in memory until the collector runs, which a worker makes rare."""
    running = Running(filled, "no-cycles")
    wait_until(lambda: len(offsets(running.pipeline)) == RECORDS)
    events = [getattr(chunk.acknowledge, "__self__", None) for chunk in running.pipeline.chunks]
    running.stop()
    assert all(event is not None for event in events)
    reached = [event.value for event in events if event is not None]
    assert [chunk for chunk in running.pipeline.chunks if any(chunk is other for other in reached)] == []


def test_chunks_are_contiguous_and_in_order_and_no_commit_passes_a_gap(filled: Broker) -> None:
    running = Running(filled)
    wait_until(lambda: len(offsets(running.pipeline)) == RECORDS)
    chunks = running.pipeline.chunks
    assert offsets(running.pipeline) == list(range(RECORDS))
    assert all(0 < len(chunk.records) <= MAX_CHUNK_RECORDS for chunk in chunks)
    assert [record.value for record in chunks[0].records[:2]] == [b"0", b"1"]
    assert len(chunks) >= 3
    wait_until(lambda: running.pipeline.ends == {0: RECORDS})
    running.ack(*range(2, len(chunks)))
    threading.Event().wait(1.5)
    assert committed(filled) is None
    running.ack(0)
    behind_the_first = chunks[0].records[-1].offset + 1
    wait_until(lambda: committed(filled) == behind_the_first)
    threading.Event().wait(1.0)
    assert committed(filled) == behind_the_first
    running.ack(1)
    wait_until(lambda: committed(filled) == RECORDS)
    running.stop()
