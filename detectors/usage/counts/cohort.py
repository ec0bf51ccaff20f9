"""What the accounts of a partition have in common: how much of the expected use each hour left to them.

A holiday or an outage is not the trouble of one account. For each hour of event time the share of accounts
with so few events is tested at a budget of its own; if most of them are low together, the median of observed
by expected is what the hour left. An account is then judged on what remains. An hour is folded once all
accounts have closed it, so it counts from the next hour on, and the order of accounts changes nothing.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from scipy import special

from detectors.usage.counts.tails import Reals, at_most, score, sizes

RING_HOURS: Final = 216
"""Hours that are remembered: nine days, more than the longest window of five working days."""

LOW_CHANCE: Final = 0.05
"""Chance of so few events in one hour at which an account counts as low."""

TELLING: Final = 6.0
"""Expected events of a bucket from which none at all is clearly odd. Chosen by hand."""

_NIGHT_HOURS: Final = 16
"""Hours without a telling account before a low one that are taken for low too. Chosen by hand: a night."""

_LEAST_ACCOUNTS: Final = 5
"""Accounts whose hour tells something, below which nothing is shared. Chosen by hand."""

_FALSE_HOURS: Final = 1.0 / 2190.0
"""Hours that are taken for shared by chance: one a quarter. From the design."""

_EDGES: Final = np.array([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75])
"""Edges of the bins of observed by expected."""

_LEFT: Final = np.array([0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0])
"""What an hour left, by the bin of the median account: at three quarters and more it left everything."""

_UNLIKE: Final = 0.1
"""Relative variance of what a cause leaves to one account and to another. Chosen by hand: 32 %."""

_BINS: Final = len(_LEFT)
_OPEN_HOURS: Final = 64
"""Hours that may wait to be folded: more than the longest bucket and the slack of the clock."""


class HourShares(NamedTuple):
    """The closed bucket of each account: its last hour, observed, expected, and the chance of so few.

    `spread` is the variance beside the Poisson noise, relative to the square of the expectation.
    """

    hour: Any
    observed: Reals
    expected: Reals
    chance: Reals
    spread: Reals


class CohortEffects:
    """What each of the last hours left of the expected use of the accounts that share this state.

    `left`, `weight` and `told` are rings over hours: the share left, the events expected of all accounts, and
    whether enough accounts told something. `until` is the first hour that is not folded, 0 before the first
    fold. `open` counts the accounts of hours that are not folded: per bin of observed by expected, then all
    that are low, then the events expected in thousandths. They are whole numbers, so that sums are the same
    in every order.
    """

    def __init__(self) -> None:
        self.left = np.ones(RING_HOURS)
        self.weight = np.zeros(RING_HOURS)
        self.told = np.zeros(RING_HOURS)
        self.until = np.zeros(1)
        self.open = np.zeros((_OPEN_HOURS, _BINS + 2))

    def add(self, shares: HourShares) -> None:
        """Count closed buckets; hours that were folded already, and hours far ahead, are left out."""
        ahead = shares.hour - self.until[0]
        told = (shares.expected > 0.0) & (ahead >= 0.0) & (ahead < _OPEN_HOURS) & (self.until[0] > 0.0)
        if not told.any():
            return
        place, expected = shares.hour[told] % _OPEN_HOURS, shares.expected[told]
        np.add.at(self.open, (place, _BINS + 1), np.rint(np.minimum(expected, 1e6) * 1e3))
        clear = expected >= TELLING
        place = place[clear]
        ratio = shares.observed[told][clear] / expected[clear]
        np.add.at(self.open, (place, np.searchsorted(_EDGES, ratio, side="right")), 1.0)
        np.add.at(self.open, (place, _BINS), shares.chance[told][clear] < LOW_CHANCE)

    def fold(self, before: int) -> None:
        """Learn the hours before `before` from what was counted; call it once every hour of event time."""
        first = int(self.until[0]) or before
        for hour in range(max(first, before - RING_HOURS), before):
            counted = self.open[hour % _OPEN_HOURS]
            self._learn(hour, counted)
            self.weight[hour % RING_HOURS] = counted[_BINS + 1] / 1e3
            counted[:] = 0.0
        self.until[0] = max(before, first)

    def _learn(self, hour: int, counted: Any) -> None:
        """Note what an hour left; an hour of which too few accounts tell something is like its neighbour.

        So the night after a day that most accounts missed is like this day, and the night before it too.
        """
        place = hour % RING_HOURS
        accounts = float(counted[:_BINS].sum())
        self.told[place] = accounts >= _LEAST_ACCOUNTS
        self.left[place] = _left_by(counted) if self.told[place] else self.left[place - 1]
        if self.told[place] and self.left[place] < 1.0:
            for back in range(1, _NIGHT_HOURS):
                if self.told[place - back]:
                    break
                self.left[place - back] = min(self.left[place], self.left[place - back])

    def left_since(self, since: int, stop: int) -> float:
        """Return the share of the expected use that the hours `since` to `stop` left to an account.

        The newest hour counts like the hour before it: nobody knows it yet.

        >>> CohortEffects().left_since(5, 9)
        1.0
        """
        last = min(stop, int(self.until[0])) - 1
        if last < 0 or not (self.left < 1.0).any():
            return 1.0
        hours = np.arange(max(min(since, last), last - RING_HOURS + 1), last + 1)
        weight, left = self.weight[hours % RING_HOURS], self.left[hours % RING_HOURS]
        if weight[-1] > 0.0:
            weight[-1] *= 1.0 + min(stop - last, 2)
        whole = float(weight.sum())
        return float((weight * left).sum() / whole) if whole > 0.0 else 1.0

    def parts(self) -> list[Any]:
        """Return the arrays that are the whole state."""
        return [self.left, self.weight, self.told, self.until, self.open]


def rest_score(count: tuple[Reals, Reals], left: float, phi: Reals) -> Reals:
    """Return -log10 p of so few, `count` being observed and expected, after the share `left` by the cohort.

    >>> seen, due, phi = np.zeros(1), np.array([50.0]), np.array([0.02])
    >>> [round(float(rest_score((seen, due), left, phi)[0]), 1) for left in (1.0, 0.3, 0.02)]
    [7.0, 3.7, 0.4]
    """
    mean = left * count[1]
    return score(at_most(count[0], mean, sizes(mean, (phi + _UNLIKE) * mean * mean)))


def _left_by(counted: Any) -> float:
    """Return what an hour left: 1 unless most accounts that tell something are low together."""
    accounts, low = float(counted[:_BINS].sum()), float(counted[_BINS])
    if 2.0 * low < accounts:
        return 1.0
    # The tail of a binomial distribution: so many accounts or more are low by chance.
    if special.betainc(low, accounts - low + 1.0, LOW_CHANCE) > _FALSE_HOURS:
        return 1.0
    return float(_LEFT[np.searchsorted(np.cumsum(counted[:_BINS]), accounts / 2.0)])
