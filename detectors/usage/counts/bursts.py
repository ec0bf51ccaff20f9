"""Days with a burst: a job or an import that runs within few hours, on top of an ordinary day.

A burst says nothing of the people of an account. So a day with one is learned as the day that its other hours
show, and a weekday, a level or a shape does not expect the next burst. An account that works in bursts each
day has no such days: what is usual for it is no burst.
"""

from typing import Any, Final

import numpy as np

from detectors.usage.counts.rows import HOURS, SeriesRows
from detectors.usage.counts.tails import Reals

BURST_HOURS: Final = 4
"""Hours of a day that a burst fills at most. Chosen by hand: a longer one is a busy day."""

_OVER: Final = 0.25
"""Share of a day that its busiest hours have beyond their usual share, if a burst is in them. By hand."""

TOP_PARTS: Final = 250.0
"""Parts of a day in which `top` counts."""

_MOST_USUAL: Final = 0.7
"""Usual share of the busiest hours from which a day of bursts is what is usual. Chosen by hand."""


def top_share(counts: Reals) -> Reals:
    """Return the share of the busiest `BURST_HOURS` of each day; `counts` is (series, 24); 0 without events.

    >>> top_share(np.array([np.full(24, 2.0), np.eye(24)[3]])).round(3).tolist()
    [0.167, 1.0]
    """
    whole = np.cumsum(counts, axis=1)[:, -1]
    busiest = np.partition(counts, HOURS - BURST_HOURS, axis=1)[:, HOURS - BURST_HOURS :]
    found: Reals = np.cumsum(np.sort(busiest, axis=1), axis=1)[:, -1] / np.maximum(whole, 1e-9)
    return found


def packed(share: Reals) -> Any:
    """Return shares of the busiest hours as `top` keeps them: 0 is a day without events."""
    return np.ceil(np.clip(share, 0.0, 1.0) * TOP_PARTS).astype("u1")


def usual_top(block: SeriesRows) -> Reals:
    """Return the median share of the busiest hours over the days with events, 1 if there were none."""
    top = block["top"].astype("f8") / TOP_PARTS
    known = np.cumsum(top > 0.0, axis=1)[:, -1]
    ordered = np.sort(np.where(top > 0.0, top, 2.0), axis=1)
    middle: Reals = ordered[np.arange(len(block)), np.maximum(known - 1, 0) // 2]
    return np.minimum(middle, 1.0)


def is_burst(share: Reals, usual: Reals) -> Any:
    """Return whether the busiest hours have so large a share of a day that a burst is in them."""
    return (share > usual + _OVER) & (usual <= _MOST_USUAL)


def without_burst(total: Reals, share: Reals, usual: Reals) -> Reals:
    """Return what a day has without its burst: what its other hours show, if the busiest are as usual.

    >>> day = np.array([900.0, 310.0])
    >>> without_burst(day, np.array([0.75, 0.33]), np.array([0.32, 0.32])).round().tolist()
    [331.0, 310.0]
    """
    rest = total * (1.0 - share) / np.maximum(1.0 - usual, 1.0 - _MOST_USUAL)
    return np.where(is_burst(share, usual), np.minimum(rest, total), total)
