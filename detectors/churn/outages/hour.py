"""The use of all accounts in one hour, and how far each of them is below what was expected."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from detectors.usage.counts.tails import Reals, at_most, log_chance, sizes
from detectors.usage.hour_use import HourUse

MOST_SCORE: Final = 1.0
"""Standard deviations at which the score of one account is cut: a huge account makes no outage. By hand."""


TELLING: Final = 6.0
"""Expected events of an hour from which the account counts in its mean score. Chosen by hand: the quiet hours
of an account are known vaguely."""


class AccountHours(NamedTuple):
    """What accounts did in one hour or several, in order of their ids; `spread` is a relative variance."""

    account_ids: tuple[str, ...]
    observed: Reals
    expected: Reals
    spread: Reals
    is_odd: NDArray[np.bool_]

    @classmethod
    def of(cls, uses: Mapping[str, HourUse]) -> Self:
        """Return the use of one hour by account as arrays; the order of the mapping does not matter."""
        ordered = sorted(uses.items())
        names = tuple(account_id for account_id, _ in ordered)
        numbers = np.array([use[:3] for _, use in ordered], dtype="f8").reshape(-1, 3)
        odd = np.array([use.is_odd for _, use in ordered], dtype=bool)
        return cls(names, numbers[:, 0], numbers[:, 1], numbers[:, 2], odd)

    def scores(self) -> Reals:
        """Return how many standard deviations each account is above the expectation, cut at `MOST_SCORE`."""
        size = sizes(self.expected, self.spread * self.expected**2)
        below = np.where(self.observed >= 1.0, at_most(self.observed - 1.0, self.expected, size), 0.0)
        middle = (below + at_most(self.observed, self.expected, size)) / 2.0
        found: Reals = np.clip(special.ndtri(np.clip(middle, 1e-9, 1.0 - 1e-9)), -MOST_SCORE, MOST_SCORE)
        return found

    def evidence(self, level: float | Reals) -> Reals:
        """Return the log-likelihood ratio of each account: fallen to `level`, against not fallen."""
        fallen = np.maximum(level, _LEAST_LEVEL) * self.expected
        own, usual = (sizes(mean, self.spread * mean**2) for mean in (fallen, self.expected))
        found: Reals = log_chance(self.observed, fallen, own) - log_chance(
            self.observed, self.expected, usual
        )
        return found

    def telling(self) -> Self:
        """Return the accounts that expect much and had not fallen before on their own."""
        return self.only(~self.is_odd & (self.expected >= TELLING))

    def only(self, wanted: NDArray[np.bool_]) -> Self:
        """Return some of the accounts."""
        names = tuple(self.account_ids[place] for place in np.flatnonzero(wanted).tolist())
        observed, expected, spread = (part[wanted] for part in (self.observed, self.expected, self.spread))
        return type(self)(names, observed, expected, spread, self.is_odd[wanted])


_LEAST_LEVEL: Final = 0.02
"""Share of the use that is left at least: something always is. Chosen by hand."""


def joined(hours: Sequence[AccountHours]) -> AccountHours:
    """Return the sums of several hours by account; an account is odd if it was in the first of them."""
    sums: dict[str, HourUse] = {}
    for hour in hours:
        columns = (hour.observed.tolist(), hour.expected.tolist(), hour.spread.tolist(), hour.is_odd.tolist())
        for name, observed, expected, spread, is_odd in zip(hour.account_ids, *columns, strict=True):
            known = sums.get(name, HourUse(0.0, 0.0, spread, is_odd))
            sums[name] = HourUse(known.observed + observed, known.expected + expected, spread, known.is_odd)
    return AccountHours.of(sums)
