"""The state of one gauge: what is measured of a row, and how all parts learn it."""

from typing import Literal, NamedTuple

from detectors.usage.gauge.excursions import GaugeExcursions
from detectors.usage.gauge.forecasts import GaugeExpectation, GaugeForecasts
from detectors.usage.gauge.pace import GaugePace, GaugeStep
from detectors.usage.gauge.policy import UNBOUNDED, GaugePolicy, share
from detectors.usage.gauge.repeats import GaugeRepeats
from detectors.usage.gauge.tail import GaugeTail

GaugeSign = Literal["value", "shift", "range", "spread", "stuck"]


class GaugeSizes(NamedTuple):
    """What a row is measured by, each at least 0, in units of the series; `spread` is a ratio.

    `value` is the distance from the expected value, `shift` that distance smoothed, `range` the distance
    beyond the range seen so far, `spread` how many times the present spread is the usual one, or the usual
    one the present, less 1.
    """

    value: float
    shift: float
    range: float
    spread: float


class GaugeVerdict(NamedTuple):
    """How odd a row is: its score in [0, 1], or 0 in the rest after an alarm that was as odd.

    `surprise` is in decimal digits, without the rest; `sign` is what contributed most.
    """

    score: float
    surprise: float
    sign: GaugeSign
    expected: GaugeExpectation
    sizes: GaugeSizes
    smoothed: float
    step: GaugeStep


class GaugeState:
    """All that is known of one gauge, in constant memory: about 500 numbers."""

    def __init__(self, policy: GaugePolicy) -> None:
        self.policy = policy
        self.pace = GaugePace()
        self.forecasts = GaugeForecasts(policy)
        self.tails = tuple(GaugeTail(policy) for _ in GaugeSizes._fields)
        self.excursions = GaugeExcursions(policy)
        self.repeats = GaugeRepeats()
        self.smoothed = self.highest = self.lowest = self.present_spread = self.usual_spread = 0.0
        self.peak = self.rest_left = self.hours = 0.0

    def judge(self, at: float, value: float) -> GaugeVerdict:
        """Return the verdict on a value at a time in seconds; nothing is changed."""
        step = self.pace.step(at)
        expected = self.forecasts.expected(at, value)
        smoothed = self._smoothed(value - expected.value, step)
        sizes = GaugeSizes(abs(value - expected.value), abs(smoothed), self._beyond(value), self._changed())
        digits = [tail.surprise(size) for tail, size in zip(self.tails, sizes, strict=True)]
        stuck = self.policy.repeat_weight * self.repeats.surprise(value)
        news = 1.0 + self.policy.excursion_discount * self.excursions.repeats(sizes.value, step)
        found, sign = _joined(digits, stuck, news, self.policy)
        surprise = found if self._knows_a_day(step) else 0.0
        is_news = self._is_news(surprise, self.peak if self.rest_left - step.passed > 0.0 else 0.0)
        score = surprise / (surprise + self.policy.alarm_surprise) if is_news else 0.0
        return GaugeVerdict(score, surprise, sign, expected, sizes, smoothed, step)

    def learn(self, at: float, value: float, verdict: GaugeVerdict) -> None:
        """Learn a value; `verdict` is what `judge` has just said about it."""
        step = verdict.step
        self._rest(verdict)
        for tail, size in zip(self.tails, verdict.sizes, strict=True):
            tail.learn(size)
        self.repeats.learn(value)
        if self._knows_a_day(step):
            self.excursions.learn(verdict.sizes.value, step)
        self._learn_spreads(verdict.sizes.value, step)
        self.forecasts.learn(at, value, verdict.expected, step)
        self.smoothed = verdict.smoothed
        self._learn_range(value, step)
        self.hours += step.passed
        self.pace.take(step)

    def _knows_a_day(self, step: GaugeStep) -> bool:
        return self.hours + step.passed >= self.policy.warm_up_hours

    def _smoothed(self, residual: float, step: GaugeStep) -> float:
        slow = max(self.policy.smooth_hours, self.policy.smooth_rows * step.interval)
        return self.smoothed + share(step.passed, slow) * (residual - self.smoothed)

    def _beyond(self, value: float) -> float:
        if self.pace.rows == 0:
            return 0.0
        return max(0.0, value - self.highest, self.lowest - value)

    def _changed(self) -> float:
        """Return by how many times the spread has changed, less 1; a spread cannot fall by more than 20."""
        if self.usual_spread <= 0.0:
            return 0.0
        ratio = self.present_spread / self.usual_spread
        return max(0.0, ratio - 1.0 if ratio > 1.0 else 1.0 / (ratio + 0.05) - 1.0)

    def _is_news(self, surprise: float, peak: float) -> bool:
        """Tell whether a surprise counts after a peak: an alarm is followed only by a much stronger one."""
        is_after_alarm = peak >= self.policy.alarm_surprise
        return surprise > (self.policy.escalation * peak if is_after_alarm else peak)

    def _rest(self, verdict: GaugeVerdict) -> None:
        self.rest_left -= verdict.step.passed
        if self.rest_left <= 0.0:
            self.peak = 0.0
        if self._is_news(verdict.surprise, self.peak):
            self.peak = verdict.surprise
            self.rest_left = max(self.policy.rest_hours, self.policy.rest_rows * verdict.step.interval)

    def _learn_spreads(self, size: float, step: GaugeStep) -> None:
        policy, rows = self.policy, self.pace.rows + 1
        is_warm = self.pace.rows >= policy.warm_up_rows
        cut = min(size, policy.error_spreads * self.forecasts.spread if is_warm else UNBOUNDED)
        fast = max(policy.variance_hours, policy.level_rows * step.interval)
        self.present_spread += max(share(step.passed, fast), 1.0 / rows) * (cut - self.present_spread)
        slow = max(share(step.passed, policy.error_hours), 1.0 / rows)
        self.usual_spread += slow * (cut - self.usual_spread)

    def _learn_range(self, value: float, step: GaugeStep) -> None:
        if self.pace.rows == 0:
            self.highest = self.lowest = value
            return
        closing, level = share(step.passed, self.policy.range_hours), self.forecasts.level
        self.highest = max(value, self.highest - closing * (self.highest - level))
        self.lowest = min(value, self.lowest + closing * (level - self.lowest))


def _joined(digits: list[float], stuck: float, news: float, policy: GaugePolicy) -> tuple[float, GaugeSign]:
    """Return the joined surprise, and the sign that contributed most.

    Surprises about the value add up, as in Fisher's method, and are divided by `news`, which is more than 1
    for what was seen before. A changed spread or a stuck value counts only if it alone is more surprising.
    """
    value, shift, beyond, spread = digits
    found = (value + shift + beyond) / news
    signs: dict[GaugeSign, float] = {"value": value, "shift": shift, "range": beyond}
    sign = max(signs, key=lambda name: signs[name])
    alone: dict[GaugeSign, float] = {"spread": policy.variance_weight * spread, "stuck": stuck}
    for name, surprise in alone.items():
        if surprise > found:
            found, sign = surprise, name
    return found, sign
