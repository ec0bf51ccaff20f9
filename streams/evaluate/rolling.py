"""The baseline of a series: how far a value lies from the median of the newest values before it."""

from bisect import bisect_left, insort
from collections import deque
from datetime import datetime
from typing import Final

from detectors.usage.grading import graded

WINDOW: Final = 576
"""Values in the window. Chosen by hand: two days of values every five minutes."""

LEAST_VALUES: Final = 30
"""Values before the first score above 0. Chosen by hand."""

REST: Final = 100
"""Rows after a score in which only a higher score counts. Chosen by hand: one alert per excursion."""

_SD_PER_QUARTILES: Final = 1.349
"""Distance of the quartiles of a normal distribution, in standard deviations."""

_LEAST_SPREAD: Final = 0.01
"""Spread of a constant series, as a share of its median. Chosen by hand."""

_MOST: Final = 1e150
"""Larger values are cut to this, so that no difference overflows."""

_TINY: Final = 1e-9


class RollingScorer:
    """Robust z-score of a value against the median and the quartiles of the newest WINDOW values before it.

    Rows count in the order in which they come; their times are not used.

    >>> from datetime import UTC
    >>> scorer, at = RollingScorer(), datetime(2026, 3, 2, tzinfo=UTC)
    >>> scores = [scorer.score(at, value) for value in [10.0, 11.0, 12.0] * 12 + [50.0]]
    >>> max(scores[:-1]) < 0.2, round(scores[-1], 2)
    (True, 0.81)
    """

    def __init__(self) -> None:
        self._newest: deque[float] = deque()
        self._sorted: list[float] = []
        self._shown: deque[float] = deque(maxlen=REST)

    def score(self, timestamp: datetime, value: float) -> float:
        """Return the score of the value, or 0 if one of the last REST rows scored as high; then learn it."""
        clipped = min(max(value, -_MOST), _MOST)
        found = graded(self._deviation(clipped))
        shown = found if found > max(self._shown, default=0.0) else 0.0
        self._shown.append(shown)
        self._learn(clipped)
        return shown

    def _deviation(self, value: float) -> float:
        count = len(self._sorted)
        if count < LEAST_VALUES:
            return 0.0
        low, middle, high = (self._sorted[count * part // 4] for part in (1, 2, 3))
        spread = max((high - low) / _SD_PER_QUARTILES, _LEAST_SPREAD * abs(middle), _TINY)
        return (value - middle) / spread

    def _learn(self, value: float) -> None:
        if len(self._newest) == WINDOW:
            del self._sorted[bisect_left(self._sorted, self._newest.popleft())]
        self._newest.append(value)
        insort(self._sorted, value)
