"""The parts of a gauge's state for many gauges at once: one row of an array per gauge.

Each part does the arithmetic of the part of the same name for one gauge, in the same order, so that the
results are the same bits. `rows` are the gauges that have a value now.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.usage.gauge.policy import CELL_HOURS, LOG10_E, MOST_SURPRISE, GaugePolicy
from detectors.usage.gauge.repeats import LEAST_CHANGES, MOST_PAIRS
from detectors.usage.gauge.tail import DIGITS_AT_QUANTILE, LEAST_EXCEEDANCES

BlockFloats = NDArray[np.float64]
BlockPlaces = NDArray[np.int64]
BlockFlags = NDArray[np.bool_]

_NONE: Final = -1


class BlockStep(NamedTuple):
    """`GaugeStep` of many gauges."""

    passed: BlockFloats
    interval: BlockFloats
    newest: BlockFloats


class BlockLesson(NamedTuple):
    """What rhythms learn: values, the part of a visit that each is worth, and the bound of its error."""

    value: BlockFloats
    visits: BlockFloats
    bound: BlockFloats


def shares(hours: BlockFloats, time_constant: float | BlockFloats) -> BlockFloats:
    """Return `policy.share` of each."""
    result: BlockFloats = hours / (hours + time_constant)
    return result


def cut(values: BlockFloats, bound: BlockFloats) -> BlockFloats:
    """Return each value cut to [-bound, bound]."""
    result: BlockFloats = np.maximum(-bound, np.minimum(bound, values))
    return result


class BlockRhythms:
    """`GaugeRhythm` of many gauges."""

    def __init__(self, gauges: int, hours: int, most_visits: float) -> None:
        self._most = most_visits
        self.means = np.zeros((gauges, hours))
        self.visits = np.zeros((gauges, hours))

    def cells(self, hour: BlockFloats) -> BlockPlaces:
        """Return the cell of each hour."""
        return (hour / CELL_HOURS).astype(np.int64) % self.means.shape[1]

    def forecast(self, rows: BlockPlaces, hour: BlockFloats, default: BlockFloats) -> BlockFloats:
        """Return the expected values, or the default if an hour was never seen."""
        cell = self.cells(hour)
        offset = hour / CELL_HOURS - (hour / CELL_HOURS).astype(np.int64) - 0.5
        beside = (cell + np.where(offset > 0.0, 1, -1)) % self.means.shape[1]
        mean = self.means[rows, cell]
        between = mean + np.abs(offset) * (self.means[rows, beside] - mean)
        known = np.where(self.visits[rows, beside] <= 0.0, mean, between)
        return np.where(self.visits[rows, cell] <= 0.0, default, known)

    def learn(self, rows: BlockPlaces, hour: BlockFloats, lesson: BlockLesson) -> None:
        """Learn the values of the gauges whose visits are above 0."""
        cell, (value, visits, bound) = self.cells(hour), lesson
        before, mean = self.visits[rows, cell], self.means[rows, cell]
        is_new = before <= 0.0
        after = np.where(is_new, visits, np.minimum(before + visits, self._most))
        step = np.minimum(1.0, visits / np.where(after > 0.0, after, 1.0)) * cut(value - mean, bound)
        taught = visits > 0.0
        self.visits[rows, cell] = np.where(taught, after, before)
        self.means[rows, cell] = np.where(taught, np.where(is_new, value, mean + step), mean)


class BlockTails:
    """`GaugeTail` of one sign of many gauges."""

    def __init__(self, gauges: int, policy: GaugePolicy) -> None:
        self._policy = policy
        self.quantile, self.excess, self.scale = np.zeros((3, gauges))
        self.exceedances, self.positive, self.count = np.zeros((3, gauges))

    def surprise(self, rows: BlockPlaces, size: BlockFloats) -> BlockFloats:
        """Return the surprise of each size."""
        quantile, scale = self.quantile[rows], self.scale[rows]
        unit = quantile + self._policy.tail_scales * scale
        excess = self.excess[rows] * unit + self._policy.scale_floor * scale
        is_judged = (self.count[rows] >= self._policy.warm_up_rows) & (excess > 0.0)
        beyond = (size - quantile) / np.where(is_judged, excess, 1.0) * LOG10_E
        above = np.minimum(MOST_SURPRISE, DIGITS_AT_QUANTILE + beyond)
        below = DIGITS_AT_QUANTILE * (size / np.where(quantile > 0.0, quantile, 1.0))
        found = np.where(size > quantile, above, np.where(quantile > 0.0, below, 0.0))
        return np.where(is_judged, found, 0.0)

    def learn(self, rows: BlockPlaces, size: BlockFloats) -> None:
        """Learn the sizes."""
        policy, quantile, count = self._policy, self.quantile[rows], self.count[rows] + 1.0
        scale = self.scale[rows]
        scale = scale + np.maximum(1.0 / count, 1.0 / policy.scale_rows) * (size - scale)
        positive = self.positive[rows] + (size > 0.0)
        step = np.maximum(policy.tail_first / np.maximum(positive, 1.0), policy.tail_rate) * scale
        is_first = quantile == 0.0
        is_above = ~is_first & (size > quantile)
        over = (size - quantile)[is_above] / (quantile + policy.tail_scales * scale)[is_above]
        self._learn_excess(rows[is_above], over)
        up = np.minimum(size, quantile + step * (1.0 - policy.tail_share))
        down = np.maximum(0.0, quantile - step * policy.tail_share)
        self.quantile[rows] = np.where(is_first, size, np.where(is_above, up, down))
        self.count[rows], self.scale[rows], self.positive[rows] = count, scale, positive

    def _learn_excess(self, rows: BlockPlaces, excess: BlockFloats) -> None:
        mean = self.excess[rows]
        is_cut = self.exceedances[rows] > LEAST_EXCEEDANCES
        excess = np.where(is_cut, np.minimum(excess, self._policy.tail_cut * mean), excess)
        self.exceedances[rows] += 1.0
        weight = np.maximum(1.0 / self.exceedances[rows], 1.0 / self._policy.tail_memory)
        self.excess[rows] = mean + weight * (excess - mean)


class BlockExcursions:
    """`GaugeExcursions` of many gauges; a size of 0 is an empty place."""

    def __init__(self, gauges: int, policy: GaugePolicy) -> None:
        self._policy = policy
        self.sizes, self.weights = np.zeros((2, gauges, policy.excursions))
        self.open = np.full(gauges, _NONE)
        self.held = np.zeros(gauges, np.int64)
        self.left = np.zeros(gauges)

    def repeats(self, rows: BlockPlaces, size: BlockFloats, passed: BlockFloats) -> BlockFloats:
        """Return how many earlier excursions were about as large."""
        fading = shares(passed, self._policy.excursion_hours)
        still_open = np.where(self.left[rows] - passed > 0.0, self.open[rows], _NONE)
        least, count = self._policy.excursion_share * size, np.zeros(len(rows))
        for place in range(self.sizes.shape[1]):
            weight = self.weights[rows, place]
            counts = (place < self.held[rows]) & (place != still_open) & (self.sizes[rows, place] >= least)
            count = count + np.where(counts, weight - fading * weight, 0.0)
        return count

    def learn(self, rows: BlockPlaces, size: BlockFloats, step: BlockStep) -> None:
        """Learn the sizes."""
        fading = shares(step.passed, self._policy.excursion_hours)
        self.weights[rows] -= fading[:, None] * self.weights[rows]
        self.left[rows] -= step.passed
        self.open[rows] = np.where(self.left[rows] <= 0.0, _NONE, self.open[rows])
        is_open, held = self.open[rows] >= 0, self.held[rows]
        is_full = held >= self._policy.excursions
        faded = self.sizes[rows] * self.weights[rows]
        least = faded.argmin(axis=1)
        free = np.minimum(held, self._policy.excursions - 1)
        place = np.where(is_open, self.open[rows], np.where(is_full, least, free))
        every = np.arange(len(rows))
        least_size = np.where(is_open, self.sizes[rows, place], np.where(is_full, faded[every, least], 0.0))
        takes = size > least_size
        taken, place = rows[takes], place[takes]
        self.sizes[taken, place] = size[takes]
        self.weights[taken, place] = np.where(is_open[takes], self.weights[taken, place], 1.0)
        self.held[taken] += ~is_open[takes] & ~is_full[takes]
        self.open[taken] = place
        rest = np.maximum(self._policy.rest_hours, self._policy.rest_rows * step.interval)
        self.left[taken] = rest[takes]


class BlockRepeats:
    """`GaugeRepeats` of many gauges."""

    def __init__(self, gauges: int) -> None:
        self.value, self.count, self.changes, self.run = np.zeros((4, gauges))
        self.again, self.chances = np.zeros((2, gauges))

    def surprise(self, rows: BlockPlaces, value: BlockFloats) -> BlockFloats:
        """Return the surprise of the run that each value continues."""
        run = self._run(rows, value)
        is_judged = (run >= 2.0) & (self.changes[rows] >= LEAST_CHANGES)
        chance = (self.again[rows] + 1.0) / (self.chances[rows] + 2.0)
        doubled = np.ldexp(1.0, np.frexp(np.maximum(run, 1.0))[1] - 1)
        return np.where(is_judged, doubled * (1.0 - chance) * LOG10_E, 0.0)

    def _run(self, rows: BlockPlaces, value: BlockFloats) -> BlockFloats:
        is_same = (self.count[rows] > 0.0) & (value == self.value[rows])
        return np.where(is_same, self.run[rows] + 1.0, 0.0)

    def learn(self, rows: BlockPlaces, value: BlockFloats) -> None:
        """Learn the values."""
        run = self._run(rows, value)
        ended = run == 0.0
        self.changes[rows] += ended
        chances = self.chances[rows] + np.where(ended, self.run[rows], 0.0)
        again = self.again[rows] + np.where(ended, np.maximum(0.0, self.run[rows] - 1.0), 0.0)
        halved = np.where(chances > MOST_PAIRS, 0.5, 1.0)
        self.chances[rows], self.again[rows] = halved * chances, halved * again
        self.value[rows], self.run[rows] = value, run
        self.count[rows] += 1.0
