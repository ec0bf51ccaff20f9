"""What every scorer of a time series promises, and how it grades a deviation."""

from datetime import datetime
from typing import Final, Protocol

HALF_SCORE_SIGMAS: Final = 6.0
"""Deviation in standard deviations that scores 0.5. Chosen by hand."""


class SeriesScorer(Protocol):
    """Scores the values of one series in one pass: each score follows from this value and earlier ones."""

    def score(self, timestamp: datetime, value: float) -> float:
        """Return how odd the value is, in [0, 1], and learn it afterwards; higher is odder.

        `timestamp` has a zone and may be earlier than the time before; `value` is finite, of any size and
        sign.
        """
        ...


def graded(deviation: float) -> float:
    """Return the score in [0, 1] of a deviation in standard deviations of either sign; it never saturates.

    >>> graded(0.0), graded(-6.0), round(graded(54.0), 3), graded(float("inf"))
    (0.0, 0.5, 0.9, 1.0)
    """
    return 1.0 - 1.0 / (1.0 + abs(deviation) / HALF_SCORE_SIGMAS)
