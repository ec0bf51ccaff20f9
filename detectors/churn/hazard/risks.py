"""The result of a day: the terms and the hazard of all accounts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

RiskMatrix = NDArray[np.float64]
RiskFlags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DayRisks:
    """The result of a day for all accounts, in the order of their places.

    `terms` and `usual` are (accounts, terms); `raw` and `log_odds` (accounts,), the second calibrated;
    `judged` says who has enough history and recent use, `alert` who is alerted today.
    """

    day: int
    terms: RiskMatrix
    usual: RiskMatrix
    raw: RiskMatrix
    log_odds: RiskMatrix
    judged: RiskFlags
    alert: RiskFlags

    @property
    def probability(self) -> RiskMatrix:
        """The calibrated probability that no event comes for HORIZON_DAYS days (accounts,)."""
        return np.asarray(expit(self.log_odds))
