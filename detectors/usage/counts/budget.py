"""The alert budget: from the highest surprise of each account-day to thresholds that keep the budget.

One number is asked for: false alerts per account-month. It is split over the causes. Per segment and cause
an exponential tail is fitted to the highest -log10 p of each account-day, with exact p-values as its prior;
the threshold follows from it, and is corrected online by what was really raised (Robbins and Monro 1951).
"""

from typing import Any, Final, NamedTuple

import numpy as np

from detectors.usage.counts.absence import FIRST_HABITS, NOW_AND_THEN, AbsenceHabits
from detectors.usage.counts.cohort import CohortEffects
from detectors.usage.counts.owntail import EXACT_MEAN, EXACT_RATE, MOST_EXCESS, TAIL_FLOOR
from detectors.usage.counts.tails import Reals

DAYS_PER_MONTH: Final = 30.4

CAUSES: Final = ("low", "high", "failures")
"""Sides that share the budget: falls and silence, growth, failures."""

SHARES: Final = (0.6, 0.15, 0.25)
"""Their parts of the budget. Chosen by hand."""

SIZES: Final = (3.0, 12.0, 60.0)
"""Events of a working day at which the segments of size part. Chosen by hand."""

RHYTHMS: Final = 3
"""Working week, all week, now and then."""

SEGMENTS: Final = (len(SIZES) + 1) * RHYTHMS

_PRIOR_DAYS: Final = 500.0
"""Account-days that the prior of the rate weighs as much as. Chosen by hand."""

_PRIOR_EXCESSES: Final = 20.0
"""Excesses that the prior of the mean weighs as much as. Chosen by hand."""

_FADING: Final = 0.5 ** (1 / 60)
"""Factor per day of what the fit remembers: a half-life of 60 days. Chosen by hand."""

_STEP: Final = 0.12
"""Change of the log threshold per alert above the budget, at first. Chosen by hand."""

_STEP_ALERTS: Final = 4.0
"""Alerts after which the step is half of that. Chosen by hand."""

_MOST_CORRECTION: Final = 1.2
"""Highest log of the factor on the threshold. Chosen by hand: 3.3 times."""

_TOGETHER: Final = 0.25
"""Share of account-days above the floor from which a day has a cause of its own. Chosen by hand.

Such a day, a holiday or an outage, says nothing about chance, and its alerts count as one.
"""

_FEW: Final = 3
"""Account-days above the floor that never make such a day. Chosen by hand."""

NEVER: Final = 2**40
"""An hour after every possible one."""

_HABIT_DAYS: Final = 1000.0
_HABIT_RUNS: Final = 4.0
"""Working days, and absences, that `FIRST_HABITS` weighs as much as. Chosen by hand."""


class AccountDays(NamedTuple):
    """What account-days give to the segments: whole numbers, so that sums are the same in every order.

    The first axis of each array is 0 for hours before `AlertBudget.until` and 1 for later hours. `days` is
    (2, SEGMENTS), the others have an axis of causes; `excess` is in millionths. `runs` is (2, SEGMENTS, 3),
    in millionths: absences that began with a day, within a day, and their length in working days.
    """

    days: Any
    exceeded: Any
    excess: Any
    alerts: Any
    runs: Any


def empty_tally() -> AccountDays:
    """Return a tally of nothing."""
    by_cause = (2, SEGMENTS, len(CAUSES))
    return AccountDays(np.zeros((2, SEGMENTS), "i8"), *(np.zeros(by_cause, "i8") for _ in range(4)))


def segment_of(level: Any, rest_days: Any, absences: Any) -> Any:
    """Return the segment of accounts by the events of a working day, and by their rhythm.

    >>> segment_of(np.array([300.0, 1.0]), np.array([2, 0]), np.array([0.0, 0.4])).tolist()
    [9, 2]
    """
    size = np.searchsorted(np.array(SIZES), level, side="right")
    rhythm = np.where(absences >= NOW_AND_THEN, 2, np.where(rest_days > 0, 0, 1))
    return size * RHYTHMS + rhythm


