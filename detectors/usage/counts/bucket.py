"""A closed bucket of each series, and what is judged of it."""

from typing import Any, Final, NamedTuple

import numpy as np

from detectors.usage.counts.rows import SeriesRows
from detectors.usage.counts.tails import Reals

WARM_UP_DAYS: Final = 7
"""Days closed before a series is judged. Chosen by hand: each weekday once."""

_YOUNG_DAYS: Final = 8.0
"""Days at which the variance learned so far counts twice: few even days prove little. By hand."""


class Judgement(NamedTuple):
    """One value per series: p-values of both sides, and the window that decided the low side.

    `window` is 0 for today, 1 and 2 for the last 2 and 5 working days, 3 for the time since the last event.
    """

    low: Reals
    high: Reals
    observed: Reals
    expected: Reals
    deviation: Reals
    window: Any


def variance_of_day(block: SeriesRows) -> Reals:
    """Return the relative variance of a day, larger while few days are known."""
    phi: Reals = block["phi"].astype("f8") * youth(block)
    return phi


def youth(block: SeriesRows) -> Reals:
    """Return by how much the variances learned so far count: twice at eight days, once at last."""
    found: Reals = 1.0 + _YOUNG_DAYS / np.maximum(block["age"], 4).astype("f8")
    return found


class Bucket(NamedTuple):
    """A closed bucket per series: its last hour of the day, how many hours it covers, its count."""

    hour: Any
    span: Any
    count: Any
