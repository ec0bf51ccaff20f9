"""How far the partitions of usage have come, as the usage group stored it."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from responders.store.signals import load_live_states
from streams.kafka.topics import USAGE, USAGE_EVENTS
from streams.usage.sealing import WATERMARK_KEY, clock_of

LIVE: Final = timedelta(seconds=30)
"""A partition that stored nothing for so long on the wall clock is idle, and nobody waits for it. By hand."""


def slowest_clock(session: Session, *, now: datetime) -> datetime | None:
    """Return the event time of the partition of usage that is least far, of those that make progress.

    None if no partition made progress lately. A stored clock that cannot be read counts as idle: the usage
    group sets it aside.
    """
    states = load_live_states(session, USAGE_EVENTS, group=USAGE, account_id=WATERMARK_KEY, since=now - LIVE)
    clocks = [clock for state in states if (clock := _readable(state)) is not None]
    return min(clocks, default=None)


def _readable(state: bytes) -> datetime | None:
    try:
        return clock_of(state)
    except ValueError:
        return None
