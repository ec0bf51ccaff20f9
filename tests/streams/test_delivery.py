"""Nothing lost, nothing doubled: real Kafka, real PostgreSQL, worker processes as users run them."""

import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from kafka import TopicPartition
from sqlalchemy import create_engine

from responders.store.migrate import upgrade
from schemas import Ticket, UsageEvent
from streams.embedded import EmbeddedKafka
from streams.kafka.brokers import Broker, create_topics, held_offsets
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.operate.ledger import ledger
from tests.streams.support.cluster import Cluster, Message, set_offsets, terminate, wait_until

WHEN = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = ("thank you, this is great", "the export failed again, this is terrible", "how do I add a seat?")


@pytest.fixture
def cluster(database_url: str, tmp_path: Path) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="rapport-delivery-"))
    kafka = EmbeddedKafka(folder)
    broker = Broker(kafka.start())
    engine = create_engine(database_url)
    upgrade(engine)
    create_topics(broker, partitions=4, replication=1)
    one = Cluster(broker, engine, database_url, tmp_path)
    yield one
    one.stop()
    engine.dispose()
    kafka.stop()
    shutil.rmtree(folder)


def ticket(number: int, **changes: object) -> Ticket:
    fields = {
        "event_id": f"e{number}",
        "ticket_id": f"t{number}",
        "account_id": f"a{number % 40}",
        "subject": "",
        "body": WORDS[number % 3],
        "occurred_at": WHEN + timedelta(minutes=number),
    }
    return Ticket.model_validate(fields | changes)


def message(one: Ticket) -> Message:
    return one.account_id.encode(), one.to_bytes()


def usage(number: int) -> Message:
    account_id = f"a{number % 40}"
    when = WHEN + timedelta(seconds=10 * number)
    event = UsageEvent(f"u{number}", account_id, "task.labelled", when, 2.0)
    return account_id.encode(), msgspec.json.encode(event)


def changed(one: Ticket, **changes: object) -> bytes:
    return json.dumps(json.loads(one.to_bytes()) | changes).encode()


def test_every_bad_record_gets_its_dead_letter_and_every_good_one_its_effect(cluster: Cluster) -> None:
    good = [message(ticket(number)) for number in range(300)]
    bad: dict[str, Message] = {
        "broken_json": (b"a1", b'{"event_id": '),
        "empty_value": (b"a1", None),
        "invalid_record": (b"a1", changed(ticket(1000), channel="telepathy")),
        "unknown_version": (b"a1", changed(ticket(1001), schema_version=2)),
        "key_mismatch": (b"somebody else", ticket(1002).to_bytes()),
        "from_the_future": message(ticket(1003, occurred_at=datetime.now(UTC) + timedelta(days=1))),
        "id_conflict": message(ticket(5, body="the same id says something else")),
    }
    bugs = [message(ticket(1004, subject="raise in run")), message(ticket(1005, subject="raise in write"))]
    duplicates = good[:25]
    poison = list(bad.values()) + bugs
    mixed = good[:150] + poison[:5] + good[150:] + poison[5:] + duplicates
    sent = cluster.send(TICKETS, mixed)
    worker = cluster.start_worker("sentiment")
    wait_until(lambda: cluster.handled("sentiment") == sent)
    assert terminate(worker) == 0
    reasons = dict(cluster.rows("SELECT reason, count(*) FROM dead_letters GROUP BY reason"))
    assert reasons == dict.fromkeys(bad, 1) | {"handler_error": 2}
    assert cluster.number("SELECT count(*) FROM sentiments") == 300
    assert cluster.number("SELECT count(DISTINCT event_id) FROM sentiments") == 300
    assert cluster.number("SELECT sum(duplicates) FROM partition_progress") == len(duplicates)
    kept = dict(cluster.rows("SELECT reason, value FROM dead_letters WHERE reason <> 'handler_error'"))
    assert {reason: value and bytes(value) for reason, value in kept.items()} == {
        reason: value for reason, (_, value) in bad.items()
    }
    balance = ledger(cluster.engine, cluster.broker)[TICKETS].groups["sentiment"]
    assert (balance.inputs, balance.gap, balance.in_flight) == (sent, 0, 0)
    outgoing = dict(cluster.rows("SELECT topic, count(*) FROM outbox GROUP BY topic"))
    assert outgoing == {"customer.signals": 300, "rapport.dead-letters": 9}


