"""The owner, next offset and pause of a partition, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from responders.store import migrate, progress, signals
from responders.store.progress import Advance, Claimed, Place

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
PLACE = Place("sentiment", "support.tickets", 3)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    migrate.upgrade(database_url)
    engine: Engine = create_engine(database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def claim(session: Session, place: Place = PLACE, *, owner: str = "one") -> Claimed:
    return progress.claim(session, place, first_offset=10, owner=owner, now=NOW)


def test_a_claim_raises_the_epoch_and_starts_at_the_last_owners_next_offset(session: Session) -> None:
    assert claim(session) == Claimed(epoch=1, next_offset=10, paused=False)
    step = Advance(1, 10, 12, effects=2, duplicates=0, late=0, dead_letters=0)
    assert progress.advance(session, PLACE, step, now=NOW)
    assert claim(session, owner="two") == Claimed(epoch=2, next_offset=12, paused=False)


def test_only_the_owner_pauses_a_partition(session: Session) -> None:
    old, owner = claim(session).epoch, claim(session, owner="two").epoch
    assert not progress.pause(session, PLACE, epoch=old, reason="too old", now=NOW)
    assert progress.paused_places(session, PLACE.group, PLACE.topic) == {}
    assert progress.pause(session, PLACE, epoch=owner, reason="20 in a row", now=NOW)
    assert progress.paused_places(session, PLACE.group, PLACE.topic) == {3: "20 in a row"}


def test_a_pause_remains_after_a_new_claim_and_affects_only_its_partition(session: Session) -> None:
    others = [Place("sentiment", PLACE.topic, 4), Place("drafting", PLACE.topic, 3)]
    for place in (PLACE, *others):
        claim(session, place)
    progress.pause(session, PLACE, epoch=1, reason="broken", now=NOW)
    assert claim(session, owner="two") == Claimed(epoch=2, next_offset=10, paused=True)
    assert not any(claim(session, place).paused for place in others)


def test_a_pause_of_an_unclaimed_partition_is_refused(session: Session) -> None:
    assert not progress.pause(session, PLACE, epoch=1, reason="x", now=NOW)


def test_resuming_clears_the_pause_and_returns_the_partition_once(session: Session) -> None:
    claim(session)
    progress.pause(session, PLACE, epoch=1, reason="broken", now=NOW)
    resumed = progress.resume(session, group=None, topic=None, partition=None, now=LATER)
    assert resumed == [PLACE]
    (row,) = progress.all_progress(session)
    assert (row.paused_at, row.paused_reason, row.next_offset, row.epoch) == (None, None, 10, 1)
    assert progress.resume(session, group=None, topic=None, partition=None, now=LATER) == []
    assert not claim(session).paused


@pytest.mark.parametrize(
    ("group", "topic", "partition", "numbers"),
    [
        ("sentiment", None, None, [("sentiment", 1), ("sentiment", 2)]),
        ("sentiment", PLACE.topic, 2, [("sentiment", 2)]),
        (None, None, 1, [("drafting", 1), ("sentiment", 1)]),
        ("churn", None, None, []),
        (None, "elsewhere", None, []),
    ],
)
def test_only_partitions_that_match_every_filter_are_resumed(
    session: Session,
    group: str | None,
    topic: str | None,
    partition: int | None,
    numbers: list[tuple[str, int]],
) -> None:
    places = [Place("sentiment", PLACE.topic, 1), Place("sentiment", PLACE.topic, 2)]
    for place in (*places, Place("drafting", PLACE.topic, 1)):
        claim(session, place)
        progress.pause(session, place, epoch=1, reason="broken", now=NOW)
    resumed = progress.resume(session, group=group, topic=topic, partition=partition, now=LATER)
    assert [(place.group, place.partition) for place in resumed] == numbers
    left = sum(
        len(progress.paused_places(session, group, PLACE.topic)) for group in ("sentiment", "drafting")
    )
    assert left == 3 - len(numbers)


def test_unreadable_states_are_moved_with_their_bytes(session: Session) -> None:
    signals.save_detector_states(session, "usage", {(0, "a"): b"a0", (0, "b"): b"b0", (1, "a"): b"a1"})
    signals.set_aside_states(session, "usage", 0, {"a": (b"a0", "wrong checksum")}, now=NOW)
    signals.set_aside_states(session, "usage", 0, {"a": (b"a0", "wrong checksum")}, now=LATER)
    assert dict(signals.load_detector_states(session, "usage", 0)) == {"b": b"b0"}
    assert dict(signals.load_detector_states(session, "usage", 1)) == {"a": b"a1"}
    kept = session.execute(text("SELECT account_id, state, error, found_at FROM corrupt_states")).all()
    assert sorted((account, bytes(state), error, found) for account, state, error, found in kept) == [
        ("a", b"a0", "wrong checksum", NOW),
        ("a", b"a0", "wrong checksum", LATER),
    ]


def test_moving_no_states_changes_nothing(session: Session) -> None:
    signals.set_aside_states(session, "usage", 0, {}, now=NOW)
    assert session.execute(text("SELECT count(*) FROM corrupt_states")).scalar_one() == 0
