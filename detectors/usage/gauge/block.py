"""Many gauges judged at once: `GaugeState` as arrays, with the same scores, bit for bit."""

from typing import Final, NamedTuple

import numpy as np

from detectors.usage.gauge.block_parts import (
    BlockExcursions,
    BlockFlags,
    BlockFloats,
    BlockLesson,
    BlockPlaces,
    BlockRepeats,
    BlockRhythms,
    BlockStep,
    BlockTails,
    cut,
    shares,
)
from detectors.usage.gauge.pace import MOST_INTERVALS, STEP
from detectors.usage.gauge.policy import (
    CELL_HOURS,
    DAY_HOURS,
    MOST,
    TINY,
    UNBOUNDED,
    WEEK_HOURS,
    GaugePolicy,
)

_HOUR: Final = 3_600.0


class _BlockExpected(NamedTuple):
    value: BlockFloats
    level: BlockFloats
    day: BlockFloats
    week: BlockFloats


class _BlockJudged(NamedTuple):
    """What `GaugeVerdict` holds, of the gauges with a value."""

    surprise: BlockFloats
    is_news: BlockFlags
    expected: _BlockExpected
    sizes: tuple[BlockFloats, ...]
    smoothed: BlockFloats
    step: BlockStep


class GaugeBlock:
    """A number of gauges, each with at most one value per call.

    >>> block = GaugeBlock(2)
    >>> for row in range(600):
    ...     scores = block.observe(np.array([300.0 * row] * 2), np.array([10.0 + row % 7, np.nan]))
    >>> [bool(score > 0.5) for score in block.observe(np.array([180_000.0] * 2), np.array([90.0, 90.0]))]
    [True, False]
    """

    def __init__(self, gauges: int, policy: GaugePolicy | None = None) -> None:
        self.policy = policy = policy or GaugePolicy()
        self.count, self.newest, self.interval, self.hours = np.zeros((4, gauges))
        self.level, self.spread, self.level_error, self.day_error, self.week_error = np.zeros((5, gauges))
        self.smoothed, self.highest, self.lowest = np.zeros((3, gauges))
        self.present_spread, self.usual_spread, self.peak, self.rest_left = np.zeros((4, gauges))
        self.day = BlockRhythms(gauges, int(DAY_HOURS / CELL_HOURS), policy.visits)
        self.week = BlockRhythms(gauges, int(WEEK_HOURS / CELL_HOURS), policy.visits)
        self.tails = tuple(BlockTails(gauges, policy) for _ in range(4))
        self.excursions = BlockExcursions(gauges, policy)
        self.repeats = BlockRepeats(gauges)

    def observe(self, at: BlockFloats, values: BlockFloats) -> BlockFloats:
        """Return the score of each gauge's value, and learn the values afterwards.

        `at` has seconds since 1970. A value that is NaN or infinite is a gap: it scores 0 and is not learned.
        """
        rows = np.flatnonzero(np.isfinite(values))
        now, value = at[rows], cut(values[rows], np.full(len(rows), MOST))
        with np.errstate(over="ignore"):
            judged = self._judge(rows, now, value)
            self._learn(rows, (now, value), judged)
        scores = np.zeros(len(values))
        shown = judged.surprise / (judged.surprise + self.policy.alarm_surprise)
        scores[rows] = np.where(judged.is_news, shown, 0.0)
        return scores

    def _judge(self, rows: BlockPlaces, at: BlockFloats, value: BlockFloats) -> _BlockJudged:
        policy, step = self.policy, self._step(rows, at)
        expected = self._expected(rows, at, value)
        residual, before = value - expected.value, self.smoothed[rows]
        slow = np.maximum(policy.smooth_hours, policy.smooth_rows * step.interval)
        smoothed = before + shares(step.passed, slow) * (residual - before)
        beyond = np.maximum(np.maximum(0.0, value - self.highest[rows]), self.lowest[rows] - value)
        beyond = np.where(self.count[rows] == 0.0, 0.0, beyond)
        sizes = (np.abs(residual), np.abs(smoothed), beyond, self._changed(rows))
        digits = [tail.surprise(rows, size) for tail, size in zip(self.tails, sizes, strict=True)]
        news = 1.0 + policy.excursion_discount * self.excursions.repeats(rows, sizes[0], step.passed)
        found = (digits[0] + digits[1] + digits[2]) / news
        found = np.maximum(found, policy.variance_weight * digits[3])
        found = np.maximum(found, policy.repeat_weight * self.repeats.surprise(rows, value))
        surprise = np.where(self._knows_a_day(rows, step), found, 0.0)
        peak = np.where(self.rest_left[rows] - step.passed > 0.0, self.peak[rows], 0.0)
        return _BlockJudged(surprise, self._is_news(surprise, peak), expected, sizes, smoothed, step)

    def _step(self, rows: BlockPlaces, at: BlockFloats) -> BlockStep:
        count, newest, interval = self.count[rows], self.newest[rows], self.interval[rows]
        gap = (at - newest) / _HOUR
        moves = (count > 0.0) & (gap > 0.0)
        most = np.maximum(STEP, 1.0 / (count + 1.0)) * interval
        measured = np.where(interval > 0.0, interval + cut(gap - interval, most), gap)
        interval = np.where(moves, measured, interval)
        passed = np.where(moves, np.minimum(gap, MOST_INTERVALS * interval), 0.0)
        return BlockStep(passed, interval, np.where(moves | (count == 0.0), at, newest))

    def _expected(self, rows: BlockPlaces, at: BlockFloats, value: BlockFloats) -> _BlockExpected:
        level = np.where(self.count[rows] > 0.0, self.level[rows], value)
        hour, week_hour = _hours(at, DAY_HOURS), _hours(at, WEEK_HOURS)
        day = self.day.forecast(rows, hour, level)
        is_weekly = self.week.visits[rows, self.week.cells(week_hour)] >= self.policy.week_visits
        week = np.where(is_weekly, self.week.forecast(rows, week_hour, day), day)
        level_error, day_error = self.level_error[rows], self.day_error[rows]
        is_daily = (self.day.visits[rows, self.day.cells(hour)] > 0.0) & (day_error <= level_error)
        asked = np.where(is_daily, day, level)
        is_weekly &= self.week_error[rows] < np.minimum(day_error, level_error)
        return _BlockExpected(np.where(is_weekly, week, asked), level, day, week)

    def _changed(self, rows: BlockPlaces) -> BlockFloats:
        usual = self.usual_spread[rows]
        ratio = self.present_spread[rows] / np.where(usual > 0.0, usual, 1.0)
        changed = np.where(ratio > 1.0, ratio - 1.0, 1.0 / (ratio + 0.05) - 1.0)
        return np.where(usual > 0.0, np.maximum(0.0, changed), 0.0)

    def _knows_a_day(self, rows: BlockPlaces, step: BlockStep) -> BlockFlags:
        knows: BlockFlags = self.hours[rows] + step.passed >= self.policy.warm_up_hours
        return knows

    def _is_news(self, surprise: BlockFloats, peak: BlockFloats) -> BlockFlags:
        is_after_alarm = peak >= self.policy.alarm_surprise
        is_news: BlockFlags = surprise > np.where(is_after_alarm, self.policy.escalation * peak, peak)
        return is_news

    def _learn(self, rows: BlockPlaces, row: tuple[BlockFloats, BlockFloats], judged: _BlockJudged) -> None:
        (at, value), step = row, judged.step
        self._rest(rows, judged)
        for tail, size in zip(self.tails, judged.sizes, strict=True):
            tail.learn(rows, size)
        self.repeats.learn(rows, value)
        knows = self._knows_a_day(rows, step)
        part = BlockStep(step.passed[knows], step.interval[knows], step.newest[knows])
        self.excursions.learn(rows[knows], judged.sizes[0][knows], part)
        bound = self._learn_errors(rows, value, judged)
        self._learn_forecasts(rows, BlockLesson(value, self._visits(rows, step), bound), (at, judged))
        self.smoothed[rows] = judged.smoothed
        self._learn_range(rows, value, step)
        self.hours[rows] += step.passed
        self.newest[rows], self.interval[rows] = step.newest, step.interval
        self.count[rows] += 1.0

    def _rest(self, rows: BlockPlaces, judged: _BlockJudged) -> None:
        left = self.rest_left[rows] - judged.step.passed
        peak = np.where(left <= 0.0, 0.0, self.peak[rows])
        is_news = self._is_news(judged.surprise, peak)
        rest = np.maximum(self.policy.rest_hours, self.policy.rest_rows * judged.step.interval)
        self.peak[rows] = np.where(is_news, judged.surprise, peak)
        self.rest_left[rows] = np.where(is_news, rest, left)

    def _learn_errors(self, rows: BlockPlaces, value: BlockFloats, judged: _BlockJudged) -> BlockFloats:
        """Learn spreads and errors; return the bound of an error, from the spread before."""
        policy, count, expected = self.policy, self.count[rows] + 1.0, judged.expected
        is_warm = self.count[rows] >= policy.warm_up_rows
        spread = self.spread[rows]
        bound = np.where(is_warm, policy.outlier_spreads * spread + TINY, UNBOUNDED)
        most = np.where(is_warm, policy.error_spreads * spread, UNBOUNDED)
        fast = np.maximum(policy.variance_hours, policy.level_rows * judged.step.interval)
        present = np.maximum(shares(judged.step.passed, fast), 1.0 / count)
        weight = np.maximum(shares(judged.step.passed, policy.error_hours), 1.0 / count)
        for means, pull, error in (
            (self.present_spread, present, judged.sizes[0]),
            (self.usual_spread, weight, judged.sizes[0]),
            (self.day_error, weight, np.abs(value - expected.day)),
            (self.week_error, weight, np.abs(value - expected.week)),
            (self.level_error, weight, np.abs(value - expected.level)),
            (self.spread, weight, judged.sizes[0]),
        ):
            means[rows] += pull * (np.minimum(error, most) - means[rows])
        return bound

    def _visits(self, rows: BlockPlaces, step: BlockStep) -> BlockFloats:
        return np.where(self.count[rows] > 0.0, np.minimum(1.0, step.passed / CELL_HOURS), TINY)

    def _learn_forecasts(
        self, rows: BlockPlaces, lesson: BlockLesson, row: tuple[BlockFloats, _BlockJudged]
    ) -> None:
        at, judged = row
        self.day.learn(rows, _hours(at, DAY_HOURS), lesson)
        self.week.learn(rows, _hours(at, WEEK_HOURS), lesson)
        slow = np.maximum(self.policy.level_hours, self.policy.level_rows * judged.step.interval)
        pull = np.maximum(shares(judged.step.passed, slow), 1.0 / (self.count[rows] + 1.0))
        level = judged.expected.level
        self.level[rows] = level + pull * cut(lesson.value - level, lesson.bound)

    def _learn_range(self, rows: BlockPlaces, value: BlockFloats, step: BlockStep) -> None:
        closing, level = shares(step.passed, self.policy.range_hours), self.level[rows]
        highest, lowest, is_first = self.highest[rows], self.lowest[rows], self.count[rows] == 0.0
        high = np.maximum(value, highest - closing * (highest - level))
        low = np.minimum(value, lowest + closing * (level - lowest))
        self.highest[rows] = np.where(is_first, value, high)
        self.lowest[rows] = np.where(is_first, value, low)


def _hours(at: BlockFloats, cycle_hours: float) -> BlockFloats:
    hours: BlockFloats = (at % (cycle_hours * _HOUR)) / _HOUR
    return hours
