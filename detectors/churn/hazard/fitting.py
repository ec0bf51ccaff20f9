"""Fit the prior: a logistic regression on piecewise linear curves, with one penalty, and its calibration.

Everything is deterministic: the fit is convex, and accounts are put into folds by their number and the seed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.names import NAMES
from detectors.churn.hazard.prior import Curve, HazardCalibration, Prior, Threshold

KNOT_SHARES: Final = (0.005, 0.25, 0.5, 0.75, 0.995)
"""Shares of the training snapshots at which a curve has a knot. Chosen by hand, as in a spline of 5 knots."""

PENALTY: Final = 0.03
"""Weight of the squared curves per snapshot, on columns of unit spread.

Chosen on AAA-2013J and BBB-2013B by folds of accounts; between .01 and .1 the result hardly differs.
"""

BUDGETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Alerts per account-month for which the prior has a threshold."""

FOLDS: Final = 3
_STEPS: Final = 25
_CLOSE: Final = 1e-6
_LEAST_SPREAD: Final = 0.02
"""Knots that count for hardly any snapshot learn nothing. Chosen by hand: a few in ten thousand."""

_CALIBRATION_BINS: Final = 12
_LEAST_SLOPE: Final = 0.1
"""Least rise of the calibrated log-odds by the raw ones, so that the calibration never makes equal scores."""

_COOL_DOWN_DAYS: Final = 28
_DAYS_PER_MONTH: Final = 30.4

FitMatrix = NDArray[np.float64]
Labels = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class TrainingDays:
    """Snapshots of accounts at the end of days: measures (rows, measures), account, day, and the label.

    Rows are sorted by account, then day. `step` is the days between the snapshots that are fitted; thresholds
    use all.
    """

    measures: NDArray[np.float32]
    account: Numbers
    day: Numbers
    dark: Labels
    step: int = 3

    def at(self, place: Labels) -> "TrainingDays":
        """Return the snapshots at which `place` (rows,) is true."""
        return TrainingDays(
            self.measures[place], self.account[place], self.day[place], self.dark[place], self.step
        )


@dataclass(frozen=True)
class Origin:
    """Where a prior comes from: its seed, the SHA-256 of the files, the versions of the libraries."""

    seed: int
    data: dict[str, str]
    versions: dict[str, str]


class OneOutcomeError(ValueError):
    """The snapshots have only one outcome."""


def fit_prior(days: TrainingDays, origin: Origin) -> Prior:
    """Return the prior of all snapshots; calibration and thresholds come from accounts that a fold left out.

    Raises OneOutcomeError.
    """
    if days.dark.all() or not days.dark.any():
        raise OneOutcomeError("the snapshots have only one outcome")
    raw = _left_out(days, origin.seed)
    calibration = calibrate(raw, days.dark)
    intercept, curves = fit_curves(days)
    return Prior(
        version=f"churn-hazard-{origin.seed}-{len(days.day)}",
        intercept=intercept,
        curves=curves,
        calibration=calibration,
        thresholds=_thresholds(days, calibration.apply(raw)),
        seed=origin.seed,
        accounts=len(np.unique(days.account)),
        snapshots=len(days.day),
        data=origin.data,
        versions=origin.versions,
    )


def _left_out(days: TrainingDays, seed: int) -> FitMatrix:
    """Return raw log-odds of each snapshot by a fit that saw no snapshot of its account."""
    fold = np.random.default_rng(seed).integers(FOLDS, size=int(days.account.max()) + 1)[days.account]
    raw = np.zeros(len(days.day))
    for number in range(FOLDS):
        intercept, curves = fit_curves(days.at(fold != number))
        raw[fold == number] = raw_log_odds(intercept, curves, days.measures[fold == number])
    return raw


def raw_log_odds(intercept: float, curves: tuple[Curve, ...], measures: NDArray[np.float32]) -> FitMatrix:
    """Return the sum of intercept and curves for each row of measures (rows, measures)."""
    whole = np.full(len(measures), intercept)
    for place, curve in enumerate(curves):
        whole += curve.at(measures[:, place].astype(float))
    return whole


def fit_curves(days: TrainingDays) -> tuple[float, tuple[Curve, ...]]:
    """Return intercept and curves of least log loss plus penalty; each curve has mean 0 over the rows."""
    chosen = days.day % days.step == 0
    measures, dark = days.measures[chosen].astype(float), days.dark[chosen]
    knots = [_knots(measures[:, place]) for place in range(len(NAMES))]
    hats = [_hats(measures[:, place], at) for place, at in enumerate(knots)]
    design = np.concatenate(hats, axis=1)
    mean, spread = design.mean(axis=0), design.std(axis=0)
    spread = np.where(spread > _LEAST_SPREAD, spread, np.inf)
    intercept, weights = _logistic((design - mean) / spread, dark)
    return intercept, _curves(knots, weights / spread, mean)


