"""Failures of one account against its own past, in number and as a share of its attempts."""

from array import array
from typing import Final, NamedTuple

from river import stats

from detectors.usage.calendar import CHART_DAYS
from detectors.usage.policy import UsagePolicy

_PEAK_FACTOR: Final = 1.5
"""Times the highest window remembered that a surge needs. Chosen by hand."""

_CALM_FACTOR: Final = 2.0
"""Times the expectation below which 24 hours end a surge. Chosen by hand."""

_MOST_SURPRISE: Final = 100.0
"""Times the dispersion, plus 10, that one day may add to it: one outage does not hide the next. By hand."""

_MOST_DISPERSION: Final = 1e12
"""The highest surprise of a day, so that a snapshot's numbers stay in range. By hand."""


class Surge(NamedTuple):
    """Failures of the last `buckets` buckets against their expectation."""

    buckets: int
    observed: float
    expected: float
    sd: float

    @property
    def deviation(self) -> float:
        """Standard deviations above the expectation."""
        return (self.observed - self.expected) / self.sd


class ErrorWatch:
    """Daily failure rate and share (River's EWMean), dispersion, and the highest window remembered.

    A surge must exceed all of these at once: the failures expected at that hour, the failures expected for
    the attempts made, the noise, and the highest window remembered.
    """

    __slots__ = (
        "alarmed", "attempts", "days", "dispersion", "errors", "learned", "peak_bucket", "peak_day", "rate",
        "share",
    )  # fmt: skip

    def __init__(self, policy: UsagePolicy) -> None:
        self.rate = stats.EWMean(policy.fading)
        self.share = stats.EWMean(policy.fading)
        self.dispersion = stats.EWMean(policy.fading)
        self.dispersion.update(1.0)
        self.errors = array("f", bytes(4 * policy.slots))
        self.attempts = array("f", bytes(4 * policy.slots))
        self.days = array("f", bytes(4 * CHART_DAYS))
        self.peak_bucket = 0.0
        self.peak_day = 0.0
        self.learned = 0
        self.alarmed = -1

    def add(self, slot: int, errors: float, attempts: float) -> None:
        """Count one closed bucket; the rings hold the last 24 hours."""
        self.errors[slot] = errors
        self.attempts[slot] = attempts

    def surge(self, slot: int, profile: "array[float]", policy: UsagePolicy) -> Surge | None:
        """Return the stronger surge of the last bucket or of the last 24 hours, or None."""
        if sum(self.errors) < policy.min_errors:
            return None
        rate = self.rate.get()
        last = self._judge(1, self.errors[slot], self.attempts[slot], rate * profile[slot])
        day = self._judge(policy.slots, sum(self.errors), sum(self.attempts), rate)
        found = [
            surge
            for surge, peak in ((last, self.peak_bucket), (day, self.peak_day))
            if _stands_out(surge, peak, policy)
        ]
        return max(found, key=lambda surge: surge.deviation, default=None)

    def _judge(self, buckets: int, errors: float, attempts: float, by_rate: float) -> Surge:
        expected = max(by_rate, self.share.get() * attempts)
        variance: float = max(self.dispersion.get(), 1.0) * max(expected, 1.0)
        return Surge(buckets, errors, expected, variance**0.5)

    def calm(self, policy: UsagePolicy) -> bool:
        """Return whether the last 24 hours are back in the range of the past."""
        expected: float = max(self.rate.get(), self.share.get() * sum(self.attempts))
        return sum(self.errors) < max(policy.min_errors, _CALM_FACTOR * expected, self.peak_day)

    def remember_bucket(self, slot: int) -> None:
        """Include the bucket just closed in the highest bucket remembered."""
        self.peak_bucket = max(self.peak_bucket, self.errors[slot])

    def close_day(self, day: int, policy: UsagePolicy, *, learn: bool) -> None:
        """Store the day's total and, unless `learn` is False, learn from it."""
        total = sum(self.errors)
        attempts = sum(self.attempts)
        self.days[day % CHART_DAYS] = total
        if not learn:
            return
        self._learn(total, attempts)
        self.peak_bucket *= policy.rhythm_decay
        self.peak_day = max(self.peak_day * policy.rhythm_decay, total)

    def _learn(self, total: float, attempts: float) -> None:
        if not self.learned:
            self.rate.update(total)
            self.share.update(total / attempts if attempts else 0.0)
        self.learned += 1
        rate = self.rate.get()
        surprise = (total - rate) ** 2 / max(rate, 1.0)
        most = _MOST_SURPRISE * self.dispersion.get() + 10.0
        self.dispersion.update(min(surprise, most, _MOST_DISPERSION))
        self.rate.update(total)
        if attempts > 0.0:
            self.share.update(total / attempts)


def _stands_out(surge: Surge, peak: float, policy: UsagePolicy) -> bool:
    return (
        surge.observed >= policy.min_errors
        and surge.observed >= policy.error_factor * surge.expected
        and surge.observed >= _PEAK_FACTOR * peak
        and surge.deviation >= policy.error_sigmas
    )
