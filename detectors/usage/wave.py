"""One bucket of each of many accounts, as arrays: what goes into a judgement and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from detectors.usage.account import Pull, UsageAccount
from detectors.usage.counts import failures, judging, learning
from detectors.usage.counts.absence import AbsenceHabits
from detectors.usage.counts.cohort import HourShares
from detectors.usage.counts.judging import Passed
from detectors.usage.counts.rows import (
    CHART_DAYS,
    COUNTS,
    FAILURES,
    HOURS,
    WARM_UP_DAYS,
    WEEK,
    Bucket,
    Judgement,
    SeriesRows,
    fresh_counts,
    fresh_failures,
    shape_of,
)
from detectors.usage.intake import MICRO, MOST, OTHER

_NEW_ROW: Final = fresh_counts(1).tobytes()
_NEW_FAILURES: Final = fresh_failures(1).tobytes()


def prepared(account: UsageAccount, pull: Pull, max_kinds: int) -> UsageAccount:
    """Return the account with rows for its first bucket, and for kinds that it had not before."""
    kinds = account.kinds
    if len(kinds) < max_kinds:
        strange = sorted((-n, kind) for kind, n in pull.kinds.items() if kind not in kinds and kind != OTHER)
        kinds += tuple(kind for _, kind in strange[: max_kinds - len(kinds)])
    if account.next_hour >= 0 and len(kinds) == len(account.kinds):
        return account
    new = len(kinds) - len(account.kinds) + (not account.counts)
    return msgspec.structs.replace(
        account,
        born=pull.first if account.next_hour < 0 else account.born,
        kinds=kinds,
        counts=account.counts + _NEW_ROW * new,
        failures=account.failures or _NEW_FAILURES,
    )


@dataclass
class Wave:
    """The rows of many accounts and the bucket of each; the places of account i are `starts[i]` and on."""

    accounts: tuple[UsageAccount, ...]
    pulls: Sequence[Pull]
    counts: SeriesRows
    failures: SeriesRows
    owner: Any
    starts: Any
    day: Any
    slot: Any
    span: Any

    @classmethod
    def of(cls, accounts: Sequence[UsageAccount], pulls: Sequence[Pull]) -> "Wave":
        """Return the wave of prepared accounts; nothing of theirs is shared."""
        sizes = np.array([1 + len(account.kinds) for account in accounts])
        stop = np.array([pull.stop for pull in pulls])
        first = np.array([pull.first for pull in pulls])
        day, slot = judging.hours_of_day(stop, np.array([account.turn for account in accounts]))
        return cls(
            accounts=tuple(accounts),
            pulls=pulls,
            counts=np.frombuffer(b"".join([a.counts for a in accounts]), COUNTS).copy(),
            failures=np.frombuffer(b"".join([a.failures for a in accounts]), FAILURES).copy(),
            owner=np.repeat(np.arange(len(accounts)), sizes),
            starts=np.cumsum(sizes) - sizes,
            day=day,
            slot=slot,
            span=stop - first + 1,
        )

    def weekday(self) -> Any:
        """Return the weekday of each account's day; Monday is 0."""
        return (self.day + 3) % WEEK

    def judge(self, habits: AbsenceHabits) -> "WaveVerdict":
        """Count the buckets and judge them by the past before them."""
        amounts = _amounts(self.accounts, self.pulls)
        bucket = Bucket(self.slot[self.owner], self.span[self.owner], amounts)
        working = learning.is_working(self.counts, self.weekday()[self.owner])
        passed = judging.passed_by(self.counts, working, bucket)
        judging.count_bucket(self.counts, bucket, passed)
        of_row = AbsenceHabits(*(part[self.owner] for part in habits))
        found = judging.judge(self.counts, passed, of_row)
        failed = np.array([min(pull.failed, MOST) / MICRO for pull in self.pulls])
        tries = failed + amounts[self.starts]
        failures.count_failures(self.failures, Bucket(self.slot, self.span, failed), tries)
        surge = failures.judge_failures(self.failures, self.slot, failed)
        activity = Passed(*(part[self.starts] for part in passed))
        hour = np.array([pull.stop for pull in self.pulls])
        shares = judging.hour_shares(self.counts[self.starts], activity, hour, amounts[self.starts])
        return WaveVerdict(found, surge, shares)

    def rows_of(self, place: int) -> SeriesRows:
        """Return the rows of one account."""
        start = self.starts[place]
        return self.counts[start : start + 1 + len(self.accounts[place].kinds)]


