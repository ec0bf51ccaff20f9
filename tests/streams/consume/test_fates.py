"""One transaction: effects, dedupe rows, dead letters, outbox and offsets together, or nothing at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import letters as letter_store
from responders.store import progress, seen
from schemas import DeadLetter
from streams.consume import Dropped, Failed, Fenced
from streams.consume.fates import FateCounts, Fates, FateWriter, effects_of
from streams.consume.partitions import OwnedPartition, PartitionBatch
from tests.streams.support.rig import GROUP, TOPIC, Doubling, Number, Record, Rig, value

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MEGABYTE = 1_048_576


def claimed(engine: Engine, partition: int = 0) -> OwnedPartition:
    place = progress.Place(GROUP, TOPIC, partition)
    with Session(engine) as session, session.begin():
        claim = progress.claim(session, place, first_offset=0, owner="me", now=NOW)
    return OwnedPartition(partition, 1, claim.epoch, claim.next_offset)


def work(lane: OwnedPartition, *numbers: int, ids: dict[int, str] | None = None) -> PartitionBatch:
    start = lane.next_offset
    records = [Record(start + place, value(number), lane.partition) for place, number in enumerate(numbers)]
    items = [Number((ids or {}).get(place, f"n{number}"), number) for place, number in enumerate(numbers)]
    return PartitionBatch(lane, list(records), list(zip(records, items, strict=True)))


def write(engine: Engine, part: PartitionBatch, outcomes: list[Any]) -> Fates:
    part.outcomes = outcomes
    with Session(engine) as session, session.begin():
        (fates,) = FateWriter(Doubling(), "b1").write(session, [part], None, now=NOW)
    return fates


def test_each_outcome_is_counted_under_its_name(engine: Engine) -> None:
    part = work(claimed(engine), 1, 2, 3, 4, 1)
    outcomes = [2, Dropped("late"), Dropped("duplicate"), Failed("invalid_record", "why"), 2]
    written = write(engine, part, outcomes)
    assert written.counts == FateCounts(effects=1, duplicates=2, late=1, dead_letters=1)
    assert [failed.reason for _, failed in written.failures] == ["invalid_record"]
    assert written.effects == [(Number("n1", 1), 2)]
    (row,) = Rig(engine).rows("SELECT next_offset, effects, duplicates, late FROM partition_progress")
    assert row == (5, 1, 2, 1)


def test_an_older_epoch_writes_nothing_at_all(engine: Engine) -> None:
    old = claimed(engine)
    claimed(engine)
    part = work(old, 1, 2)
    with pytest.raises(Fenced):
        write(engine, part, [2, Failed("invalid_record", "why")])
    rig = Rig(engine)
    for table in ("doubled", "seen", "dead_letters", "outbox"):
        assert rig.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert rig.rows("SELECT next_offset, epoch FROM partition_progress") == [(0, 2)]


def test_a_write_from_another_offset_than_sql_knows_is_refused(engine: Engine) -> None:
    lane = claimed(engine)
    write(engine, work(lane, 1), [2])
    with pytest.raises(Fenced):
        write(engine, work(lane, 2), [4])
    assert Rig(engine).doubled() == [1]


def test_a_dead_letter_keeps_every_byte_and_its_source(engine: Engine) -> None:
    lane = claimed(engine)
    record = Record(0, b"\x00\xff", key=None, headers=(("h", b"\xfe"),))
    failed = Failed("broken_json", "e" * 5_000)
    part = PartitionBatch(lane, [record], failures=[(record, failed)])
    write(engine, part, [])
    with Session(engine) as session:
        (row,) = letter_store.list_letters(session)
        letter = letter_store.to_letter(row)
    assert (letter.value, letter.key, letter.headers) == (b"\x00\xff", None, (("h", b"\xfe"),))
    assert (letter.consumer_group, letter.topic, letter.offset, letter.build) == (GROUP, TOPIC, 0, "b1")
    assert len(letter.error) == 1_000
    ((topic, key, published, headers),) = Rig(engine).rows("SELECT topic, key, value, headers FROM outbox")
    assert topic == "rapport.dead-letters"
    assert bytes(key) == letter.letter_id.encode()
    assert DeadLetter.model_validate_json(bytes(published)) == letter
    assert dict(headers)["dlq.source.offset"] == "0"


def test_a_letter_too_large_for_its_topic_is_published_without_the_bytes_that_sql_keeps(
    engine: Engine,
) -> None:
    lane = claimed(engine)
    record = Record(0, b"x" * 990_000, key=b"account")
    part = PartitionBatch(lane, [record], failures=[(record, Failed("broken_json", "e"))])
    write(engine, part, [])
    ((key, published, headers),) = Rig(engine).rows("SELECT key, value, headers FROM outbox")
    assert len(bytes(key)) + len(bytes(published)) < MEGABYTE
    assert DeadLetter.model_validate_json(bytes(published)).value is None
    assert dict(headers)["dlq.bytes"] == "in the database only"
    assert Rig(engine).rows("SELECT length(value), key FROM dead_letters") == [(990_000, b"account")]


def test_thousands_of_letters_and_dedupe_rows_fit_one_transaction(engine: Engine) -> None:
    """PostgreSQL takes 65,535 parameters per statement: 5,000 letters in a statement were always refused."""
    lane, count = claimed(engine), 4_200
    part = work(lane, *range(100, 100 + 2 * count))
    outcomes = [2] * count + [Failed("invalid_record", "why")] * count
    written = write(engine, part, outcomes)
    assert written.counts == FateCounts(effects=count, dead_letters=count)
    sightings = [seen.Sighting(f"many{n}", b"x" * 16, TOPIC, 0, n) for n in range(12_000)]
    with Session(engine) as session, session.begin():
        assert seen.mark_seen(session, "other", sightings, now=NOW) == set(range(12_000))
        assert seen.mark_seen(session, "other", sightings[:50], now=NOW) == set()


def test_an_id_seen_by_another_group_is_no_duplicate_here(engine: Engine) -> None:
    sighting = seen.Sighting("n1", b"x" * 16, TOPIC, 0, 0)
    with Session(engine) as session, session.begin():
        seen.mark_seen(session, "someone else", [sighting], now=NOW)
    assert write(engine, work(claimed(engine), 1), [2]).counts == FateCounts(effects=1)


def test_two_partitions_of_one_batch_share_one_fate_of_an_id(engine: Engine) -> None:
    first, second = work(claimed(engine, 0), 1), work(claimed(engine, 1), 1)
    first.outcomes, second.outcomes = [2], [2]
    with Session(engine) as session, session.begin():
        written = FateWriter(Doubling(), "b1").write(session, [first, second], None, now=NOW)
    assert [fates.counts for fates in written] == [FateCounts(effects=1), FateCounts(duplicates=1)]
    assert effects_of(written) == [(Number("n1", 1), 2)]
