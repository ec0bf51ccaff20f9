"""The packed detector over arrays of counts, one account per row, as the service judges them hour by hour."""

from typing import Any, Final, NamedTuple

import numpy as np
from river import anomaly

from detectors.usage.counts import budget as budgets
from detectors.usage.counts import failures, judging, learning
from detectors.usage.counts.budget import CAUSES, AlertBudget
from detectors.usage.counts.cohort import rest_score
from detectors.usage.counts.owntail import own_peaks
from detectors.usage.counts.rows import (
    WARM_UP_DAYS,
    Bucket,
    Judgement,
    SeriesRows,
    fresh_counts,
    fresh_failures,
    variance_of_day,
)
from detectors.usage.counts.tails import score

HOURS: Final = 24
REST_HOURS: Final = 72
FIRST_DAY: Final = 4
"""The day since 1970 of the first day: a Monday."""

_NEVER: Final = -(10**6)
_FIRST_HOUR: Final = FIRST_DAY * HOURS
_SILENT: Final = 3
_WINDOW_DAYS: Final = (0, 3, 6)
"""Days before today that the windows of a judgement cover, with a weekend."""

_NOW: Final = 10**6
"""An hour to which the newest rules apply."""


class Alert(NamedTuple):
    """An alert: account, hour since the beginning, place in CAUSES."""

    account: int
    hour: int
    cause: int


class CountReplay:
    """Accounts with one series of counts and one of failures, their budget, and the alerts so far."""

    def __init__(self, accounts: int, per_month: float, *, is_cohort: bool = True) -> None:
        self.counts = fresh_counts(accounts)
        self.failures = fresh_failures(accounts)
        self.budget = AlertBudget(per_month)
        self.alerts: list[Alert] = []
        self.shared: set[int] = set()
        self._is_cohort = is_cohort
        self._odd = np.full((accounts, len(CAUSES)), _NEVER)
        self._last = np.full(accounts, _FIRST_HOUR - 1)

    def day(self, number: int, counts: Any, failed: Any, *, learns: bool = True) -> None:
        """Judge and learn one day, shape (accounts, 24); the budget learns it too if it `learns`."""
        size, day = len(counts), number + FIRST_DAY
        weekday = np.full(size, (day + 3) % 7)
        learning.open_day(self.counts, weekday)
        working = learning.is_working(self.counts, weekday)
        segment = _segments(self.counts)
        tally = budgets.empty_tally()
        runs = _runs(self.counts)
        resting = number * HOURS - self._odd < REST_HOURS
        for hour in range(HOURS):
            self._last[counts[:, hour] > 0.0] = day * HOURS + hour
            scores, found = self._hour(
                day * HOURS + hour, working, segment, (counts[:, hour], failed[:, hour])
            )
            self._alert(number * HOURS + hour, (scores, found), segment, tally)
            if self._is_cohort:
                self.budget.cohort.fold(day * HOURS + hour + 1)
        self._tally(resting, segment, tally)
        np.add.at(tally.runs[0], segment, np.rint((_runs(self.counts) - runs) * 1e6).astype("i8"))
        learning.close_day(self.counts, weekday, np.full(size, day))
        failures.close_failures(self.failures, np.full(size, day))
        self.budget.add(tally)
        if learns:
            self.budget.fold(0, 0)

    def _hour(self, at: int, working: Any, segment: Any, amounts: tuple[Any, Any]) -> tuple[Any, Judgement]:
        (count, failed), hour = amounts, at % HOURS
        place, one = np.full(len(count), hour), np.ones(len(count), int)
        bucket = Bucket(place, one, count)
        passed = judging.passed_by(self.counts, working, bucket)
        judging.count_bucket(self.counts, bucket, passed)
        habits = self.budget.rules_of(segment, np.full(len(count), _NOW))[1]
        found = judging.judge(self.counts, passed, habits)
        failures.count_failures(self.failures, Bucket(place, one, failed), count + failed)
        surge = failures.judge_failures(self.failures, place, failed)
        scores = np.stack([score(found.low), score(found.high), score(surge.high)], axis=1)
        self.failures["peak"] = np.maximum(self.failures["peak"], scores[:, 2])
        self.budget.cohort.add(judging.hour_shares(self.counts, passed, np.full(len(count), at), count))
        return scores, found

    def _alert(
        self, hour: int, judged: tuple[Any, Judgement], segment: Any, tally: budgets.AccountDays
    ) -> None:
        scores, found = judged
        beyond = scores >= self.budget.thresholds[segment]
        fresh = beyond & (hour - self._odd > REST_HOURS)
        for account, cause in np.argwhere(fresh).tolist():
            threshold = self.budget.thresholds[segment[account], cause]
            if cause == 0 and self._is_explained(account, hour, found, threshold):
                # The service tells of it again after a day, here it is judged again each hour.
                self.shared.add(account)
                beyond[account, cause] = False
                continue
            self.alerts.append(Alert(account, hour, cause))
            tally.alerts[0, segment[account], cause] += 1
        self._odd[beyond] = hour

    def _is_explained(self, account: int, hour: int, found: Judgement, threshold: float) -> bool:
        """Return whether a fall is what the cohort left; the weekend counts into the windows of days."""
        at, window = hour + FIRST_DAY * HOURS, int(found.window[account])
        today = at - at % HOURS
        since = self._last[account] + 1 if window == _SILENT else today - HOURS * _WINDOW_DAYS[window]
        left = self.budget.cohort.left_since(min(int(since), at), at)
        count = (found.observed[account : account + 1], found.expected[account : account + 1])
        phi = variance_of_day(self.counts[account : account + 1])
        return left < 1.0 and bool(rest_score(count, left, phi)[0] < threshold)

    def _tally(self, resting: Any, segment: Any, tally: budgets.AccountDays) -> None:
        going_on = (self.counts["rival_days"] > 0) | (self.counts["gap_first"] >= 0.0)
        peaks = np.stack([*own_peaks(self.counts), self.failures["peak"]], axis=1)
        above, excess = budgets.excess_of(np.where(resting | going_on[:, None], 0.0, peaks))
        judged = self.counts["age"] >= WARM_UP_DAYS
        np.add.at(tally.days[0], segment, judged.astype("i8"))
        np.add.at(tally.exceeded[0], segment, (above & judged[:, None]).astype("i8"))
        np.add.at(tally.excess[0], segment, np.where(judged[:, None], excess, 0))


