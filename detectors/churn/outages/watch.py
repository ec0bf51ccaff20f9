"""The watch over the hours of all accounts: it judges one hour after the other and knows the outages.

An hour is judged once by the sums of all partitions. Each account gives one cut score, so that no account
decides alone; their mean is compared with its own past, which follows slowly: accounts that fall one by one
move what is usual, accounts that fall together do not.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple, Self

import numpy as np

from detectors.churn.outages.affected import Fall, fall_of, is_far_below, standing_of
from detectors.churn.outages.hour import AccountHours, joined
from detectors.churn.outages.usual import SUSPICIOUS, Usual
from detectors.usage.finding import ACTIVITY
from detectors.usage.policy import HOUR_SECONDS, UsagePolicy, moment
from schemas.base import Id, Record
from schemas.churn import Incident

LEAST_ACCOUNTS: Final = 20
"""Accounts whose hour tells something, below which no outage is sought. Chosen by hand."""

CLEAR: Final = -4.5
TWICE: Final = -3.5
"""Standard deviations of the mean score from which one hour, or two in a row, are an outage. Chosen by hand:
an hour of chance reaches the first once in 300,000; real hours share more than chance does."""

LEAST_SHARE: Final = 0.1
LEAST_LOST: Final = 0.05
"""Share of the accounts that an outage hits at least, and part of all use that it takes. Chosen by hand."""

RECENT_HOURS: Final = 6
"""Hours that are looked at again when an outage is found, and after which its accounts are fixed. By hand."""

MOST_HOURS: Final = 14 * 24
"""Hours after which an outage is over: by then detectors have learned another level. From the design."""

REMEMBERED_HOURS: Final = 216
"""Hours for which an outage that is over explains alerts: longer than the longest window of a detector."""

REVIEW_HOURS: Final = 24
"""Hours after the end of an outage in which an account must be back; else it has trouble of its own. From the
design."""

_MOST_OUTAGES: Final = 8
"""Outages that are remembered, the newest first; bounds the state. Chosen by hand."""

_MOST_BEHIND: Final = 50
"""Accounts that are noted as not back after an outage; bounds the state. Chosen by hand."""

_SLOTS: Final = 24
_MOST_ACCOUNTS: Final = 10_000
"""Accounts that an incident names at most, as in `schemas.churn.Incident`."""

_LATENESS: Final = timedelta(minutes=UsagePolicy().lateness_minutes)

Recall = Callable[[int], AccountHours | None]
"""Returns the use of an hour, None if nothing is known of it."""


class SharedOutage(Record):
    """A fall of many accounts from the hour `first` on; `until` is the first hour after it as far as known.

    `level` is what it left of their use. `is_reviewed` is true once it was asked who did not come back;
    `behind` has those who did not.
    """

    incident: Incident
    first: int
    until: int
    level: float
    is_over: bool = False
    is_reviewed: bool = False
    behind: tuple[Id, ...] = ()

    def is_due(self, hour: int) -> bool:
        """Return whether an hour is the first from which it can be asked who did not come back."""
        return self.is_over and not self.is_reviewed and hour + 1 >= self.until + REVIEW_HOURS

    def left(self, hour: int) -> float:
        """Return what it left of the use of an hour."""
        is_hit = self.first <= hour and (hour < self.until or not self.is_over)
        return self.level if is_hit else 1.0

    def with_account(self, account_id: str) -> "SharedOutage":
        """Return the outage with one more account that it hit."""
        known = self.incident.account_ids
        if account_id in known or len(known) >= _MOST_ACCOUNTS:
            return self
        return self._of(tuple(sorted((*known, account_id))))

    def over(self, until: int, still: frozenset[Id] = frozenset()) -> "SharedOutage":
        """Return the outage that ended before an hour; it no longer tells of accounts that are still down."""
        left = self._of(tuple(one for one in self.incident.account_ids if one not in still))
        incident = left.incident.model_copy(update={"ended_at": moment(until)})
        return left.model_copy(update={"incident": incident, "until": until, "is_over": True})

    def _of(self, account_ids: tuple[Id, ...]) -> "SharedOutage":
        before = self.incident
        share = min(1.0, before.share_of_accounts * len(account_ids) / max(len(before.account_ids), 1))
        words = {"share_of_accounts": share, "sentence": _told(account_ids, share, self.level)}
        return self.model_copy(
            update={"incident": before.model_copy(update=words | {"account_ids": account_ids})}
        )


class LeftBehind(NamedTuple):
    """The accounts that did not come back after an outage: those far below their usual use for a day."""

    outage: SharedOutage
    account_ids: tuple[str, ...]
    at: datetime


class HourVerdict(NamedTuple):
    """The watch after an hour, the outage that it began, changed or ended, and who did not come back."""

    watch: "OutageWatch"
    outage: SharedOutage | None = None
    left_behind: LeftBehind | None = None


class OutageWatch(Record):
    """The hours judged so far, what is usual, and the outages of the last days; JSON both ways.

    `until` is the first hour not judged, 0 if nobody hands hours over. `slots` has how many events the hours
    of the day expect, `recent` the surprise of the last hours.
    """

    until: int = 0
    usual: Usual = Usual()
    slots: tuple[float, ...] = (0.0,) * _SLOTS
    recent: tuple[tuple[int, float], ...] = ()
    outages: tuple[SharedOutage, ...] = ()

    @property
    def open(self) -> SharedOutage | None:
        """The outage that goes on, or None."""
        return next((outage for outage in self.outages if not outage.is_over), None)

    @property
    def needs_from(self) -> int:
        """The first hour whose use is still recalled."""
        waiting = (one.until for one in self.outages if not one.is_reviewed)
        return min([self.until - RECENT_HOURS - 1, *waiting])

    def has_judged(self, at: datetime) -> bool:
        """Return whether the hours before an event time are judged, or nobody hands hours over.

        >>> OutageWatch(until=5).has_judged(moment(6)), OutageWatch().has_judged(moment(6))
        (False, True)
        """
        return self.until == 0 or hour_of(at) <= self.until

    def skip(self, hour: int) -> Self:
        """Return the watch after an hour of which nothing is known."""
        kept = [one for one in self.outages if one.until > hour - REMEMBERED_HOURS or not one.is_over]
        return self.model_copy(update={"until": hour + 1, "outages": tuple(kept[-_MOST_OUTAGES:])})

    def judge(self, hour: int, recall: Recall) -> HourVerdict:
        """Judge the next hour; hours before it may be recalled."""
        hours, state = recall(hour), self.skip(hour)
        due = next((one for one in state.outages if one.is_due(hour)), None)
        behind = None if due is None else state._left_behind(due, recall)
        state = state if behind is None else state.with_outage(behind.outage)
        verdict = HourVerdict(state) if hours is None else state._judged(hour, hours, recall)
        return verdict._replace(left_behind=behind)

    def _judged(self, hour: int, hours: AccountHours, recall: Recall) -> HourVerdict:
        state, known = self._with_slot(hour, float(hours.expected.sum())), self.open
        if known is None:
            return state._sought(hour, hours, recall)
        after = (
            known.over(known.until) if hour - known.first >= MOST_HOURS else _followed(known, hour, recall)
        )
        return HourVerdict(state.with_outage(after), after if after.incident != known.incident else None)

    def _sought(self, hour: int, hours: AccountHours, recall: Recall) -> HourVerdict:
        fresh = hours.telling()
        if len(fresh.account_ids) < LEAST_ACCOUNTS:
            return HourVerdict(self)
        mean, accounts = float(fresh.scores().mean()), len(fresh.account_ids)
        surprise = self.usual.surprise(hour, mean, accounts)
        newest = self.recent[-1] if self.recent else (0, 0.0)
        twice = max(surprise, newest[1]) <= TWICE and newest[0] >= hour - RECENT_HOURS
        recent = tuple(one for one in self.recent if one[0] > hour - RECENT_HOURS)
        state = self.model_copy(update={"recent": (*recent, (hour, surprise))})
        if self.usual.is_known and (surprise <= CLEAR or twice):
            outage = _opened(state.recent, hour, recall)
            if outage is not None:
                return HourVerdict(state.with_outage(outage).model_copy(update={"recent": ()}), outage)
        return HourVerdict(state.model_copy(update={"usual": self.usual.after(hour, mean, accounts)}))

    def _left_behind(self, outage: SharedOutage, recall: Recall) -> LeftBehind:
        """Return who is far below their use in the day after an outage; hours of another do not count."""
        end = outage.until + REVIEW_HOURS
        free = [
            hour for hour in range(outage.until, end) if all(one.left(hour) >= 1.0 for one in self.outages)
        ]
        hours = joined([known for hour in free if (known := recall(hour)) is not None])
        names = hours.only(is_far_below(hours)).account_ids[:_MOST_BEHIND]
        reviewed = outage.model_copy(update={"is_reviewed": True, "behind": names})
        return LeftBehind(reviewed, names, moment(end))

    def _with_slot(self, hour: int, expected: float) -> Self:
        slots = list(self.slots)
        slots[hour % _SLOTS] += 0.2 * (expected - slots[hour % _SLOTS])
        return self.model_copy(update={"slots": tuple(slots)})

    def with_outage(self, outage: SharedOutage) -> Self:
        """Return the watch with an outage as it is now."""
        others = [one for one in self.outages if one.first != outage.first]
        ordered = sorted([*others, outage], key=lambda one: one.first)
        return self.model_copy(update={"outages": tuple(ordered)})

    def left(self, first: int, stop: int) -> float:
        """Return what all outages left of the use of the hours from `first` to `stop`; all if there are none.

        >>> OutageWatch().left(5, 9), OutageWatch().left(9, 8)
        (1.0, 1.0)
        """
        hours = range(max(first, stop - REMEMBERED_HOURS), stop + 1)
        if not hours:
            return 1.0
        weights = np.array([self.slots[hour % _SLOTS] for hour in hours])
        left = np.array([min([1.0, *(one.left(hour) for one in self.outages)]) for hour in hours])
        whole = float(weights.sum())
        return float((weights * left).sum() / whole) if whole > 0.0 else float(left.mean())


def _opened(recent: tuple[tuple[int, float], ...], hour: int, recall: Recall) -> SharedOutage | None:
    """Return the outage that the last suspicious hours are, or None if it hits too few accounts."""
    first = hour
    for known, surprise in reversed(recent):
        if surprise > SUSPICIOUS:
            break
        first = known
    fall, hours = _fall_since(first, hour, recall)
    if fall.share < LEAST_SHARE or fall.lost < LEAST_LOST:
        return None
    incident = _incident(fall, hours, first, hour)
    return SharedOutage(incident=incident, first=first, until=hour + 1, level=fall.level)


def _fall_since(first: int, hour: int, recall: Recall) -> tuple[Fall, AccountHours]:
    hours = joined([known for at in range(first, hour + 1) if (known := recall(at)) is not None])
    return fall_of(hours), hours


def _followed(outage: SharedOutage, hour: int, recall: Recall) -> SharedOutage:
    """Return an outage after one more hour."""
    hours = recall(hour)
    if hours is None:
        return outage
    hit = frozenset(outage.incident.account_ids)
    own = hours.only(np.array([account_id in hit for account_id in hours.account_ids], dtype=bool))
    standing = standing_of(own, outage.level)
    if standing.is_over:
        return outage.over(outage.until, standing.down)
    if not standing.goes_on:
        return outage
    going_on = outage.model_copy(update={"until": hour + 1})
    return _refitted(going_on, hour, recall) if hour - outage.first < RECENT_HOURS else going_on


def _refitted(outage: SharedOutage, hour: int, recall: Recall) -> SharedOutage:
    """Return a young outage with the level and the accounts that all of its hours show."""
    fall, hours = _fall_since(outage.first, hour, recall)
    if fall.share < LEAST_SHARE or fall.lost < LEAST_LOST:
        return outage
    fresh = _incident(fall, hours, outage.first, hour)
    kept = {"incident_id": outage.incident.incident_id, "detected_at": outage.incident.detected_at}
    return outage.model_copy(update={"incident": fresh.model_copy(update=kept), "level": fall.level})


def _incident(fall: Fall, hours: AccountHours, first: int, hour: int) -> Incident:
    names = hours.only(fall.affected).account_ids[:_MOST_ACCOUNTS]
    digest = blake2b(f"outage\n{first}".encode(), digest_size=12).hexdigest()
    return Incident(
        incident_id=f"in-{digest}",
        cause="drop",
        metric=ACTIVITY,
        account_ids=names,
        share_of_accounts=fall.share,
        sentence=_told(names, fall.share, fall.level),
        started_at=moment(first),
        detected_at=detected_at(hour),
    )


def _told(account_ids: tuple[str, ...], share: float, level: float) -> str:
    change = "stop their use" if level <= 0.0 else f"fall to {level:.0%} of their use"
    return (
        f"{len(account_ids):,} accounts ({share:.0%} of the active ones) {change} at once: one shared cause."
    )


def hour_of(at: datetime) -> int:
    """Return the hour since 1970 of an instant."""
    return int(at.timestamp()) // HOUR_SECONDS


def detected_at(hour: int) -> datetime:
    """Return the event time at which all accounts have closed an hour: quiet ones are told the time later."""
    return moment(hour + 2) + _LATENESS


def complete_until(clock: datetime) -> int:
    """Return the first hour that some account may not have closed yet when a partition is at an event time.

    >>> complete_until(detected_at(9)), complete_until(detected_at(9) - timedelta(seconds=1))
    (10, 9)
    """
    return hour_of(clock - _LATENESS) - 1
