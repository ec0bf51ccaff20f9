"""Scores of a time series by the detector of counts.

The detector follows counts of events and reports falls of them and surges of failures. A series of values is
none of that, so `CountScorer` is an adapter: it counts each value as use, and again as failures.
"""

from datetime import datetime
from typing import Final

from detectors.usage.detector import UsageDetector
from detectors.usage.grading import graded
from detectors.usage.policy import UsagePolicy
from schemas.usage import UsageEvent

_SERIES: Final = "series"
_KIND: Final = "value"
_MOST_QUANTITY: Final = 1e9
"""The highest quantity that the detector counts in one event."""

_ATTEMPTS: Final = 1_000.0
"""Attempts that each value counts among. Chosen by hand: so many that no rise looks like more attempts."""

_DEFAULT: Final = UsagePolicy()


class CountScorer:
    """The usage detector of the product on one series; a row scores above 0 when the detector reports.

    The unit of the series is its first value above 0, so that the smallest volume that the detector judges
    does not depend on the unit of measurement. One detector counts a value as use, so that a fall is a drop.
    Another counts it as the failures among a fixed number of attempts, so that a rise is a surge. A negative
    value counts as 0: the detector knows no such count. Values that are more than 10 minutes late are not
    counted.

    >>> from datetime import UTC, timedelta
    >>> scorer, start = CountScorer(), datetime(2026, 3, 2, tzinfo=UTC)
    >>> values = [30.0] * 24 * 16 + [3.0] * 24 * 2
    >>> scores = [scorer.score(start + timedelta(hours=hour), value) for hour, value in enumerate(values)]
    >>> max(scores[: 24 * 16]), [hour for hour, score in enumerate(scores) if score > 0.0]
    (0.0, [400, 424])
    """

    def __init__(self, policy: UsagePolicy = _DEFAULT) -> None:
        self._use = UsageDetector(_SERIES, policy)
        self._failures = UsageDetector(_SERIES, policy)
        self._unit = 0.0
        self._rows = 0

    def score(self, timestamp: datetime, value: float) -> float:
        """Return the score of the strongest report that this value makes visible, or 0 without a report.

        Raises RefusedEvent if the time has no zone or is not in 2000 to 2200.
        """
        quantity = self._quantity(value)
        self._rows += 1
        attempts = UsageEvent(f"{self._rows}a", _SERIES, _KIND, timestamp, _ATTEMPTS)
        failures = UsageEvent(f"{self._rows}f", _SERIES, _KIND, timestamp, quantity, failed=True)
        use = UsageEvent(f"{self._rows}", _SERIES, _KIND, timestamp, quantity)
        falls = self._use.observe(use).anomalies
        rises = self._failures.observe(attempts).anomalies + self._failures.observe(failures).anomalies
        surges = [anomaly for anomaly in rises if anomaly.cause == "error_surge"]
        return max((graded(anomaly.deviation) for anomaly in (*falls, *surges)), default=0.0)

    def _quantity(self, value: float) -> float:
        if self._unit == 0.0 and value > 0.0:
            self._unit = value
        return min(max(value, 0.0) / self._unit, _MOST_QUANTITY) if self._unit else 0.0