def _runs(block: SeriesRows) -> Any:
    return np.stack([block[name].astype("f8") for name in ("day_runs", "mid_runs", "away")], axis=1)


def _segments(block: SeriesRows) -> Any:
    factor = block["factor"].astype("f8")
    rests = (factor < learning.busy_from(factor)[:, None]).sum(axis=1)
    absences = (block["day_runs"] + block["mid_runs"]) / np.maximum(block["ordinary"], 10.0)
    return budgets.segment_of(block["level"], rests, absences)


def replayed(
    counts: Any,
    failed: Any,
    *,
    per_month: float = 0.02,
    frozen_from: int = 10_000,
    is_cohort: bool = False,
) -> CountReplay:
    """Return the replay of whole streams; from day `frozen_from` on the budget learns nothing more.

    With `is_cohort` the accounts are one cohort, so that trouble which all of them have is nobody's own.
    """
    replay = CountReplay(len(counts), per_month, is_cohort=is_cohort)
    for number in range(counts.shape[1]):
        replay.day(number, counts[:, number], failed[:, number], learns=number < frozen_from)
    return replay


def gaussian_alerts(counts: Any, *, per_month: float = 0.02) -> list[Alert]:
    """Return the alerts of River's GaussianScorer on totals of days, at the tail that the budget allows.

    A simple baseline: a day of an account is odd by its total alone, and only a low one is an alert.
    """
    allowed, found = per_month / budgets.DAYS_PER_MONTH, []
    for account, days in enumerate(counts.sum(axis=2)):
        scorer: Any = anomaly.GaussianScorer(grace_period=WARM_UP_DAYS)  # type: ignore[no-untyped-call]
        mean, last = 0.0, _NEVER
        for day, total in enumerate(days.tolist()):
            chance = 1.0 - scorer.score_one(None, total)
            if day >= WARM_UP_DAYS and total < mean and chance < 2.0 * allowed:
                if day * HOURS - last > REST_HOURS:
                    found.append(Alert(account, day * HOURS + HOURS - 1, 0))
                last = day * HOURS
            scorer.learn_one(None, total)
            mean += (total - mean) / (day + 1)
    return found
