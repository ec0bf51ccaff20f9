"""How far the partitions of usage have come, as the usage group stored it."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from responders.store.signals import load_live_states
from schemas.base import EPOCH
from streams.kafka.topics import USAGE, USAGE_EVENTS
from streams.usage.sealing import WATERMARK_KEY, clock_of

LIVE: Final = timedelta(seconds=30)
"""A partition that stored nothing for so long on the wall clock is idle, and nobody waits for it. By hand."""

QUIET: Final = timedelta(minutes=75)
"""The same for the hours of a partition whose clock is near the wall clock. By hand: use may come hourly."""

NEAR: Final = timedelta(hours=4)
"""Time behind the wall clock up to which a clock is that of live use, and not of a recording. By hand."""

MOST_BEHIND: Final = timedelta(days=9)
"""Event time behind the partition that is furthest after which the hours of another are not waited for. By
hand: outages are remembered for as long."""


def slowest_clock(session: Session, *, now: datetime) -> datetime | None:
    """Return the event time of the partition of usage that is least far, of those that make progress.

    None if no partition made progress lately. A stored clock that cannot be read counts as idle: the usage
    group sets it aside.
    """
    states = load_live_states(session, USAGE_EVENTS, group=USAGE, account_id=WATERMARK_KEY, since=now - LIVE)
    clocks = [clock for state, _ in states if (clock := _readable(state)) is not None]
    return min(clocks, default=None)


def hours_clock(session: Session, *, now: datetime) -> datetime | None:
    """Return the event time up to which the hours of all partitions are handed over, or None.

    A partition that was claimed lately and has not told its clock yet is waited for, so that no hour is
    judged by the partition that begins first. Live use may be quiet for longer than a recording. A partition
    far behind, such as one that fills up old use, holds the others back by MOST_BEHIND at most.
    """
    states = load_live_states(session, USAGE_EVENTS, group=USAGE, account_id=WATERMARK_KEY, since=now - QUIET)
    if any(state is None and now - moved_at <= LIVE for state, moved_at in states):
        return None
    told = [(clock, moved_at) for state, moved_at in states if (clock := _readable(state)) is not None]
    awaited = [clock for clock, moved_at in told if _is_awaited(clock, moved_at, now)]
    return max(min(awaited), max(clock for clock, _ in told) - MOST_BEHIND) if awaited else None


def _is_awaited(clock: datetime, moved_at: datetime, now: datetime) -> bool:
    return now - moved_at <= LIVE or now - clock < NEAR


def _readable(state: bytes | None) -> datetime | None:
    """Return a stored clock; None if it cannot be read, or if nothing in the partition was readable yet."""
    try:
        clock = EPOCH if state is None else clock_of(state)
    except ValueError:
        return None
    return clock if clock > EPOCH else None
