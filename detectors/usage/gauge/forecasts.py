"""What a series is expected to be now: the best of three forecasters, by their errors so far."""

from typing import Final, NamedTuple

from detectors.usage.gauge.pace import GaugeStep
from detectors.usage.gauge.policy import (
    CELL_HOURS,
    DAY_HOURS,
    TINY,
    UNBOUNDED,
    WEEK_HOURS,
    GaugePolicy,
    share,
    within,
)
from detectors.usage.gauge.rhythm import GaugeRhythm

_SECONDS: Final = 3_600.0


class GaugeExpectation(NamedTuple):
    """The value expected, and what each forecaster says: the level, the hour of the day, that of the week."""

    value: float
    level: float
    day: float
    week: float


class GaugeForecasts:
    """The level, the rhythms of day and week, their mean errors, and the mean error of what was asked."""

    __slots__ = (
        "_policy",
        "day",
        "day_error",
        "level",
        "level_error",
        "rows",
        "spread",
        "week",
        "week_error",
    )

    def __init__(self, policy: GaugePolicy) -> None:
        self._policy = policy
        self.day = GaugeRhythm(int(DAY_HOURS / CELL_HOURS))
        self.week = GaugeRhythm(int(WEEK_HOURS / CELL_HOURS))
        self.level = self.spread = 0.0
        self.level_error = self.day_error = self.week_error = 0.0
        self.rows = 0

    def expected(self, at: float, value: float) -> GaugeExpectation:
        """Return what is expected at a time in seconds; the first row is expected to be what it is."""
        level = self.level if self.rows else value
        seen = self.day.forecast(_hour(at, DAY_HOURS))
        day = level if seen is None else seen
        hour = _hour(at, WEEK_HOURS)
        is_weekly = self.week.seen(hour) >= self._policy.week_visits
        forecast = self.week.forecast(hour) if is_weekly else None
        week = day if forecast is None else forecast
        asked = day if seen is not None and self.day_error <= self.level_error else level
        if is_weekly and self.week_error < min(self.day_error, self.level_error):
            asked = week
        return GaugeExpectation(asked, level, day, week)

    def learn(self, at: float, value: float, expected: GaugeExpectation, step: GaugeStep) -> None:
        """Learn the value after it was judged; errors are cut, so that one outlier moves little."""
        policy, rows = self._policy, self.rows + 1
        is_warm = self.rows >= policy.warm_up_rows
        bound = policy.outlier_spreads * self.spread + TINY if is_warm else UNBOUNDED
        most = policy.error_spreads * self.spread if is_warm else UNBOUNDED
        weight = max(share(step.passed, policy.error_hours), 1.0 / rows)
        self.day_error += weight * (min(abs(value - expected.day), most) - self.day_error)
        self.week_error += weight * (min(abs(value - expected.week), most) - self.week_error)
        self.level_error += weight * (min(abs(value - expected.level), most) - self.level_error)
        self.spread += weight * (min(abs(value - expected.value), most) - self.spread)
        self._learn_rhythms(at, value, step, bound)
        slow = max(policy.level_hours, policy.level_rows * step.interval)
        pull = max(share(step.passed, slow), 1.0 / rows)
        self.level = expected.level + pull * within(value - expected.level, bound)
        self.rows = rows

    def _learn_rhythms(self, at: float, value: float, step: GaugeStep, bound: float) -> None:
        """Learn the hour; a row without time passed, a late or a repeated one, teaches no rhythm."""
        visits = min(1.0, step.passed / CELL_HOURS) if self.rows else TINY
        if visits <= 0.0:
            return
        for rhythm, hours in ((self.day, DAY_HOURS), (self.week, WEEK_HOURS)):
            hour = _hour(at, hours)
            rhythm.learn(hour, value, visits=visits, most_visits=self._policy.visits, bound=bound)


def _hour(at: float, cycle_hours: float) -> float:
    """Return the hour in a cycle of a time in seconds since 1970, in UTC."""
    return (at % (cycle_hours * _SECONDS)) / _SECONDS
