"""The relay on a real broker and database: any number of relays publish everything in order per key."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from sqlalchemy import Engine, event
from sqlmodel import Session

from responders.store import outbox
from streams.kafka.brokers import Broker, create_topics
from streams.kafka.relay import Relay
from streams.kafka.topics import TopicSpec
from streams.process.metrics import Metrics
from tests.streams.support.samples import rows

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PARTITIONS = 3


@pytest.fixture
def topic(broker: str) -> str:
    name = f"relay-{uuid.uuid4().hex}"
    specs = [TopicSpec(name, "x", (), 1)]
    create_topics(Broker(broker), partitions=PARTITIONS, replication=1, specs=specs)
    return name


def enqueue(engine: Engine, topic: str, count: int, *, keys: int = 20, start: int = 0) -> None:
    outgoing = [
        outbox.Outgoing(topic, b"account-%d" % (n % keys), b"%d" % n, (("ce_id", f"id-{n}"),))
        for n in range(start, start + count)
    ]
    with Session(engine) as session, session.begin():
        outbox.enqueue(session, outgoing, now=NOW)


def pending(engine: Engine) -> int:
    with Session(engine) as session:
        return outbox.backlog(session)[0]


def read(broker: str, topic: str) -> list[Any]:
    """Return every record of the topic, partition by partition, in order."""
    consumer = KafkaConsumer(bootstrap_servers=[broker])
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    count = sum(consumer.end_offsets(places).values())
    consumer.assign(places)
    consumer.seek_to_beginning()
    found: list[Any] = []
    while len(found) < count:
        found += [record for batch in consumer.poll(timeout_ms=2_000).values() for record in batch]
    consumer.close()
    return found


def by_key(records: list[Any]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for record in records:
        found.setdefault(record.key, []).append(int(record.value))
    return found


def relay(engine: Engine, broker: str, metrics: Metrics | None = None) -> Relay:
    return Relay(engine, Broker(broker), metrics=metrics or Metrics(), stall_seconds=30)


def run(until: Callable[[], bool], *relays: Relay) -> None:
    async def serve() -> None:
        stopping = asyncio.Event()
        tasks = [asyncio.create_task(relay.serve(stopping)) for relay in relays]
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(until):  # noqa: ASYNC110 - rows change in SQL
                await asyncio.sleep(0.05)
        stopping.set()
        await asyncio.gather(*tasks)

    asyncio.run(serve())


def test_every_row_is_published_once_and_in_order_per_key(broker: str, tables: Engine, topic: str) -> None:
    metrics = Metrics()
    enqueue(tables, topic, 1_500)
    run(lambda: pending(tables) == 0, relay(tables, broker, metrics))
    records = read(broker, topic)
    assert by_key(records) == {b"account-%d" % key: list(range(key, 1_500, 20)) for key in range(20)}
    first = next(record for record in records if record.value == b"7")
    assert (first.key, list(first.headers)) == (b"account-7", [("ce_id", b"id-7")])
    assert metrics.registry.get_sample_value("rapport_outbox_published_total", {"topic": topic}) == 1_500


def test_two_relays_at_once_keep_the_order_and_publish_nothing_twice(
    broker: str, tables: Engine, topic: str
) -> None:
    enqueue(tables, topic, 600)
    fed = iter(range(600, 2_400, 300))

    def feed_and_ask() -> bool:
        start = next(fed, None)
        if start is not None:
            enqueue(tables, topic, 300, start=start)
            return False
        return pending(tables) == 0

    run(feed_and_ask, relay(tables, broker), relay(tables, broker))
    assert by_key(read(broker, topic)) == {
        b"account-%d" % key: list(range(key, 2_400, 20)) for key in range(20)
    }


@contextlib.contextmanager
def dying_commits(engine: Engine, times: int) -> Iterator[None]:
    """Break the connection `times` times before a relay's commit, after the broker has the records."""
    left = iter(range(times))

    def die(_connection: Any) -> None:
        if next(left, None) is not None:
            raise ConnectionResetError

    event.listen(engine, "commit", die)
    yield
    event.remove(engine, "commit", die)


def test_a_crash_between_broker_and_commit_publishes_the_same_ids_again(
    broker: str, tables: Engine, topic: str
) -> None:
    enqueue(tables, topic, 10, keys=1)
    metrics = Metrics()
    with dying_commits(tables, 2):
        run(lambda: pending(tables) == 0, relay(tables, broker, metrics))
    assert [int(record.value) for record in read(broker, topic)] == [*range(10)] * 3
    ids = {dict(record.headers)["ce_id"] for record in read(broker, topic)}
    assert ids == {b"id-%d" % number for number in range(10)}
    labels = {"consumer_group": "relay", "dependency": "database"}
    assert metrics.registry.get_sample_value("rapport_retries_total", labels) == 2


def test_a_relay_waits_for_a_broker_that_is_away_and_reports_it(tables: Engine) -> None:
    enqueue(tables, "anything", 3)
    metrics = Metrics()
    lost = relay(tables, "127.0.0.1:1", metrics)
    labels = {"consumer_group": "relay", "dependency": "broker"}

    def tried_twice() -> bool:
        return (metrics.registry.get_sample_value("rapport_retries_total", labels) or 0) >= 2

    run(tried_twice, lost)
    health = lost.checks().health()
    assert (health.alive, health.ready, health.reason) == (True, False, "waiting for the broker")
    assert pending(tables) == 3


