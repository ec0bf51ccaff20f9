"""Failures of one account against its own past, in volume and relative to what it attempted."""

from array import array
from typing import NamedTuple

from river import stats

from detectors.usage.policy import UsagePolicy
from detectors.usage.series import CHART_DAYS


class Surge(NamedTuple):
    """Failures of the last `buckets` buckets against what was expected there."""

    buckets: int
    observed: float
    expected: float
    sd: float

    @property
    def deviation(self) -> float:
        """Standard deviations above the expectation."""
        return (self.observed - self.expected) / self.sd


class ErrorWatch:
    """Daily failure rate and share (River's EWMean), dispersion, and the highest window so far.

    A surge must stand out of the volume expected at that hour, of the failures expected for the
    attempts made, of the noise, and of the highest window remembered, all at once.
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
        """Return the stronger surge of the last bucket or the last 24 hours, if there is one."""
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
        """Whether the last 24 hours are back in the range of the past."""
        expected: float = max(self.rate.get(), self.share.get() * sum(self.attempts))
        return sum(self.errors) < max(policy.min_errors, 2.0 * expected, self.peak_day)

    def remember_bucket(self, slot: int) -> None:
        """Let the highest bucket so far include the one just closed."""
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
        self.dispersion.update(min(surprise, 100.0 * self.dispersion.get() + 10.0, 1e12))
        self.rate.update(total)
        if attempts > 0.0:
            self.share.update(total / attempts)


def _stands_out(surge: Surge, peak: float, policy: UsagePolicy) -> bool:
    return (
        surge.observed >= policy.min_errors
        and surge.observed >= policy.error_factor * surge.expected
        and surge.observed >= 1.5 * peak
        and surge.deviation >= policy.error_sigmas
    )
