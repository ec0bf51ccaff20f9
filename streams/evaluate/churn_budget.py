"""Figures of a churn score at a fixed number of alerts: precision, recall and lead time; AUC and calibration.

A snapshot is one account at the end of one day in seven. The threshold of a score is the lowest that keeps
the alerts within the budget; it is chosen on the judged snapshots, alike for each score that is compared. An
account is alerted at its first snapshot that reaches the threshold, and again after COOL_DOWN_DAYS.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.sentiment.arrays import Float64, Int64
from streams.evaluate.bootstrap import Resampling, sampled

BUDGETS: Final = (0.02, 0.05)
"""Alerts per account-month at which scores are compared. A manager of 200 accounts sees 4 or 10 a month."""

SNAPSHOT_DAYS: Final = 7
"""Days from one snapshot to the next: all snapshots are of the same weekday. Chosen by hand."""

COOL_DOWN_DAYS: Final = 28
"""Days after an alert in which the account is not alerted again, as in `detectors.churn.policy`."""

RELIABILITY_BINS: Final = 10
"""Bins of equal numbers of snapshots in the calibration. Chosen by hand."""

_NEVER_AGAIN: Final = 1_000_000
"""A cool-down longer than any file: only the first alert of an account counts."""

_DAYS_PER_MONTH: Final = 30.4
_SEED: Final = 15


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Judged snapshots, sorted by account, then by day: account numbers, days, outcome, lead, scores.

    `dark` is whether the outcome comes in time; `lead` the days until it is complete, 0 if it does not come.
    `scores` has one array for each score that is compared, higher is worse.
    """

    account: Int64
    day: Int64
    dark: NDArray[np.bool_]
    lead: Int64
    scores: Mapping[str, Float64]

    def of_cohort(self, place: NDArray[np.bool_]) -> "Snapshots":
        """Return the snapshots at which `place` (rows,) is true."""
        scores = {name: score[place] for name, score in self.scores.items()}
        return Snapshots(self.account[place], self.day[place], self.dark[place], self.lead[place], scores)

    @property
    def account_months(self) -> float:
        """The time that the snapshots stand for."""
        return len(self.day) * SNAPSHOT_DAYS / _DAYS_PER_MONTH


def alerts_at(threshold: float, snapshots: Snapshots, name: str, cool_down: int = COOL_DOWN_DAYS) -> Int64:
    """Return the rows at which a score that reaches a threshold raises an alert."""
    raised: list[int] = []
    account, free = -1, 0
    for row in np.flatnonzero(snapshots.scores[name] >= threshold).tolist():
        if snapshots.account[row] != account:
            account, free = int(snapshots.account[row]), -_NEVER_AGAIN
        if snapshots.day[row] >= free:
            raised.append(row)
            free = int(snapshots.day[row]) + cool_down
    return np.array(raised, np.int64)


def alerts_within(most: int, snapshots: Snapshots, name: str, cool_down: int = COOL_DOWN_DAYS) -> Int64:
    """Return the alerts at the lowest threshold that raises at most `most` alerts.

    The threshold is the highest score at most, so a score with many equal values may exceed the number.
    """
    levels = np.unique(snapshots.scores[name])[::-1]
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(alerts_at(levels[middle], snapshots, name, cool_down)) <= most:
            low = middle
        else:
            high = middle - 1
    return alerts_at(levels[low], snapshots, name, cool_down)


