"""The ledger's arithmetic, and the ledger on a real broker and database."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaAdminClient
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from responders.store import letters, migrate, outbox, progress, seen
from schemas import DeadLetter
from schemas.tables import PartitionProgress
from streams.kafka.brokers import Broker, OffsetRange, create_topics, reliable_producer
from streams.kafka.topics import SENTIMENT, USAGE, TopicSpec
from streams.operate.ledger import (
    RELAY,
    Balance,
    ledger,
    outbox_balance,
    partition_balance,
    total_gap,
    total_in_flight,
    with_counted_rows,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
counts = st.integers(0, 50)


def progress_row(
    first: int, fates: tuple[int, int, int, int], *, lost: int = 0, holes: int = 0
) -> PartitionProgress:
    effects, duplicates, late, dead_letters = fates
    return PartitionProgress(
        consumer_group="g",
        topic="t",
        partition=0,
        first_offset=first,
        next_offset=first + sum(fates) + lost + holes,
        effects=effects,
        duplicates=duplicates,
        late=late,
        dead_letters=dead_letters,
        holes=holes,
        updated_at=NOW,
    )


def holds(balance: Balance) -> bool:
    return balance.inputs == sum(balance.numbers()[1:]) and min(balance.as_dict().values()) >= 0


@given(
    begin=counts,
    length=counts,
    first=counts,
    fates=st.tuples(counts, counts, counts, counts),
    lost=st.integers(-50, 50),
    holes=counts,
    rows=st.tuples(counts, counts),
)
def test_the_equation_holds_and_nothing_is_negative_for_any_offsets_and_rows(
    *,
    begin: int,
    length: int,
    first: int,
    fates: tuple[int, int, int, int],
    lost: int,
    holes: int,
    rows: tuple[int, int],
) -> None:
    row = progress_row(first, fates, lost=lost, holes=holes)
    balance = partition_balance(OffsetRange(begin, begin + length), row)
    assert holds(balance)
    checked = with_counted_rows(balance, effects=rows[0], dead_letters=rows[1])
    assert holds(checked)
    agree = rows == (balance.effects, balance.dead_letters)
    assert (checked.gap == balance.gap) == agree


@given(first=counts, fates=st.tuples(counts, counts, counts, counts), waiting=counts, holes=counts)
def test_a_partition_whose_offsets_all_have_a_fate_or_are_holes_has_no_gap(
    first: int, fates: tuple[int, int, int, int], waiting: int, holes: int
) -> None:
    row = progress_row(first, fates, holes=holes)
    balance = partition_balance(OffsetRange(first, row.next_offset + waiting), row)
    effects, duplicates, late, dead_letters = fates
    assert balance == Balance(
        sum(fates) + waiting,
        effects=effects,
        dead_letters=dead_letters,
        dropped=duplicates + late,
        in_flight=waiting,
        holes=holes,
    )


def test_an_unclaimed_partition_is_in_flight() -> None:
    assert partition_balance(OffsetRange(3, 10), None) == Balance(7, in_flight=7)


def test_records_that_expired_after_they_were_handled_are_no_gap() -> None:
    row = progress_row(0, (10, 0, 0, 0))
    assert partition_balance(OffsetRange(8, 12), row) == Balance(12, effects=10, in_flight=2)


def test_offsets_that_expired_unread_are_holes_before_and_after_a_worker_skips_them() -> None:
    row = progress_row(0, (10, 0, 0, 0))
    assert partition_balance(OffsetRange(14, 20), row) == Balance(16, effects=10, in_flight=6, holes=4)
    passed = progress_row(0, (10, 0, 0, 0), holes=4)
    assert partition_balance(OffsetRange(14, 20), passed) == Balance(16, effects=10, in_flight=6, holes=4)


def test_records_before_the_first_handled_record_are_a_gap() -> None:
    row = progress_row(5, (10, 0, 0, 0))
    assert partition_balance(OffsetRange(0, 15), row) == Balance(15, effects=10, gap=5)


def test_an_offset_that_moved_without_a_fate_is_a_gap() -> None:
    row = progress_row(0, (10, 0, 0, 0), lost=3)
    assert partition_balance(OffsetRange(0, 13), row) == Balance(13, effects=10, gap=3)


def test_a_topic_created_again_is_a_gap_even_while_it_is_empty() -> None:
    row = progress_row(0, (10, 0, 0, 0))
    assert partition_balance(OffsetRange(0, 0), row).gap == 10
    assert partition_balance(OffsetRange(0, 9), row).gap == 10


def test_a_record_without_a_fate_is_a_gap_among_holes_too() -> None:
    row = progress_row(0, (10, 0, 0, 0), holes=7, lost=2)
    assert partition_balance(OffsetRange(0, 19), row) == Balance(12, effects=10, gap=2, holes=7)


def test_a_missing_row_and_a_surplus_row_do_not_cancel_out() -> None:
    said = Balance(10, effects=8, dead_letters=2)
    assert with_counted_rows(said, effects=7, dead_letters=3).gap == 2


def test_outbox_rows_that_were_published_twice_are_no_gap() -> None:
    assert outbox_balance(5, 5, on_broker=7) == Balance(5, effects=5)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def specs(broker: str) -> tuple[TopicSpec, ...]:
    """Two topics for this test only: one that a group reads, one that only the relay writes."""
    name = f"ledger-{uuid.uuid4().hex}"
    specs = (TopicSpec(name, "Ticket", (SENTIMENT,), 1), TopicSpec(f"{name}-out", "Draft", (), 1))
    create_topics(Broker(broker), partitions=2, replication=1, specs=specs)
    return specs


def send(broker: str, topic: str, count: int) -> None:
    producer = reliable_producer(Broker(broker))
    for number in range(count):
        producer.send(topic, key=str(number).encode(), value=b"{}", partition=number % 2)
    producer.flush()
    producer.close()


def handle(engine: Engine, topic: str, *, group: str = SENTIMENT, effects: int, dead: int, late: int) -> None:
    """Write the rows that the pipeline writes for partition 0, records from offset 0 on."""
    place = progress.Place(group, topic, 0)
    total = effects + dead + late
    with Session(engine) as session, session.begin():
        epoch = progress.claim(session, place, first_offset=0, owner="test", now=NOW).epoch
        sightings = [seen.Sighting(f"e{i}", b"", topic, 0, i) for i in range(effects)]
        seen.mark_seen(session, group, sightings, now=NOW)
        letters.save_letters(session, [letter(group, topic, effects + i) for i in range(dead)])
        step = progress.Advance(
            epoch=epoch,
            expected_offset=0,
            next_offset=total,
            effects=effects,
            duplicates=0,
            late=late,
            dead_letters=dead,
        )
        assert progress.advance(session, place, step, now=NOW)


def letter(group: str, topic: str, offset: int) -> DeadLetter:
    return DeadLetter(
        letter_id=f"{topic}-{offset}",
        consumer_group=group,
        topic=topic,
        partition=0,
        offset=offset,
        timestamp_ms=0,
        key=None,
        value=b"{",
        reason="broken_json",
        error="not JSON",
        attempts=1,
        build="test",
        created_at=NOW,
    )


def test_on_a_real_broker_every_record_is_counted_in_its_place(
    broker: str, engine: Engine, specs: tuple[TopicSpec, ...]
) -> None:
    topic, output = specs[0].name, specs[1].name
    send(broker, topic, 20)
    assert ledger(engine, Broker(broker), specs)[topic].balance == Balance(20, in_flight=20)

    handle(engine, topic, effects=5, dead=2, late=1)
    books = ledger(engine, Broker(broker), specs)
    assert books[topic].groups[SENTIMENT] == Balance(20, effects=5, dead_letters=2, dropped=1, in_flight=12)
    assert books[output].balance == Balance()
    assert (total_gap(books), total_in_flight(books)) == (0, 12)


def test_the_outbox_of_a_topic_is_compared_with_the_records_of_the_broker(
    broker: str, engine: Engine, specs: tuple[TopicSpec, ...]
) -> None:
    output = specs[1].name
    with Session(engine) as session, session.begin():
        outbox.enqueue(session, [outbox.Outgoing(output, b"k", b"v") for _ in range(3)], now=NOW)
    assert ledger(engine, Broker(broker), specs)[output].groups[RELAY] == Balance(3, in_flight=3)

    send(broker, output, 1)
    with Session(engine) as session, session.begin():
        rows = outbox.pending_rows(session, outbox.shard_of(b"k"), limit=2)
        outbox.mark_sent(session, [row.outbox_id for row in rows if row.outbox_id], now=NOW)
    assert ledger(engine, Broker(broker), specs)[output].balance == Balance(3, effects=1, in_flight=1, gap=1)


@pytest.mark.parametrize("table", ["seen", "dead_letters"])
def test_a_deleted_row_shows_as_a_gap(
    broker: str, engine: Engine, specs: tuple[TopicSpec, ...], table: str
) -> None:
    send(broker, specs[0].name, 14)
    handle(engine, specs[0].name, effects=5, dead=2, late=0)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE record_offset IN (4, 5)")
    books = ledger(engine, Broker(broker), specs)
    assert books[specs[0].name].balance.gap == 1
    assert total_gap(books) == 1


def test_a_group_whose_state_removes_duplicates_is_not_asked_for_dedupe_rows(
    broker: str, engine: Engine, specs: tuple[TopicSpec, ...]
) -> None:
    spec = TopicSpec(specs[0].name, "UsageEvent", (USAGE,), 1)
    send(broker, spec.name, 8)
    handle(engine, spec.name, group=USAGE, effects=4, dead=0, late=0)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM seen")
    assert ledger(engine, Broker(broker), [spec])[spec.name].balance == Balance(8, effects=4, in_flight=4)


def test_a_deleted_topic_is_a_gap(broker: str, engine: Engine, specs: tuple[TopicSpec, ...]) -> None:
    send(broker, specs[0].name, 10)
    handle(engine, specs[0].name, effects=5, dead=0, late=0)
    admin = KafkaAdminClient(bootstrap_servers=[broker])
    admin.delete_topics([specs[0].name])
    admin.close()
    assert ledger(engine, Broker(broker), specs)[specs[0].name].balance.gap == 5
