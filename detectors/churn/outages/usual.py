"""What is usual of the mean score of an hour: its level, the habits of hours of the day, and its noise."""

import math
from typing import Any, Final, Self

from detectors.usage.counts.rows import HOURS, WEEK
from schemas.base import Record

SUSPICIOUS: Final = -2.5
"""Standard deviations from which an hour may be a part of an outage, and does not move the level. By hand."""

WARM_UP_HOURS: Final = 24.0
"""Hours whose slot was known that must have come before an hour surprises. By hand: two or three days."""

_SEEN: Final = 2.0
"""Hours that a slot must have had before its deviation teaches the noise. Chosen by hand."""

_LEVEL_HOURS: Final = 12.0
_SLOT_HOURS: Final = 20.0
_NOISE_HOURS: Final = 120.0
"""Hours over which the level, the habit of an hour of the day, and the noise are averaged. Chosen by hand: a
working day, a month of working days, two weeks."""

_PRIOR_HOURS: Final = 6.0
"""Hours that the first guess of noise and level weighs as much as. Chosen by hand."""

_MOST_SURPRISE: Final = 3.0
"""Standard deviations at which one hour is cut when the noise is learned. Chosen by hand."""

_LEAST_NOISE: Final = 0.2
"""Least noise, relative to that of accounts with nothing in common: detectors expect more of it. By hand."""

_SLOTS: Final = 2 * HOURS
_SATURDAY: Final = 5


def slot_of(hour: int) -> int:
    """Return the hour of the day in UTC, from 24 on for weekends.

    >>> slot_of(0), slot_of(2 * 24 + 7)
    (0, 31)
    """
    day, slot = divmod(hour, HOURS)
    return slot + HOURS * ((day + 3) % WEEK >= _SATURDAY)


class Usual(Record):
    """The level follows within a day: accounts that fall one by one move it. JSON both ways.

    `known` is how many hours taught it and the noise; `habits` and `seen` are the deviations of slots and
    how many hours they had.
    """

    level: float = 0.0
    noise: float = 1.0
    known: float = 0.0
    habits: tuple[float, ...] = (0.0,) * _SLOTS
    seen: tuple[float, ...] = (0.0,) * _SLOTS

    def surprise(self, hour: int, mean: float, accounts: int) -> float:
        """Return how many standard deviations the mean score of so many accounts lies above the usual."""
        deviation = mean - self.level - self.habits[slot_of(hour)]
        return math.sqrt(accounts / max(self.noise, _LEAST_NOISE)) * deviation

    def after(self, hour: int, mean: float, accounts: int) -> Self:
        """Return what is usual after one more hour; an hour of an outage must not come here."""
        slot, surprise = slot_of(hour), self.surprise(hour, mean, accounts)
        seen = self.seen[slot]
        changes: dict[str, Any] = {"seen": _with(self.seen, slot, seen + 1.0)}
        if surprise > SUSPICIOUS or not self.is_known:
            habit = _towards(self.habits[slot], mean - self.level, seen, _SLOT_HOURS)
            changes["habits"] = _with(self.habits, slot, habit)
        if seen < _SEEN:
            return self.model_copy(update=changes)
        squared = min(surprise**2, _MOST_SURPRISE**2) * max(self.noise, _LEAST_NOISE)
        changes["noise"] = _towards(self.noise, squared, self.known + _PRIOR_HOURS, _NOISE_HOURS)
        if surprise > SUSPICIOUS:
            rest = mean - self.habits[slot]
            changes["level"] = _towards(self.level, rest, self.known + _PRIOR_HOURS, _LEVEL_HOURS)
        return self.model_copy(update=changes | {"known": self.known + 1.0})

    @property
    def is_known(self) -> bool:
        """Whether enough hours taught what is usual, so that an hour can surprise."""
        return self.known >= WARM_UP_HOURS


def _towards(known: float, new: float, hours: float, most: float) -> float:
    return known + (new - known) / (min(hours, most) + 1.0)


def _with(values: tuple[float, ...], place: int, value: float) -> tuple[float, ...]:
    return (*values[:place], value, *values[place + 1 :])