def reliability(score: Float64, dark: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Return for each bin of a probability its mean, the share of the outcome, and the snapshots in it.

    >>> reliability(np.array([0.1, 0.1, 0.9]), np.array([False, False, True]))
    [(0.1, 0.0, 1), (0.1, 0.0, 1), (0.9, 1.0, 1)]
    """
    order = np.argsort(score, kind="stable")
    bins = [one for one in np.array_split(order, RELIABILITY_BINS) if len(one)]
    return [(float(score[one].mean()), float(dark[one].mean()), len(one)) for one in bins]


def calibration_error(bins: Iterable[tuple[float, float, int]]) -> float:
    """Return the mean distance of probability and share over the snapshots of all bins; NaN without one.

    >>> calibration_error([(0.2, 0.1, 10), (0.5, 0.5, 10)])
    0.05
    """
    found = list(bins)
    whole = sum(count for *_, count in found)
    return sum(abs(mean - share) * count for mean, share, count in found) / whole if whole else float("nan")


def budget_figures(snapshots: Snapshots, probability: str) -> dict[str, Any]:
    """Return the figures of each score with intervals over whole accounts, and the calibration of one.

    Empty without a snapshot. The interval keeps the threshold of all snapshots.
    """
    if not len(snapshots.day):
        return {}
    bins = reliability(snapshots.scores[probability], snapshots.dark)
    return {
        "snapshots": len(snapshots.day),
        "accounts": len(np.unique(snapshots.account)),
        "base_rate": float(snapshots.dark.mean()),
        "scores": {name: _score_figures(snapshots, name) for name in snapshots.scores},
        "calibration_error": calibration_error(bins),
        "reliability": [list(one) for one in bins],
    }


def _score_figures(snapshots: Snapshots, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {"auc": _auc_figure(snapshots, name)}
    for budget in BUDGETS:
        most = round(budget * snapshots.account_months)
        told[f"{budget:g}"] = _alert_figures(snapshots, alerts_within(most, snapshots, name))
        first = _alert_figures(snapshots, alerts_within(most, snapshots, name, _NEVER_AGAIN))
        told[f"{budget:g} first"] = first
    return told


def _alert_figures(snapshots: Snapshots, rows: Int64) -> dict[str, Any]:
    """Return precision, recall of accounts that go dark, and lead time of alerts at these rows."""
    numbers, places = np.unique(snapshots.account, return_inverse=True)
    raised = np.bincount(places[rows], minlength=len(numbers)).astype(float)
    right = np.bincount(places[rows], weights=snapshots.dark[rows], minlength=len(numbers))
    goes = np.bincount(places, weights=snapshots.dark, minlength=len(numbers)) > 0
    found = sampled(
        lambda weights: {
            "precision": _share(weights @ right, weights @ raised),
            "recall": _share(weights @ (right > 0), weights @ goes),
        },
        len(numbers),
        Resampling(seed=_SEED),
    )
    leads = snapshots.lead[rows][snapshots.dark[rows]]
    return {
        "alerts": len(rows),
        "right": int(right.sum()),
        "lead_days_median": float(np.median(leads)) if len(leads) else None,
        **{key: _told(one.value, one.interval) for key, one in found.items()},
    }


def _auc_figure(snapshots: Snapshots, name: str) -> dict[str, Any]:
    """Return the AUC with its interval, from the snapshots' places in 2,000 steps of equal numbers."""
    places = np.unique(snapshots.account, return_inverse=True)[1]
    ranks = np.searchsorted(np.sort(snapshots.scores[name]), snapshots.scores[name], side="left")
    steps = np.unique(ranks * 2_000 // len(ranks), return_inverse=True)[1]

    def measures(weights: Float64) -> Mapping[str, Float64]:
        rows = weights[:, places]
        return {"auc": np.array([_weighted_auc(steps, snapshots.dark, row) for row in rows])}

    one = sampled(measures, int(places.max()) + 1, Resampling(seed=_SEED, count=200))["auc"]
    return _told(one.value, one.interval)


def _weighted_auc(steps: Int64, dark: NDArray[np.bool_], weights: Float64) -> float:
    positive = np.bincount(steps, weights * dark)
    negative = np.bincount(steps, weights * ~dark)
    pairs = positive.sum() * negative.sum()
    won = (positive * (np.cumsum(negative) - 0.5 * negative)).sum()
    return float(won / pairs) if pairs else float("nan")


def _share(part: Float64, whole: Float64) -> Float64:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


def _told(value: float, interval: Sequence[float]) -> dict[str, Any]:
    ends = [None if np.isnan(end) else float(end) for end in interval]
    return {"value": None if np.isnan(value) else float(value), "interval": ends}


class SnapshotTally:
    """Collects the judged snapshots of one day in seven, by cohort."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, int], int] = {}
        self._rows: list[tuple[int, int, int, int]] = []
        self._cohorts: list[str] = []
        self._scores: dict[str, list[float]] = {}

    def add(self, key: tuple[str, int], day: int, lead: int | None, scores: Mapping[str, float]) -> None:
        """Count the snapshot of an account, named by its cohort and place; each has the same scores.

        `lead` is the days to the outcome, None if it does not come in time.
        """
        if day % SNAPSHOT_DAYS:
            return
        number = self._accounts.setdefault(key, len(self._accounts))
        self._rows.append((number, day, int(lead is not None), lead or 0))
        self._cohorts.append(key[0])
        for name, score in scores.items():
            self._scores.setdefault(name, []).append(score)

    def by_cohort(self) -> dict[str, Snapshots]:
        """Return the snapshots of all cohorts under "all", and of each cohort if there are several."""
        rows = np.array(self._rows, np.int64).reshape(-1, 4)
        order = np.lexsort((rows[:, 1], rows[:, 0]))
        account, day, dark, lead = rows[order].T
        scores = {name: np.array(score)[order] for name, score in self._scores.items()}
        whole = Snapshots(account, day, dark.astype(bool), lead, scores)
        cohorts = np.array(self._cohorts)[order]
        names = sorted(set(self._cohorts))
        parts = {name: whole.of_cohort(cohorts == name) for name in names} if len(names) > 1 else {}
        return {"all": whole, **parts}
