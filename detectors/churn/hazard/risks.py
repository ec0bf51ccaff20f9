"""The result of a day: the terms and the hazard of all accounts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DayRisks:
    """The result of a day for all accounts, in the order of their places.

    `terms` and `usual` are (accounts, terms); `raw` and `log_odds` (accounts,), the second calibrated;
    `judged` says who has enough history and recent use, `alert` who is alerted today.
    """

    day: int
    terms: Matrix
    usual: Matrix
    raw: Matrix
    log_odds: Matrix
    judged: Flags
    alert: Flags

    @property
    def probability(self) -> Matrix:
        """The calibrated probability that no event comes for HORIZON_DAYS days (accounts,)."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.log_odds)))
