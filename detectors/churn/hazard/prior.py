"""The shipped prior of the hazard: a curve for each measure, trained once, and its calibration.

The log-odds of going dark within HORIZON_DAYS days are an intercept plus one term for each group of measures;
a term is the sum of the group's curves. A curve goes through its knots in straight lines and is level beyond
them. A measure that is unknown adds nothing. All log-odds are natural.
"""

import math
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from detectors.churn.hazard.names import GROUPS, NAMES
from schemas.base import Name, Record, ShortText

HORIZON_DAYS: Final = 28
"""Days after a day within which no event comes if the account goes dark. The data of training have it too."""

PRIOR_FORMAT: Final = "churn-prior-1"

Terms = NDArray[np.float64]
"""Terms of the model (accounts, groups), in log-odds, in the order of the groups."""


class Curve(Record):
    """Log-odds by the value of one measure: knots in rising order, and the log-odds at each."""

    measure: Name
    knots: tuple[float, ...] = Field(min_length=1, max_length=64)
    log_odds: tuple[float, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _check(self) -> "Curve":
        if len(self.knots) != len(self.log_odds):
            raise ValueError("a curve has one value at each knot")
        if any(not math.isfinite(value) for value in (*self.knots, *self.log_odds)):
            raise ValueError("a curve is finite")
        if any(late <= early for early, late in pairwise(self.knots)):
            raise ValueError("the knots of a curve rise")
        return self

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds at each value; 0 for NaN.

        >>> Curve(measure="gap", knots=(0.0, 2.0), log_odds=(-1.0, 1.0)).at(np.array([1.5, 9.0, np.nan]))
        array([0.5, 1. , 0. ])
        """
        return np.where(np.isnan(values), 0.0, np.interp(values, self.knots, self.log_odds))


class HazardCalibration(Record):
    """A rising map from raw to calibrated log-odds: straight lines between points, slope 1 beyond them."""

    raw: tuple[float, ...] = Field(min_length=1, max_length=64)
    calibrated: tuple[float, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _check(self) -> "HazardCalibration":
        if len(self.raw) != len(self.calibrated):
            raise ValueError("a calibration has pairs")
        for points in (self.raw, self.calibrated):
            if any(not late > early for early, late in pairwise(points)):
                raise ValueError("a calibration rises")
        return self

    def apply(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated log-odds.

        >>> HazardCalibration(raw=(0.0, 1.0), calibrated=(-1.0, 1.0)).apply(np.array([-1.0, 0.5, 3.0]))
        array([-2.,  0.,  3.])
        """
        inner = np.interp(raw, self.raw, self.calibrated)
        return inner + np.minimum(raw - self.raw[0], 0.0) + np.maximum(raw - self.raw[-1], 0.0)


class Threshold(Record):
    """The calibrated log-odds at which alerts keep a budget of alerts per account-month."""

    per_month: float = Field(gt=0.0)
    log_odds: float


class Prior(Record):
    """The trained model as it is shipped; JSON both ways by `model_dump_json` and `model_validate_json`.

    `data` has the SHA-256 of each file of the training, `versions` the libraries.
    """

    prior_format: str = PRIOR_FORMAT
    version: Name
    horizon_days: int = HORIZON_DAYS
    intercept: float
    curves: tuple[Curve, ...]
    calibration: HazardCalibration
    thresholds: tuple[Threshold, ...] = Field(min_length=1)
    seed: int = 0
    accounts: int = Field(ge=0)
    snapshots: int = Field(ge=0)
    data: dict[str, ShortText] = Field(default_factory=dict)
    versions: dict[str, ShortText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_content(self) -> "Prior":
        if self.prior_format != PRIOR_FORMAT or self.horizon_days != HORIZON_DAYS:
            raise ValueError("the prior is of another format or horizon")
        if tuple(curve.measure for curve in self.curves) != NAMES:
            raise ValueError("the prior has other measures than this build")
        return self

    @cached_property
    def _groups(self) -> list[list[tuple[int, Curve]]]:
        by_name = {curve.measure: (place, curve) for place, curve in enumerate(self.curves)}
        return [[by_name[name] for name in names] for names in GROUPS.values()]

    def terms(self, measures: NDArray[np.float64]) -> Terms:
        """Return the term of each group (accounts, groups) of measures (accounts, measures)."""
        return np.stack(
            [
                np.sum([curve.at(measures[:, place]) for place, curve in group], axis=0)
                for group in self._groups
            ],
            axis=1,
        )

    def threshold(self, per_month: float) -> float:
        """Return the calibrated log-odds for a budget, by straight lines over its logarithm.

        >>> points = (Threshold(per_month=0.01, log_odds=2.0), Threshold(per_month=0.1, log_odds=0.0))
        >>> Prior.model_construct(thresholds=points).threshold(0.1)
        0.0
        """
        known = sorted(self.thresholds, key=lambda one: one.per_month)
        budgets = np.log([one.per_month for one in known])
        return float(np.interp(math.log(per_month), budgets, [one.log_odds for one in known]))
