"""Figures of churn alerts and of the daily score, for two outcomes: the account leaves, or it goes dark.

Left: the date of leaving, from a file, is at most HORIZON_DAYS days after the snapshot. Dark: no activity in
the HORIZON_DAYS days after it. A snapshot is judged from LEAST_HISTORY days after the account's first
activity, and only if the data of its cohort reach HORIZON_DAYS days further. The AUC, early alerts and
recency alerts of going dark count accounts active in the last RECENT_DAYS days. After an account left, its
snapshots are judged for going dark only.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from detectors.sentiment.arrays import Float64
from streams.evaluate.bootstrap import Resampling, Sampled, sampled
from streams.evaluate.churn_budget import SnapshotTally
from streams.evaluate.churn_play import HORIZON_DAYS, AccountDay

LEAST_HISTORY: Final = 14
"""Days after the first activity before which a snapshot is not judged. Chosen by hand: a warm-up, twice."""

RECENT_DAYS: Final = 14
"""To rank accounts by going dark only those active within so many days count: others are dark already."""

SEED: Final = 14
_DAYS_PER_MONTH: Final = 30.4
_SCORE_BINS: Final = 200
"""Steps of the score in the AUC; scores within one step count as equal. Chosen by hand."""

_RECENCY_BINS: Final = 120
"""Days since the last activity that are told apart in the AUC; more count as so many. Chosen by hand."""


def auc(positive: Float64, negative: Float64) -> Float64:
    """Return the area under the curve of each row of counts (rows, bins); NaN if one side is empty.

    A pair within one bin counts half.

    >>> auc(np.array([[0.0, 1.0, 1.0]]), np.array([[2.0, 1.0, 0.0]]))
    array([0.91666667])
    """
    below = np.cumsum(negative, axis=-1) - negative
    pairs = positive.sum(axis=-1) * negative.sum(axis=-1)
    won = (positive * (below + 0.5 * negative)).sum(axis=-1)
    return np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), np.nan)


def _ratio(part: Float64, whole: Float64) -> Float64:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)


@dataclass
class _Account:
    """Counts of one account: snapshots by bin and by outcome, alerts, and recency alerts by their day."""

    score: Any = field(default_factory=lambda: np.zeros((2, _SCORE_BINS + 1), np.uint16))
    recency: Any = field(default_factory=lambda: np.zeros((2, _RECENCY_BINS + 1), np.uint16))
    recency_alerts: Any = field(default_factory=lambda: np.zeros((2, _RECENCY_BINS + 1), np.uint16))
    alerts: list[int] = field(default_factory=lambda: [0, 0])
    early_alerts: list[int] = field(default_factory=lambda: [0, 0])
    days: int = 0


class OutcomeTally:
    """Counts snapshots and alerts against one outcome, bounded by the number of accounts."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, int], _Account] = defaultdict(_Account)
        self.lead_days: dict[tuple[str, int], int] = {}
        self.by_kind: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, snapshot: AccountDay, lead: int | None, recency: int, *, ranked: bool) -> None:
        """Count a judged snapshot; `lead` is the days to its outcome, None if it does not come in time.

        `ranked` says whether the snapshot counts in the AUC, as an early alert and as a recency alert.
        """
        key = (snapshot.cohort, snapshot.place)
        account, right = self._accounts[key], int(lead is not None)
        account.days += 1
        days = min(recency, _RECENCY_BINS)
        if ranked:
            account.score[right, round(snapshot.score * _SCORE_BINS)] += 1
            account.recency[right, days] += 1
            account.early_alerts[right] += snapshot.alert
            if 0 < recency == days:
                account.recency_alerts[right, days] += 1
        if snapshot.alert:
            account.alerts[right] += 1
            self.by_kind[snapshot.kind or ""][right] += 1
            if lead is not None:
                self.lead_days.setdefault(key, lead)

    def figures(self) -> dict[str, Sampled]:
        """Return each figure with its draws of whole accounts; empty without an account."""
        found = list(self._accounts.values())
        if not found:
            return {}
        alerts = np.array([account.alerts for account in found], float)
        early = np.array([account.early_alerts for account in found], float)
        days = np.array([account.days for account in found], float)
        rests = np.array([account.recency_alerts for account in found], float)
        waits = self._recency_days(alerts.sum(), rests)
        scores = np.array([account.score for account in found], float)
        recency = np.array([account.recency for account in found], float)

        def measures(weights: Float64) -> Mapping[str, Float64]:
            right, raised = weights @ alerts[:, 1], weights @ alerts.sum(axis=1)
            waited = rests[:, :, waits]
            return {
                "precision": _ratio(right, raised),
                "early_precision": _ratio(weights @ early[:, 1], weights @ early.sum(axis=1)),
                "alerts_per_account_month": _ratio(raised * _DAYS_PER_MONTH, weights @ days),
                "auc": auc(weights @ scores[:, 1], weights @ scores[:, 0]),
                "recency_auc": auc(weights @ recency[:, 1], weights @ recency[:, 0]),
                "recency_precision": _ratio(weights @ waited[:, 1], weights @ waited.sum(axis=1)),
                "base_rate": _ratio(weights @ scores[:, 1].sum(axis=1), weights @ scores.sum(axis=(1, 2))),
            }

        return sampled(measures, len(found), Resampling(seed=SEED))

    @staticmethod
    def _recency_days(alerts: float, rests: Float64) -> int:
        """Return the days without activity whose alerts, at least one, are nearest in number to `alerts`."""
        counts = rests.sum(axis=(0, 1))[1:]
        return int(np.argmin(np.where(counts > 0, np.abs(counts - alerts), np.inf))) + 1

    def as_json(self) -> dict[str, Any]:
        """Return the figures with their 95 % intervals, and the counts behind them."""
        found = list(self._accounts.values())
        rests = np.array([account.recency_alerts for account in found], float).reshape(
            -1, 2, _RECENCY_BINS + 1
        )
        alerts = sum(sum(account.alerts) for account in found)
        leads = sorted(self.lead_days.values())
        told = {
            name: {"value": _known(one.value), "interval": [_known(end) for end in one.interval]}
            for name, one in self.figures().items()
        }
        return {
            **told,
            "accounts": len(found),
            "account_months": sum(account.days for account in found) / _DAYS_PER_MONTH,
            "alerts": alerts,
            "alerts_right": sum(account.alerts[1] for account in found),
            "by_kind": {kind: {"alerts": sum(n), "right": n[1]} for kind, n in sorted(self.by_kind.items())},
            "early_alerts": sum(sum(account.early_alerts) for account in found),
            "recency_days": (waits := self._recency_days(float(alerts), rests)),
            "recency_alerts": int(rests[:, :, waits].sum()),
            "lead_days_median": float(np.median(leads)) if leads else None,
            "lead_days_p10": float(np.quantile(leads, 0.1)) if leads else None,
        }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


