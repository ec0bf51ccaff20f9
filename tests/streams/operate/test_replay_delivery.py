"""A replayed record has one effect however often it is replayed: real workers, broker and database."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine

from schemas import UsageEvent
from streams.kafka.brokers import Broker
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.operate.ledger import ledger
from tests.streams.support.cluster import Cluster, terminate, wait_until
from tests.streams.support.letter_samples import audit, on_topic
from tests.streams.support.samples import ticket
from tests.streams.support.shell import Shell
from tests.streams.support.worker_process import TOLERANCE

AHEAD_SECONDS = 10.0
"""How long the events below are too far in the future; after that their dead letters can be replayed."""


@pytest.fixture
def cluster(shell: Shell, tmp_path: Path) -> Iterator[Cluster]:
    engine = create_engine(shell.database_url)
    cluster = Cluster(Broker(shell.bootstrap), engine, shell.database_url, tmp_path)
    yield cluster
    cluster.stop()
    engine.dispose()


def test_a_letter_replayed_three_times_has_one_effect(cluster: Cluster, shell: Shell) -> None:
    workers = [cluster.start_worker(kind) for kind in ("sentiment", "usage")]
    wait_until(lambda: all(cluster.has_joined(worker) for worker in workers))
    when = datetime.now(UTC) + TOLERANCE + timedelta(seconds=AHEAD_SECONDS)
    early = ticket(1, occurred_at=when)
    usage = UsageEvent("u1", "a1", "task.labelled", when, 2.0)
    cluster.send(TICKETS, [(b"a1", early.to_bytes())])
    cluster.send(USAGE_EVENTS, [(b"a1", msgspec.json.encode(usage))])
    buried = "SELECT count(*) FROM dead_letters WHERE reason = 'from_the_future'"
    wait_until(lambda: cluster.number(buried) == 2)
    assert cluster.number("SELECT count(*) FROM sentiments") == 0
    time.sleep(max(0.0, (when - TOLERANCE - datetime.now(UTC)).total_seconds()))

    for options in ((), ("--again",), ("--again",)):
        sent = shell("dead-letters", "replay", "--reason", "from_the_future", "--send", *options)
        assert "2 records sent again, 2 letters marked as replayed." in sent.stderr, sent.stderr
    wait_until(lambda: cluster.handled("sentiment") == cluster.handled("usage") == 4)
    assert [terminate(worker) for worker in workers] == [0, 0]

    assert cluster.number("SELECT count(*) FROM sentiments") == 1
    assert cluster.number("SELECT count(*) FROM outbox WHERE topic = 'customer.signals'") == 1
    assert cluster.number("SELECT count(*) FROM dead_letters") == 2
    fates = "SELECT consumer_group, sum(effects), sum(dead_letters), sum(duplicates + late)"
    found = cluster.rows(f"{fates} FROM partition_progress GROUP BY 1 ORDER BY 1")
    assert [(group, *map(int, counts)) for group, *counts in found] == [
        ("sentiment", 1, 1, 2),
        ("usage", 1, 1, 2),
    ]
    books = ledger(cluster.engine, cluster.broker)
    for topic, group in ((TICKETS, "sentiment"), (USAGE_EVENTS, "usage")):
        balance = books[topic].groups[group]
        assert (balance.inputs, balance.gap, balance.in_flight) == (4, 0, 0)
    records = on_topic(cluster.broker.bootstrap_servers, TICKETS, 4)
    assert {(record.key, record.value) for record in records} == {(b"a1", early.to_bytes())}
    assert len(audit(cluster.engine)) == 3
