"""The scores of the Numenta Anomaly Benchmark (NAB 1.1), written after its published rules.

Lavin and Ahmad 2015, "Evaluating real-time anomaly detection algorithms". An alert is a row whose score
reaches the threshold. The first 15 % of a series count for nothing. The earliest alert in a window of a real
anomaly earns up to 1, an alert outside the windows costs up to the weight of false alarms, and a window
without an alert costs the weight of misses. 0 is a detector that never alerts, 100 one that finds each window
at its first row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.nab_series import Series

Floats = NDArray[np.float64]

_PROBATION: Final = 0.15
_LONGEST: Final = 5_000
"""Rows of a series beyond which its probation grows no further."""

_FAR: Final = 3.0
"""Window lengths after a window from which a false alarm costs its full weight."""


@dataclass(frozen=True)
class Profile:
    """Weights of a false alarm and of a missed window; a window found earns 1."""

    name: str
    false_alarm: float
    miss: float


PROFILES: Final = (
    Profile("standard", 0.11, 1.0),
    Profile("low FP", 0.22, 1.0),
    Profile("low FN", 0.11, 2.0),
)


@dataclass(frozen=True)
class Steps:
    """What each judged row of one series adds to the sum when the threshold falls to the row's score."""

    scores: Floats
    gains: Floats
    windows: int


@dataclass(frozen=True)
class Best:
    """The threshold of the highest score of 100, and that score; infinite if no alert at all is best."""

    threshold: float
    score: float


def steps(series: Series, scores: Floats, profile: Profile) -> Steps:
    """Return the steps of one series; `scores` has one finite number per row.

    Raises ValueError if a score is missing or not finite.
    """
    if scores.shape != series.values.shape or not np.all(np.isfinite(scores)):
        raise ValueError(f"{series.name} needs one finite score per row")
    gains = _false_alarms(series) * profile.false_alarm
    first = probation(len(scores))
    for start, end in series.windows:
        rows = np.arange(start, end + 1)
        earned = _earned(len(rows))
        judged = rows >= first
        gains[rows] = 0.0
        gains[rows[judged]] = _in_window(scores[rows[judged]], earned[judged], profile)
    return Steps(scores[first:], gains[first:], len(series.windows))


def probation(rows: int) -> int:
    """Return how many rows at the beginning of a series are not judged.

    >>> probation(4032), probation(15902)
    (604, 750)
    """
    return math.floor(_PROBATION * min(rows, _LONGEST))


def sigmoid(position: Floats) -> Floats:
    """Return the scaled sigmoid of positions relative to the end of a window, in (-1, 1).

    >>> [round(float(part), 2) for part in sigmoid(np.array([-1.0, 0.0, 4.0]))]
    [0.99, 0.0, -1.0]
    """
    scaled = 2.0 / (1.0 + np.exp(5.0 * np.clip(position, -_FAR, _FAR))) - 1.0
    return np.where(position > _FAR, -1.0, scaled)


def _earned(rows: int) -> Floats:
    """Return what the earliest alert earns at each row of a window: 1 at its first row."""
    return sigmoid(-np.arange(rows, 0, -1) / rows) / float(sigmoid(np.array(-1.0)))


def _false_alarms(series: Series) -> Floats:
    """Return what an alert at each row outside the windows gives, from 0 right after a window to -1."""
    cost = np.full(len(series.values), -1.0)
    starts = [start for start, _ in series.windows]
    for (start, end), following in zip(series.windows, [*starts[1:], len(cost)], strict=False):
        after = np.arange(end + 1, following)
        cost[after] = sigmoid((after - end) / float(max(1, end - start)))
    return cost


def _in_window(scores: Floats, earned: Floats, profile: Profile) -> Floats:
    """Return the gain of each row of a window: how much it raises the best alert so far, by falling score."""
    order = np.argsort(-scores, kind="stable")
    best = np.maximum.accumulate(np.concatenate(([-profile.miss], earned[order])))
    gains = np.empty(len(scores))
    gains[order] = np.diff(best)
    return gains


def best_threshold(parts: Sequence[Steps], profile: Profile) -> Best:
    """Return the one threshold for all series that gives the highest score."""
    scores = np.concatenate([part.scores for part in parts])
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    sums = np.cumsum(np.concatenate([part.gains for part in parts])[order])
    last_of_ties = np.append(falling[1:] != falling[:-1], True)
    sums, falling = sums[last_of_ties], falling[last_of_ties]
    place = int(np.argmax(sums))
    windows = sum(part.windows for part in parts)
    if sums[place] <= 0.0:
        return Best(math.inf, 0.0)
    return Best(float(falling[place]), _of_hundred(float(sums[place]), windows, profile))


def score_at(parts: Sequence[Steps], threshold: float, profile: Profile) -> float:
    """Return the score, of 100, of a threshold that is fixed beforehand."""
    total = sum(float(part.gains[part.scores >= threshold].sum()) for part in parts)
    return _of_hundred(total, sum(part.windows for part in parts), profile)


def _of_hundred(gained: float, windows: int, profile: Profile) -> float:
    """Return the score of a sum of gains; without a window, each false alarm at its cost."""
    return 100.0 * gained / ((1.0 + profile.miss) * max(1, windows))
