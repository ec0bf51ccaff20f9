"""The state of one account beside its open hours, and the hours that are to be judged next."""

from typing import Annotated, Final, NamedTuple

import msgspec

from detectors.usage.counts.rows import HOURS

ALL_HOURS: Final = (1 << HOURS) - 1

_Hour = Annotated[int, msgspec.Meta(ge=-1, le=2**40)]


class UsageAccount(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One account between two closings; every change makes a new record.

    Hours count from 1970 in UTC. A day of the account begins `turn` hours after midnight. `counts` holds one
    packed row per series, activity first and then `kinds`; `failures` holds one row.
    """

    account_id: str
    next_hour: _Hour = -1
    """The first hour that is not judged; -1 while the account sleeps."""
    born: _Hour = -1
    last_event: _Hour = -1
    events: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0
    turn: Annotated[int, msgspec.Meta(ge=0, lt=HOURS)] = 0
    stops: Annotated[int, msgspec.Meta(ge=0, le=ALL_HOURS)] = ALL_HOURS
    """One bit per hour of the day: set where a bucket ends although nothing happened."""
    is_coarse: bool = False
    """True if buckets end at `stops` only, and not after each hour with events."""
    is_part: bool = False
    """True if the open day is a part of one, from which nothing is learned."""
    segment: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    odd_until: tuple[_Hour, _Hour, _Hour] = (-1, -1, -1)
    """Per side of `budget.CAUSES`: the last hour at which it was beyond its threshold."""
    low_since: _Hour = -1
    """When the present fall was reported first, and in `low_told` last; -1 if none was reported."""
    low_told: _Hour = -1
    kinds: tuple[str, ...] = ()
    counts: bytes = b""
    failures: bytes = b""


class Pull(NamedTuple):
    """The hours from `first` to `stop` with their counts in millionths, and the last hour with an event."""

    first: int
    stop: int
    kinds: dict[str, int]
    failed: int
    events: int
    last_event: int