class WaveVerdict(NamedTuple):
    """Judgements of the counts and of the failures, and what the bucket of each account tells of others."""

    counts: Judgement
    failures: Judgement
    shares: HourShares


def _amounts(accounts: Sequence[UsageAccount], pulls: Sequence[Pull]) -> Any:
    flat: list[int] = []
    for account, pull in zip(accounts, pulls, strict=True):
        kinds = pull.kinds
        flat.append(min(sum(kinds.values()), MOST))
        flat += [min(kinds.get(kind, 0), MOST) for kind in account.kinds]
    return np.array(flat) / MICRO


def plan_of_day(activity: SeriesRows, weekday: Any) -> tuple[Any, Any]:
    """Return (stops, is coarse) of the day that begins, one per account, from its row of activity.

    A busy account is judged each hour, except for hours that expect nothing; a quiet account every 3, 6 or 24
    hours, because a bucket with hardly an event tells hardly anything. In the first week every hour ends a
    bucket, so that the hours are learned.
    """
    level = activity["level"].astype("f8")
    width = np.select([level >= 60.0, level >= 12.0, level >= 3.0], [1, 3, 6], 24)
    width = np.where(activity["age"] < WARM_UP_DAYS, 1, width)
    slots = np.arange(HOURS)
    ends = (slots[None, :] + 1) % width[:, None] == 0
    shape = shape_of(activity, learning.is_working(activity, weekday))
    expects = (shape * activity["due"][:, None] >= 0.05) | (activity["age"] < WARM_UP_DAYS)[:, None]
    ends &= expects | (width > 1)[:, None]
    ends[:, HOURS - 1] = True
    return ends @ (1 << slots), width > 1


YOUNG_DAYS: Final = 3
"""Days closed after which the beginning of the day is chosen. Chosen by hand."""

_QUIET: Final = 0.15
"""Share of a day up to which six hours are quiet; an even day has 0.25 in them. Chosen by hand."""

_TELLING_DAYS: Final = 2
"""Days with events from which the quiet hours of an account are known. Chosen by hand."""


def may_turn(activity: SeriesRows, day: Any) -> Any:
    """Return whose beginning of the day is chosen now: once, at two days with events, after `YOUNG_DAYS`.

    `day` is the day that ended.
    """
    known = np.count_nonzero(activity["days"] > 0.0, axis=1)
    before = known - (activity["days"][np.arange(len(activity)), day % CHART_DAYS] > 0.0)
    age = activity["age"]
    first_time = (age == YOUNG_DAYS) | ((age > YOUNG_DAYS) & (before < _TELLING_DAYS))
    return (known >= _TELLING_DAYS) & first_time & (age < CHART_DAYS)


def turn_of(activity: SeriesRows, turn: int) -> int:
    """Return at which hour after midnight UTC the days of an account begin: in its quietest six hours.

    `activity` is its one row, with days that begin at `turn`. So nobody needs to know its time zone.
    Returns `turn` if it lies in quiet hours already, or if no hours are quiet.

    >>> row = fresh_counts(1)
    >>> row["shape"][0, 1] = np.roll(np.repeat([0.0, 1 / 12], 12), 6)
    >>> turn_of(row, 0)
    9
    """
    shape = activity["shape"][0].astype("f8")[1]
    window = np.array([shape[np.arange(at, at + 6) % HOURS].sum() for at in range(HOURS)])
    at_turn = shape[np.arange(-2, 2) % HOURS].sum()
    quietest = int(np.argmin(window))
    if window[quietest] > _QUIET * shape.sum() or at_turn <= window[quietest] + 0.03:
        return turn
    return (turn + quietest + 3) % HOURS