def _curves(knots: list[FitMatrix], weights: FitMatrix, mean: FitMatrix) -> tuple[Curve, ...]:
    curves, start = [], 0
    for name, at in zip(NAMES, knots, strict=True):
        own = slice(start, start + len(at))
        values = weights[own] - weights[own] @ mean[own]
        curves.append(Curve(measure=name, knots=tuple(at.tolist()), log_odds=tuple(values.tolist())))
        start += len(at)
    return tuple(curves)


def _knots(values: FitMatrix) -> FitMatrix:
    known = values[~np.isnan(values)]
    return np.unique(np.quantile(known, KNOT_SHARES)) if len(known) else np.zeros(1)


def _hats(values: FitMatrix, knots: FitMatrix) -> FitMatrix:
    """Return how far each knot counts for each value (rows, knots): rows of weights that add up to 1.

    >>> _hats(np.array([0.25, 7.0]), np.array([0.0, 1.0]))
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    hats = np.stack([np.interp(values, knots, row) for row in np.eye(len(knots))], axis=1)
    return np.where(np.isnan(values)[:, None], 1.0 / len(knots), hats)


def _logistic(columns: FitMatrix, dark: Labels) -> tuple[float, FitMatrix]:
    """Return intercept and weights by Newton's method; the intercept has no penalty."""
    design = np.concatenate([np.ones((len(columns), 1)), columns], axis=1)
    penalty = np.full(design.shape[1], PENALTY * len(columns))
    penalty[0] = 0.0
    weights = np.zeros(design.shape[1])
    weights[0] = np.log(dark.mean() / (1.0 - dark.mean()))
    for _ in range(_STEPS):
        share = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30.0, 30.0)))
        slope = design.T @ (share - dark) + penalty * weights
        bend = design.T @ (design * (share * (1.0 - share))[:, None])
        bend[np.diag_indices_from(bend)] += penalty + _CLOSE
        step = np.linalg.solve(bend, slope)
        size, loss = 1.0, _loss(design, weights, dark, penalty)
        while size > _CLOSE and _loss(design, weights - size * step, dark, penalty) > loss:
            size *= 0.5
        weights = weights - size * step
        if float(np.abs(step).max()) < _CLOSE:
            break
    return float(weights[0]), weights[1:]


def _loss(design: FitMatrix, weights: FitMatrix, dark: Labels, penalty: FitMatrix) -> float:
    raw = design @ weights
    return float(np.sum(np.logaddexp(0.0, raw) - dark * raw) + 0.5 * np.sum(penalty * weights**2))


def calibrate(raw: FitMatrix, dark: Labels) -> HazardCalibration:
    """Return the rising map from raw log-odds to those of the shares in bins of equal numbers of outcomes.

    >>> found = calibrate(np.array([-2.0, -2.0, 1.0, 1.0]), np.array([False, True, True, True]))
    >>> found.raw[0], found.calibrated[0] < found.calibrated[-1]
    (-2.0, True)
    """
    order = np.argsort(raw, kind="stable")
    seen = np.cumsum(dark[order])
    bins = np.minimum(seen * _CALIBRATION_BINS // max(int(seen[-1]), 1), _CALIBRATION_BINS - 1)
    points: list[tuple[float, float]] = []
    for number in np.unique(bins):
        rows = order[bins == number]
        at, share = float(raw[rows].mean()), (dark[rows].sum() + 0.5) / (len(rows) + 1.0)
        level = float(np.log(share / (1.0 - share)))
        if points and at <= points[-1][0]:
            continue
        if points:
            level = max(level, points[-1][1] + _LEAST_SLOPE * (at - points[-1][0]))
        points.append((at, level))
    return HazardCalibration(
        raw=tuple(at for at, _ in points), calibrated=tuple(level for _, level in points)
    )


def _thresholds(days: TrainingDays, calibrated: FitMatrix) -> tuple[Threshold, ...]:
    return tuple(
        Threshold(per_month=budget, log_odds=_threshold(days, calibrated, budget)) for budget in BUDGETS
    )


def _threshold(days: TrainingDays, calibrated: FitMatrix, budget: float) -> float:
    """Return the lowest level, in steps of the sorted scores, at which the daily alerts keep the budget."""
    most = budget * len(days.day) / _DAYS_PER_MONTH
    levels = np.quantile(calibrated, np.linspace(0.5, 1.0, 2_000))
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if _count_alerts(days, calibrated >= levels[middle]) <= most:
            high = middle
        else:
            low = middle + 1
    return float(levels[low])


def _count_alerts(days: TrainingDays, reached: Labels) -> int:
    count, account, free = 0, -1, 0
    for row in np.flatnonzero(reached).tolist():
        if days.account[row] != account:
            account, free = int(days.account[row]), int(days.day[row])
        if days.day[row] >= free:
            count += 1
            free = int(days.day[row]) + _COOL_DOWN_DAYS
    return count
