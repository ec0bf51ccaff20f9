"""How far the slowest partition of usage has come, read from what the usage group stored."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from responders.store.signals import save_detector_states
from schemas.base import EPOCH
from schemas.tables import PartitionProgress
from streams.kafka.topics import CHURN, USAGE, USAGE_EVENTS
from streams.usage.clocks import LIVE, MOST_BEHIND, QUIET, hours_clock, slowest_clock
from streams.usage.sealing import WATERMARK_KEY, seal_clock
from tests.streams.support.samples import WHEN


def stored(tables: Engine, number: int, *, hours: int, idle: timedelta, group: str = USAGE) -> None:
    """Store a partition whose clock is `hours` after WHEN and that made progress `idle` before WHEN."""
    progress = PartitionProgress(
        consumer_group=group, topic=USAGE_EVENTS, partition=number, updated_at=WHEN - idle
    )
    clock = seal_clock(WHEN + timedelta(hours=hours))
    with Session(tables) as session, session.begin():
        session.add(progress)
        save_detector_states(session, USAGE_EVENTS, {(number, WATERMARK_KEY): clock})


def slowest(tables: Engine) -> timedelta | None:
    with Session(tables) as session:
        found = slowest_clock(session, now=WHEN)
    return None if found is None else found - WHEN


def test_the_slowest_partition_that_makes_progress_counts(tables: Engine) -> None:
    stored(tables, 0, hours=9, idle=timedelta(0))
    stored(tables, 1, hours=5, idle=LIVE / 2)
    assert slowest(tables) == timedelta(hours=5)


def test_a_partition_that_is_idle_or_of_another_group_does_not_count(tables: Engine) -> None:
    stored(tables, 0, hours=1, idle=2 * LIVE)
    stored(tables, 1, hours=2, idle=timedelta(0), group=CHURN)
    assert slowest(tables) is None


def test_a_clock_that_cannot_be_read_does_not_count(tables: Engine) -> None:
    stored(tables, 0, hours=7, idle=timedelta(0))
    stored(tables, 1, hours=3, idle=timedelta(0))
    with Session(tables) as session, session.begin():
        save_detector_states(session, USAGE_EVENTS, {(1, WATERMARK_KEY): b"damaged"})
    assert slowest(tables) == timedelta(hours=7)


def hours_reach(tables: Engine) -> timedelta | None:
    with Session(tables) as session:
        found = hours_clock(session, now=WHEN)
    return None if found is None else found - WHEN


def claimed(tables: Engine, number: int, *, ago: timedelta) -> None:
    """Claim a partition that has not told its clock yet."""
    progress = PartitionProgress(
        consumer_group=USAGE, topic=USAGE_EVENTS, partition=number, updated_at=WHEN - ago
    )
    with Session(tables) as session, session.begin():
        session.add(progress)


def test_no_hour_is_complete_before_all_claimed_partitions_have_told_their_clock(tables: Engine) -> None:
    stored(tables, 0, hours=-500, idle=timedelta(0))
    claimed(tables, 1, ago=LIVE / 2)
    assert hours_reach(tables) is None
    stored(tables, 2, hours=-400, idle=timedelta(0))
    assert hours_reach(tables) is None


def test_a_partition_without_any_use_is_not_waited_for_long(tables: Engine) -> None:
    stored(tables, 0, hours=-500, idle=timedelta(0))
    claimed(tables, 1, ago=2 * LIVE)
    assert hours_reach(tables) == timedelta(hours=-500)


def test_an_idle_partition_of_a_recording_does_not_hold_up_the_hours_of_the_others(tables: Engine) -> None:
    stored(tables, 0, hours=-500, idle=timedelta(0))
    stored(tables, 1, hours=-900, idle=2 * LIVE)
    assert hours_reach(tables) == timedelta(hours=-500)


def test_a_partition_of_live_use_may_be_quiet_for_an_hour(tables: Engine) -> None:
    stored(tables, 0, hours=0, idle=timedelta(0))
    stored(tables, 1, hours=-1, idle=timedelta(minutes=60))
    assert hours_reach(tables) == timedelta(hours=-1)
    stored(tables, 2, hours=-2, idle=QUIET + LIVE)
    assert hours_reach(tables) == timedelta(hours=-1)


def test_a_partition_in_which_nothing_was_readable_holds_no_hours_back(tables: Engine) -> None:
    stored(tables, 0, hours=7, idle=timedelta(0))
    stored(tables, 1, hours=0, idle=timedelta(0))
    with Session(tables) as session, session.begin():
        save_detector_states(session, USAGE_EVENTS, {(1, WATERMARK_KEY): seal_clock(EPOCH)})
    assert hours_reach(tables) == timedelta(hours=7)


def test_a_partition_that_stays_far_behind_holds_the_hours_back_for_days_at_most(tables: Engine) -> None:
    stored(tables, 0, hours=7, idle=timedelta(0))
    stored(tables, 1, hours=-24 * 400, idle=timedelta(0))
    assert hours_reach(tables) == timedelta(hours=7) - MOST_BEHIND
