"""How much of their use an outage left to accounts, whom it hit, and whether they are back."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.churn.outages.hour import AccountHours
from detectors.usage.counts.cohort import rest_score
from detectors.usage.counts.tails import Reals

_LEVELS: Final = tuple(round(0.05 * step, 2) for step in range(19))
"""Levels of use that are tried: 0 to 0.9."""

_OWN_TROUBLE: Final = 2.0
"""-log10 of the chance of so few, after the outage, from which an account has trouble of its own. By hand."""

_FAR: Final = 3.0
"""-log10 of the chance of so few in the day after an outage from which an account is not back. By hand: one
of a thousand accounts."""

_VAGUE: Final = 0.1
"""By how much the level of an outage may be wrong. Chosen by hand: two steps of it."""

_OWN_SHARE: Final = 0.02
"""Share of accounts that have trouble of their own at the same time. Chosen by hand."""

_MOST_EVIDENCE: Final = 3.0
"""Log-likelihood ratio at which the evidence of one account is cut. Chosen by hand."""

_SURE: Final = 6.0
"""Sum of evidence from which accounts are back or still down: odds of 400 to 1. Chosen by hand."""


class Fall(NamedTuple):
    """A fall of many accounts: what it left of their use, and whom it hit, as a mask."""

    level: float
    affected: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """The share of the accounts that it hit."""
        return float(self.affected.mean()) if len(self.affected) else 0.0

    @property
    def lost(self) -> float:
        """The part of the use of an average account that it took."""
        return self.share * (1.0 - self.level)


def fall_of(hours: AccountHours) -> Fall:
    """Return the fall that explains best what accounts did: each is either hit or as usual.

    An account is hit if its use lies nearer to the level than to the usual: a bucket may begin before a fall.
    An account far below the level has trouble of its own and is not among those hit.
    """
    found = [(_fit(hours, level), -level) for level in _LEVELS]
    level = -max(found)[1]
    own = is_below(level, (hours.observed, hours.expected), hours.spread)
    nearer = hours.observed <= 0.5 * (1.0 + level) * hours.expected
    return Fall(level, nearer & ~own & ~hours.is_odd)


def is_far_below(hours: AccountHours) -> NDArray[np.bool_]:
    """Return which accounts have less than half of their use, and not by chance."""
    scores = rest_score((hours.observed, hours.expected), 1.0, hours.spread)
    return (scores >= _FAR) & (hours.observed < 0.5 * hours.expected)


def is_below(level: float, count: tuple[Reals, Reals], spread: Reals) -> NDArray[np.bool_]:
    """Return which counts, observed and expected, are far below what an outage left."""
    left = level - _VAGUE
    if left <= 0.0:
        return np.zeros(len(spread), dtype=bool)
    return rest_score(count, left, spread) >= _OWN_TROUBLE


def _fit(hours: AccountHours, level: float) -> float:
    """Return the log-likelihood of a level: each account is as usual, at it, or at a level of its own."""
    own = hours.evidence(np.minimum(hours.observed / hours.expected, 1.0)) + math.log(_OWN_SHARE)
    common = np.logaddexp(0.0, hours.evidence(level)) + math.log((1.0 - _OWN_SHARE) / 2.0)
    return float(np.logaddexp(common, own).sum())


class Standing(NamedTuple):
    """How the accounts of an outage stand in an hour: it goes on, or it is over; both false: unclear.

    `down` has the accounts that are clearly still down.
    """

    goes_on: bool
    is_over: bool
    down: frozenset[str]


def standing_of(hours: AccountHours, level: float) -> Standing:
    """Return how accounts that an outage hit stand in an hour."""
    evidence = np.clip(hours.evidence(level), -_MOST_EVIDENCE, _MOST_EVIDENCE)
    total = float(evidence.sum())
    down = frozenset(
        hours.account_ids[place] for place in np.flatnonzero(evidence >= _MOST_EVIDENCE / 2.0).tolist()
    )
    return Standing(total > 0.0, total <= -_SURE, down)
