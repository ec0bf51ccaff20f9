"""Sending a spool to a real broker: which records arrive, in which order, and which are named as not sent."""

import csv
import os
import random
import signal
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaTimeoutError

from schemas import UsageEvent
from streams.embedded import EmbeddedKafka
from streams.ingest import (
    USAGE_KIND,
    IngestError,
    Instants,
    Play,
    RejectedRow,
    SourceFile,
    Spool,
    parse_columns,
    read_into,
    send,
)
from streams.ingest.sending import Sender, at_once
from streams.ingest.spool import EncodedRecord
from streams.kafka.brokers import Broker, TopicError, create_topics, reliable_producer
from streams.kafka.topics import TopicSpec
from tests.sockets import LEFT_OPEN, sweep
from tests.streams.support.command_errors import call, demand_sentence


def usage_source(path: Path) -> SourceFile:
    return SourceFile(path, parse_columns(USAGE_KIND.fields, [], []), Instants())


def refuse(wrong: RejectedRow) -> None:
    raise AssertionError(wrong)


@pytest.fixture
def topic(broker: str) -> str:
    name = f"ingest-{uuid.uuid4().hex}"
    create_topics(Broker(broker), partitions=4, replication=1, specs=[TopicSpec(name, "x", (), 1)])
    return name


def everything_on(broker: str, topic: str, *, count: int) -> list[Any]:
    consumer = KafkaConsumer(bootstrap_servers=[broker], auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, number) for number in range(4)])
    found: list[Any] = []
    while len(found) < count:
        batches = consumer.poll(timeout_ms=5_000)
        assert batches, f"only {len(found)} records arrived"
        found += [record for batch in batches.values() for record in batch]
    consumer.close()
    return found


def test_everything_arrives_once_in_time_order_per_account_and_in_the_usual_partition(
    broker: str, topic: str, tmp_path: Path
) -> None:
    path = tmp_path / "usage.csv"
    shuffled = random.Random(1)
    rows = [
        (f"account-{n % 37}", "task.labelled", 1_700_000_000 + shuffled.randrange(10**6))
        for n in range(3_000)
    ]
    with path.open("w", newline="") as target:
        csv.writer(target).writerows([("account_id", "kind", "occurred_at"), *rows])
    with Spool() as spool:
        read_into(spool, USAGE_KIND, usage_source(path), progress=lambda _: None, wrong=refuse)
        delivery = send(Broker(broker), topic, spool, Play(by_time=True))
    assert (delivery.acknowledged, delivery.unsent_lines) == (3_000, [])

    found = everything_on(broker, topic, count=3_000)
    events = [msgspec.json.decode(record.value, type=UsageEvent) for record in found]
    assert len({event.event_id for event in events}) == 3_000
    assert all(record.key.decode() == event.account_id for record, event in zip(found, events, strict=True))
    places: dict[str, set[int]] = {}
    latest: dict[str, datetime] = {}
    for record, event in zip(found, events, strict=True):
        places.setdefault(event.account_id, set()).add(record.partition)
        assert event.occurred_at >= latest.get(event.account_id, event.occurred_at)
        latest[event.account_id] = event.occurred_at
    assert all(len(partitions) == 1 for partitions in places.values())
    assert len(set.union(*places.values())) == 4


def test_a_topic_that_does_not_exist_is_refused_and_not_created(broker: str) -> None:
    with Spool() as spool, pytest.raises(TopicError, match="rapport topics create"):
        send(Broker(broker), f"no-{uuid.uuid4().hex}", spool, Play())


def test_a_record_larger_than_the_broker_takes_is_a_wrong_row_and_the_others_are_sent(
    broker: str, topic: str
) -> None:
    with Spool() as spool:
        for line, size in enumerate((10, 2_000_000, 10), start=2):
            spool.add(EncodedRecord(line, 0.0, b"k", b"v" * size))
        delivery = send(Broker(broker), topic, spool, Play())
    assert (delivery.acknowledged, [row.line for row in delivery.refused]) == (2, [3])


@pytest.fixture
def frail_kafka(service_folder: Path) -> Iterator[EmbeddedKafka]:
    """A separate broker for a test that kills it."""
    server = EmbeddedKafka(service_folder / "kafka")
    server.start()
    yield server
    if server.pid is not None:
        os.kill(server.pid, signal.SIGCONT)
    server.stop()
    sweep()


@LEFT_OPEN
def test_when_the_broker_falls_silent_unacknowledged_records_are_named(
    frail_kafka: EmbeddedKafka,
) -> None:
    broker = Broker(frail_kafka.start())
    create_topics(broker, partitions=1, replication=1, specs=[TopicSpec("t", "x", (), 1)])
    producer = reliable_producer(broker, delivery_timeout_seconds=2.0)
    records = [EncodedRecord(line, 0.0, b"k", b"v") for line in range(1, 41)]
    sender = Sender(producer, "t", partitions=1)
    sender.send_all(records[:20], pace=at_once, advance=lambda _: None)
    assert frail_kafka.pid is not None
    os.kill(frail_kafka.pid, signal.SIGSTOP)
    delivery = sender.send_all(records[20:], pace=at_once, advance=lambda _: None)
    producer.close(timeout=1)
    assert delivery.acknowledged == 20
    assert delivery.unsent_lines == list(range(21, 41))
    assert delivery.stopped_by is not None


class Answer:
    """A future that is done."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def get(self, timeout: float | None = None) -> None:
        if self._error is not None:
            raise self._error


class FailingProducer:
    """Takes every record and acknowledges the records before the first failure."""

    def __init__(self, fails_from: int) -> None:
        self.sent = 0
        self._fails_from = fails_from

    def send(self, topic: str, **_: object) -> Answer:
        self.sent += 1
        return Answer(KafkaTimeoutError() if self.sent >= self._fails_from else None)

    def flush(self, timeout: float | None = None) -> None:
        """Return at once: nothing is pending."""


def test_sending_stops_soon_after_the_first_failure_and_names_every_line_left() -> None:
    producer = FailingProducer(fails_from=101)
    records = [EncodedRecord(line, 0.0, b"k", b"v") for line in range(1, 100_001)]
    delivery = Sender(producer, "t", partitions=1).send_all(records, pace=at_once, advance=lambda _: None)
    assert delivery.acknowledged == 100
    assert delivery.unsent_lines == list(range(101, 100_001))
    assert producer.sent < 30_000


def test_an_interruption_still_counts_every_record() -> None:
    def interrupt(at: float) -> None:
        if at == 7:
            raise KeyboardInterrupt

    records = [EncodedRecord(line, float(line), b"k", b"v") for line in range(10)]
    sender = Sender(FailingProducer(fails_from=99), "t", partitions=1)
    delivery = sender.send_all(records, pace=interrupt, advance=lambda _: None)
    assert (delivery.acknowledged, delivery.unsent_lines) == (7, [7, 8, 9])
    assert delivery.stopped_by == "interrupted"


def test_a_file_that_cannot_be_used_is_named_and_the_disk_is_not_blamed() -> None:
    result = call("ingest", "tickets", "x" * 300, "--check")
    demand_sentence(result, "x" * 300, "File name too long")
    assert "temporary" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_at_the_very_end_is_reported_and_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Path("/dev/full").open("w+b"))
    with Spool() as spool:
        spool.add(EncodedRecord(1, 0.0, b"k", b"v"))
        with pytest.raises(IngestError, match=r"no room for the records .*Nothing was sent"):
            next(spool.records(by_time=False))
