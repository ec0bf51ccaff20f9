"""The detectors of counts and of failures as estimators of River: one series, one hour at a time.

They run the code of the packed form on a block of one row, so their scores are its scores.
"""

from typing import Any, Final

import numpy as np
from river import base
from typing_extensions import override

from detectors.usage.counts import failures, judging, learning
from detectors.usage.counts.absence import FIRST_HABITS
from detectors.usage.counts.rows import HOURS, WEEK, Bucket, Judgement, fresh_counts, fresh_failures
from detectors.usage.counts.tails import score

_MOST: Final = 1e9
"""Larger numbers are cut to this. The service refuses them."""


def number_of(x: dict[Any, Any], name: str) -> float:
    """Return a count of features: 0 if it is missing, no number or negative, and at most 1e9.

    >>> number_of({"count": 7}, "count"), number_of({}, "count"), number_of({"count": float("nan")}, "count")
    (7.0, 0.0, 0.0)
    """
    value = x.get(name, 0.0)
    if not isinstance(value, int | float | np.number):
        return 0.0
    return float(min(value, _MOST)) if value > 0.0 else 0.0


class HourlyCountScorer(base.AnomalyDetector):
    """Score the count of each hour of one series against its own past.

    `x["count"]` is the count of the next hour; a missing count is 0. The score is -log10 of the smaller
    p-value of so few and so many, over the windows that end with the hour: 0 in the first week, never above
    30.

    Parameters
    ----------
    first_hour
        The hour of the first count, counted from a Monday at midnight.

    Examples
    --------
    Two weeks of thirty events an hour, then none:

    >>> model = HourlyCountScorer()
    >>> for _ in range(24 * 14):
    ...     model.learn_one({"count": 30})
    >>> scores = []
    >>> for _ in range(5):
    ...     scores.append(model.score_one({"count": 0}))
    ...     model.learn_one({"count": 0})
    >>> scores[0] < scores[-1], scores[-1] > 4.0
    (True, True)
    """

    def __init__(self, first_hour: int = 0) -> None:
        self.first_hour = first_hour
        self._hour = first_hour
        self._row = fresh_counts(1)

    @override
    def score_one(self, x: dict[Any, Any]) -> float:
        """Return the score of the next hour; nothing is learned."""
        row = self._row.copy()
        found = self._judged(row, number_of(x, "count"))
        return float(max(score(found.low)[0], score(found.high)[0]))

    @override
    def learn_one(self, x: dict[Any, Any]) -> None:
        """Count the next hour; the level and the habits are learned at the end of each day."""
        self._judged(self._row, number_of(x, "count"))
        day, slot = divmod(self._hour, HOURS)
        if slot == HOURS - 1:
            # Day 4 of 1970 was a Monday.
            learning.close_day(self._row, np.array([day % WEEK]), np.array([day + 4]))
            learning.open_day(self._row, np.array([(day + 1) % WEEK]))
        self._hour += 1

    def _judged(self, row: Any, count: float) -> Judgement:
        day, slot = divmod(self._hour, HOURS)
        bucket = Bucket(np.array([slot]), np.array([1]), np.array([count]))
        working = learning.is_working(row, np.array([day % WEEK]))
        passed = judging.passed_by(row, working, bucket)
        judging.count_bucket(row, bucket, passed)
        return judging.judge(row, passed, FIRST_HABITS)


class HourlyFailureScorer(base.AnomalyDetector):
    """Score the failures of each hour of one series against its own attempts.

    `x["failed"]` failures are among `x["attempts"]` attempts of the next hour. The score is -log10 of the
    p-value of so many failures in the last 1, 6 or 24 hours: 0 in the first week, never above 30.

    Examples
    --------
    >>> model = HourlyFailureScorer()
    >>> for hour in range(24 * 8):
    ...     model.learn_one({"failed": hour % 12 == 0, "attempts": 20})
    >>> for _ in range(3):
    ...     model.learn_one({"failed": 15, "attempts": 20})
    >>> model.score_one({"failed": 15, "attempts": 20}) > 6.0
    True
    """

    def __init__(self) -> None:
        self._hour = 0
        self._row = fresh_failures(1)

    @override
    def score_one(self, x: dict[Any, Any]) -> float:
        """Return the score of the next hour; nothing is learned."""
        return float(self._judged(self._row.copy(), x)[0])

    @override
    def learn_one(self, x: dict[Any, Any]) -> None:
        """Count the next hour; the share and the clustering are learned at the end of each day."""
        self._row["peak"] = np.maximum(self._row["peak"], self._judged(self._row, x))
        if self._hour % HOURS == HOURS - 1:
            failures.close_failures(self._row, np.array([self._hour // HOURS]))
        self._hour += 1

    def _judged(self, row: Any, x: dict[Any, Any]) -> Any:
        failed = np.array([number_of(x, "failed")])
        slot = np.array([self._hour % HOURS])
        tries = np.maximum(failed, number_of(x, "attempts"))
        failures.count_failures(row, Bucket(slot, np.array([1]), failed), tries)
        return score(failures.judge_failures(row, slot, failed).high)