def test_offsets_that_somebody_set_ahead_of_the_database_lose_nothing(cluster: Cluster) -> None:
    first = cluster.send(TICKETS, [message(ticket(number)) for number in range(400)])
    worker = cluster.start_worker("sentiment")
    wait_until(lambda: cluster.handled("sentiment") == first)
    assert terminate(worker) == 0
    second = cluster.send(TICKETS, [message(ticket(number)) for number in range(400, 1_200)])
    held = held_offsets(cluster.broker, [TICKETS])
    # Two with records behind what was left out, and two where nothing comes behind it.
    ahead = {TopicPartition(*place): 200 if place[1] < 2 else one.end for place, one in held.items()}
    set_offsets(cluster.broker, "sentiment", ahead)
    again = cluster.start_worker("sentiment")
    wait_until(lambda: cluster.handled("sentiment") == first + second)
    assert terminate(again) == 0
    assert cluster.number("SELECT count(DISTINCT event_id) FROM sentiments") == 1_200
    balance = ledger(cluster.engine, cluster.broker)[TICKETS].groups["sentiment"]
    assert (balance.effects, balance.gap, balance.in_flight) == (1_200, 0, 0)


@pytest.mark.parametrize(("kind", "topic"), [("sentiment", TICKETS), ("usage", USAGE_EVENTS)])
def test_killed_workers_lose_nothing_and_double_nothing(cluster: Cluster, kind: str, topic: str) -> None:
    chance = random.Random(7)
    number = 6_000 if kind == "sentiment" else 30_000
    messages = [message(ticket(n)) if kind == "sentiment" else usage(n) for n in range(number)]
    sent = cluster.send(topic, messages + messages[: number // 100])
    cluster.start_worker(kind)
    wait_until(lambda: cluster.handled(kind) > 0)
    for _ in range(3):
        time.sleep(chance.uniform(0.05, 0.4))
        cluster.workers[-1].kill()
        cluster.start_worker(kind)
    last = cluster.workers[-1]
    wait_until(lambda: cluster.handled(kind) == sent)
    assert terminate(last) == 0
    balance = ledger(cluster.engine, cluster.broker)[topic].groups[kind]
    assert (balance.inputs, balance.effects, balance.gap) == (sent, number, 0)
    assert balance.dropped == sent - number
    if kind == "sentiment":
        assert cluster.number("SELECT count(*) FROM outbox") == number
        assert cluster.number("SELECT count(DISTINCT event_id) FROM sentiments") == number


def test_sigterm_at_any_moment_ends_with_zero_and_hands_the_rest_over(cluster: Cluster) -> None:
    chance = random.Random(11)
    sent = cluster.send(TICKETS, [message(ticket(n)) for n in range(4_000)])
    for _ in range(3):
        worker = cluster.start_worker("sentiment")
        time.sleep(chance.uniform(1.0, 3.0))
        started = time.monotonic()
        assert terminate(worker) in {0, -15}  # -15: before Python had set its handlers
        assert time.monotonic() - started < 30
    first, second = cluster.start_worker("sentiment"), cluster.start_worker("sentiment")
    sent += cluster.send(TICKETS, [message(ticket(n)) for n in range(4_000, 5_000)])
    wait_until(lambda: cluster.handled("sentiment") == sent)
    wait_until(lambda: all(cluster.has_joined(worker) for worker in (first, second)))
    assert [terminate(first), terminate(second)] == [0, 0]
    assert cluster.number("SELECT count(*) FROM sentiments") == sent