class ChurnFigures:
    """Both outcomes of all snapshots; `ends` has the last day of each cohort, `left` the day of leaving.

    `until` is the last day that is judged, None for as far as the data allow. `snapshots` collects the
    ranked snapshots of one day in seven for the figures at a fixed number of alerts.
    """

    def __init__(
        self, ends: Mapping[str, int], left: Mapping[str, int] | None, *, until: int | None = None
    ) -> None:
        self._ends = ends
        self._until = until
        self.snapshots = SnapshotTally()
        self._left = left
        self._last_active: dict[tuple[str, int], int] = {}
        self.outcomes = {"dark": OutcomeTally()} | ({} if left is None else {"left": OutcomeTally()})

    def add(self, snapshot: AccountDay) -> None:
        """Count a snapshot; the snapshots of an account come in order of days, each day once."""
        account, day = snapshot.account, snapshot.day
        key = (snapshot.cohort, snapshot.place)
        if not account.is_silent(day - 1, day):
            self._last_active[key] = day
        recency = day - self._last_active[key]
        until = day + HORIZON_DAYS
        left = None if self._left is None else self._left.get(account.account_id)
        if day < account.first + LEAST_HISTORY or until > self._ends[snapshot.cohort]:
            return
        if self._until is not None and day > self._until:
            return
        dark = self._last_active[key] + HORIZON_DAYS - day if account.is_silent(day, until) else None
        self.outcomes["dark"].add(snapshot, dark, recency, ranked=recency < RECENT_DAYS)
        if recency < RECENT_DAYS:
            scores = {"product": snapshot.score, "recency": float(recency), **snapshot.others}
            self.snapshots.add(key, day, dark, scores)
        if self._left is not None and (left is None or left > day):
            lead = left - day if left is not None and left <= until else None
            self.outcomes["left"].add(snapshot, lead, recency, ranked=True)