class AlertBudget:
    """Thresholds per segment and cause, in -log10 p of an account-day; learned from tallies, one a day.

    An hour is always judged by the same rules, whenever its turn comes: hours from `since` on by the newest,
    earlier hours by the rules before. So the order in which accounts come changes nothing.

    `uses` has the closed hours of accounts (`hour_use.ClosedUse`) that are not handed over yet, or None if
    nobody wants them; it is no state.
    """

    def __init__(self, per_month: float) -> None:
        self.per_month = per_month
        self.asked = per_month * np.array(SHARES) / DAYS_PER_MONTH
        self.days = np.zeros(SEGMENTS)
        self.exceeded, self.excess, self.correction, self.alerts = (
            np.zeros((SEGMENTS, len(CAUSES))) for _ in range(4)
        )
        self.runs = np.zeros((SEGMENTS, 3))
        self.waiting = empty_tally()
        self.hours = np.array([0.0, float(NEVER)])
        self.rules = np.stack([self._fitted()] * 2)
        self.cohort = CohortEffects()
        self.spent = np.zeros((2, len(CAUSES)))
        self.uses: list[Any] | None = None

    @property
    def since(self) -> int:
        """The first hour since 1970 to which the newest rules apply."""
        return int(self.hours[0])

    @property
    def until(self) -> int:
        """The first hour since 1970 that the next `fold` does not learn from."""
        return int(self.hours[1])

    @property
    def thresholds(self) -> Reals:
        """The newest thresholds, shape (SEGMENTS, causes)."""
        newest: Reals = self.rules[1, :, : len(CAUSES)]
        return newest

    def rules_of(self, segment: Any, hour: Any) -> tuple[Reals, AbsenceHabits]:
        """Return thresholds, shape (accounts, causes), and habits, for segments and hours of accounts."""
        found = self.rules[(hour >= self.since).astype(np.intp), segment]
        return found[:, : len(CAUSES)], AbsenceHabits(*found[:, len(CAUSES) :].T)

    def realised(self) -> Reals:
        """Return alerts raised and alerts asked for, shape (2, causes): sums with a half-life of 60 days."""
        spent: Reals = self.spent
        return spent

    def add(self, tally: AccountDays) -> None:
        """Keep account-days for a `fold`; the order of calls does not matter."""
        self.waiting = AccountDays(*(a + b for a, b in zip(self.waiting, tally, strict=True)))

    def fold(self, midnight: int, since: int) -> None:
        """Learn from the hours before `until`, once a day of event time.

        `midnight` is the hour at which the day began that is now open: the next call learns up to a day
        later. The new rules apply from hour `since` on.
        """
        self._learn(AccountDays(*(part[0] for part in self.waiting)))
        self.waiting = AccountDays(*(np.stack([part[1], np.zeros_like(part[1])]) for part in self.waiting))
        self.hours = np.array([float(since), midnight + 24.0])
        self.rules = np.stack([self.rules[1], self._fitted()])

    def _learn(self, tally: AccountDays) -> None:
        days = tally.days[:, None].astype("f8")
        alone = tally.exceeded <= np.maximum(_TOGETHER * days, _FEW)
        self.days = self.days * _FADING + tally.days
        self.exceeded = self.exceeded * _FADING + np.where(alone, tally.exceeded, EXACT_RATE * days)
        usual = EXACT_MEAN * EXACT_RATE * days
        self.excess = self.excess * _FADING + np.where(alone, tally.excess / 1e6, usual)
        self.runs = self.runs * _FADING + tally.runs / 1e6
        self.alerts = self.alerts + tally.alerts
        counted = np.where(alone, tally.alerts, np.minimum(tally.alerts, 1))
        asked = self.asked * float(tally.days.sum())
        self.spent = self.spent * _FADING + np.stack([tally.alerts.sum(axis=0), asked])
        step = _STEP / (1.0 + self.alerts / _STEP_ALERTS)
        corrected = self.correction + step * (counted - self.asked[None, :] * days)
        self.correction = np.clip(corrected, 0.0, _MOST_CORRECTION)

    def _fitted(self) -> Reals:
        """Return thresholds and habits of each segment, from everything learned."""
        rate = (self.exceeded + EXACT_RATE * _PRIOR_DAYS) / (self.days[:, None] + _PRIOR_DAYS)
        mean = (self.excess + EXACT_MEAN * _PRIOR_EXCESSES) / (self.exceeded + _PRIOR_EXCESSES)
        theory = TAIL_FLOOR + EXACT_MEAN * np.log(EXACT_RATE / self.asked)[None, :]
        fitted = TAIL_FLOOR + np.maximum(mean, 0.0) * np.log(np.maximum(rate / self.asked[None, :], 1.0))
        thresholds = np.maximum(fitted, theory) * np.exp(self.correction)
        days = self.days + _HABIT_DAYS
        day = (self.runs[:, 0] + FIRST_HABITS.day * _HABIT_DAYS) / days
        mid = (self.runs[:, 1] + FIRST_HABITS.mid * _HABIT_DAYS) / days
        runs = self.runs[:, 0] + self.runs[:, 1]
        length = (self.runs[:, 2] + FIRST_HABITS.length * _HABIT_RUNS) / (runs + _HABIT_RUNS)
        return np.concatenate([thresholds, np.stack([day, mid, length], axis=1)], axis=1)


def excess_of(score: Any) -> tuple[Any, Any]:
    """Return whether daily maxima exceed the floor of the fit, and their excess in millionths."""
    above = np.asarray(score) > TAIL_FLOOR
    excess = np.where(above, np.minimum(np.asarray(score) - TAIL_FLOOR, MOST_EXCESS), 0.0)
    return above, np.rint(excess * 1e6).astype("i8")


def to_bytes(budget: AlertBudget) -> bytes:
    """Return everything that the budget learned, for `from_bytes`."""
    return b"".join(part.astype("<f8").tobytes() for part in _whole(budget))


def from_bytes(per_month: float, data: bytes) -> AlertBudget:
    """Return the budget of `to_bytes`; the bytes of an older build have nothing of the cohort.

    Raises
    ------
    ValueError
        If the bytes are of another length or a number is out of range.
    """
    budget = AlertBudget(per_month)
    parts = _whole(budget)
    numbers = np.frombuffer(data, "<f8") if len(data) % 8 == 0 else np.zeros(0)
    if len(numbers) == sum(part.size for part in _learned(budget)):
        parts = _learned(budget)
    if len(numbers) != sum(part.size for part in parts):
        raise ValueError("snapshot: the alert budget has another length")
    if not (np.isfinite(numbers) & (numbers >= 0.0) & (numbers < 1e15)).all():
        raise ValueError("snapshot: a number of the alert budget is out of range")
    at = 0
    for part in parts:
        part[...] = numbers[at : at + part.size].reshape(part.shape)
        at += part.size
    return budget


def _learned(budget: AlertBudget) -> list[Any]:
    learned = [budget.days, budget.exceeded, budget.excess, budget.correction, budget.alerts, budget.runs]
    return [*learned, *budget.waiting, budget.hours, budget.rules]


def _whole(budget: AlertBudget) -> list[Any]:
    return [*_learned(budget), *budget.cohort.parts(), budget.spent]