def test_a_relay_is_ready_after_publishing_and_reports_the_age_of_the_oldest_row(
    broker: str, tables: Engine, topic: str
) -> None:
    metrics = Metrics()
    publisher = relay(tables, broker, metrics)
    assert not publisher.checks().health().ready
    enqueue(tables, topic, 5)
    run(lambda: publisher.checks().health().ready, publisher)
    value = metrics.registry.get_sample_value
    assert value("rapport_outbox_pending_rows") == 5
    assert (value("rapport_outbox_oldest_age_seconds") or 0) > 1_000
    assert rows(tables, "SELECT count(*) FROM outbox WHERE sent_at IS NULL") == [(0,)]


def test_a_relay_whose_loop_is_blocked_is_not_alive(tables: Engine) -> None:
    stuck = Relay(tables, Broker("127.0.0.1:1"), metrics=Metrics(), stall_seconds=-1)
    assert (stuck.checks().health().alive, stuck.checks().health().ready) == (False, False)


def set_max_message_bytes(broker: str, topic: str, limit: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=[broker])
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(limit)})
    admin.alter_configs([resource])
    admin.close()


def test_a_topic_that_refuses_records_delays_no_other_and_is_published_once_it_accepts(
    broker: str, tables: Engine, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.relay.REQUEST_SECONDS", 1.5)
    other = f"{topic}-other"
    specs = [TopicSpec(other, "x", (), 1)]
    create_topics(Broker(broker), partitions=PARTITIONS, replication=1, specs=specs)
    enqueue(tables, topic, 100)
    enqueue(tables, other, 20)
    publisher = relay(tables, broker)
    fed = iter(range(100, 500, 100))
    broken: list[bool] = []
    mended: list[bool] = []

    def feed_then_mend() -> bool:
        if not broken and pending(tables) == 0:
            set_max_message_bytes(broker, other, 10)
            enqueue(tables, other, 50, start=20)
            broken.append(True)
        elif not broken:
            return False
        elif (start := next(fed, None)) is not None:
            enqueue(tables, topic, 100, start=start)
        elif pending(tables) == 50 and not mended:
            assert publisher.checks().health().reason == f"cannot publish to {other}"
            set_max_message_bytes(broker, other, 1_000_000)
            mended.append(True)
        return bool(mended) and pending(tables) == 0

    run(feed_then_mend, publisher)
    assert publisher.checks().health().ready
    assert by_key(read(broker, topic)) == {
        b"account-%d" % key: list(range(key, 500, 20)) for key in range(20)
    }
    numbers = by_key(read(broker, other))
    assert {key: sorted(set(found)) for key, found in numbers.items()} == {
        b"account-%d" % key: list(range(key, 70, 20)) for key in range(20)
    }


def test_a_relay_is_woken_by_the_commit_that_fills_the_outbox(
    broker: str, tables: Engine, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.relay.FALLBACK_SECONDS", 3_600.0)
    sent = iter(range(5))

    def one_after_another() -> bool:
        if pending(tables):
            return False
        number = next(sent, None)
        if number is not None:
            enqueue(tables, topic, 1, start=number)
        return number is None

    run(one_after_another, relay(tables, broker), relay(tables, broker))
    assert sorted(int(record.value) for record in read(broker, topic)) == [*range(5)]


def test_rows_without_a_notification_are_published_too(
    broker: str, tables: Engine, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.relay.FALLBACK_SECONDS", 0.2)
    monkeypatch.setattr("responders.store.outbox.wake_relays", lambda session: None)
    publisher = relay(tables, broker)
    run(lambda: publisher.checks().health().ready, publisher)
    started = iter([enqueue])

    def filled_and_published() -> bool:
        for fill in started:
            fill(tables, topic, 3)
        return pending(tables) == 0

    run(filled_and_published, publisher)
    assert len(read(broker, topic)) == 3


def test_a_relay_whose_listening_connection_broke_publishes_the_rows_of_the_meantime(
    broker: str, tables: Engine, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.relay.FALLBACK_SECONDS", 3_600.0)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"rapport_outbox\"'"
    )
    steps = iter(range(3))

    def broken_filled_and_published() -> bool:
        if pending(tables):
            return False
        number = next(steps, None)
        if number is not None:
            while not rows(tables, cut):  # until the relay listens (again)
                time.sleep(0.05)
            enqueue(tables, topic, 1, start=number)
        return number is None

    run(broken_filled_and_published, relay(tables, broker))
    assert sorted(int(record.value) for record in read(broker, topic)) == [0, 1, 2]


def test_an_idle_relay_does_not_query_the_database_until_it_is_woken(
    broker: str, tables: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.relay.FALLBACK_SECONDS", 3_600.0)
    statements: list[str] = []
    event.listen(tables, "before_cursor_execute", lambda *told: statements.append(told[2]))
    counts = [-1]

    def at_rest() -> bool:
        time.sleep(0.5)
        counts.append(len(statements))
        return counts[-1] > 0 and counts[-1] == counts[-2]

    run(at_rest, relay(tables, broker))
