"""The layout of a packed series: one record of 348 bytes per series of counts, 167 per series of failures.

A block is a structured array of such records. Fields are read and written as columns, so that one numpy
call works on all series of a block, and the bytes of a record are the whole state of its series.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

HOURS: Final = 24
WEEK: Final = 7
CHART_DAYS: Final = 14
"""Days whose totals are kept, for charts and for the fit of the first two weeks: two of each weekday."""

PAST_DAYS: Final = 4
"""Working days before today that the longest window covers."""

NOT_LEARNED: Final = -1.0
"""Marks a day of `days` that was not seen, or from which nothing was learned."""

UNKNOWN: Final = 0.0
"""Marks all hours of a shape of which nothing is known."""

COUNTS: Final = np.dtype(
    [
        ("level", "<f4"),  # events of an ordinary working day
        ("phi", "<f4"),  # relative variance of a whole day beside its Poisson noise
        ("psi", "<f4"),  # relative variance of an hour's share of its day
        ("factor", "<f2", WEEK),  # weekday / level; Monday is 0
        ("seen", "u1", WEEK),  # how often each weekday was learned, at most 24
        ("shape", "<f2", (2, HOURS)),  # share per hour of the day, of rest days and of working days
        ("hours", "<f2", HOURS),  # square roots of today's counts
        ("days", "<f2", CHART_DAYS),  # square roots of the totals of days, by day modulo 14
        (
            "top",
            "u1",
            CHART_DAYS,
        ),  # share of the busiest hours of days, as `bursts` packs it; 0 without events
        ("past_seen", "<f4", PAST_DAYS),  # observed on the last working days without bursts, newest first
        ("past_due", "<f4", PAST_DAYS),  # expected on them
        ("observed", "<f4"),  # observed since the day began
        ("expected", "<f4"),  # expected in the same time
        ("due", "<f4"),  # expected of the whole day
        ("excused", "<f4"),  # expected today while the account was absent
        ("past_excused", "<f4", PAST_DAYS),  # the same on the last working days
        ("gap", "<f4"),  # expected since the last ordinary bucket
        ("gap_today", "<f4"),  # of it, expected today
        ("gap_first", "<f4"),  # of it, expected on the day on which the gap began; -1 while it lasts
        ("gap_square", "<f4"),  # sum over days of the square of the expected
        ("gap_seen", "<f4"),  # observed in it: less than a tenth
        ("ordinary", "<f4"),  # working days judged, fading
        ("day_runs", "<f4"),  # absences that began at the start of a day, fading
        ("mid_runs", "<f4"),  # absences that began within a day, fading
        ("away", "<f4"),  # their length beyond half a working day, in working days, fading
        ("rival", "<f4"),  # the level that an excursion suggests
        ("rival_nats", "<f4"),  # log-likelihood by which it beats the level
        ("rival_days", "u1"),
        ("tail_days", "<f2", 2),  # days beyond the floor of the own tail, low and high side, fading
        ("tail_excess", "<f2", 2),  # their excess, fading
        (
            "tail_new",
            "<f2",
        ),  # the highest excess of the days beyond the floor that are not over yet, low side
        ("age", "<u2"),  # days closed
        ("peak_low", "<f4"),  # highest -log10 p of today, low side, before the own tail
        ("peak_high", "<f4"),
    ]
)

FAILURES: Final = np.dtype(
    [
        ("failed", "<f4"),  # failures learned, fading
        ("tries", "<f4"),  # attempts learned, fading
        ("spread", "<f4"),  # sum of squared deviations of buckets, fading
        ("weight", "<f4"),  # failures expected in them, fading
        ("spread_today", "<f4"),  # the same of today
        ("weight_today", "<f4"),
        ("phi", "<f4"),  # relative variance of a day
        ("ring_failed", "<f2", HOURS),  # square roots of the last 24 buckets, by hour
        ("ring_tries", "<f2", HOURS),
        ("days", "<f2", CHART_DAYS),  # square roots of the failures of days
        ("total", "<f4"),
        ("total_tries", "<f4"),
        ("peak", "<f4"),
        ("odd_days", "u1"),
        ("age", "<u2"),
    ]
)

SeriesRows = NDArray[Any]
"""A structured array of COUNTS or FAILURES."""

FIRST_PHI: Final = 0.04
"""Relative variance of a day before any day is known: 20 %. Chosen by hand."""

FIRST_SHARE_PHI: Final = 0.02
"""Relative variance of a day's share of failures before any day is known: 14 %. Chosen by hand."""

FIRST_PSI: Final = 0.05
"""Relative variance of an hour before any day is known. Chosen by hand."""

FIRST_CLUSTER: Final = 2.0
"""Failures per trouble before any are known. Chosen by hand."""

CLUSTER_WEIGHT: Final = 5.0
"""Failures that `FIRST_CLUSTER` weighs as much as. Chosen by hand."""

WARM_UP_DAYS: Final = 7
"""Days closed before a series is judged. Chosen by hand: each weekday once."""

_YOUNG_DAYS: Final = 8.0
"""Days at which the variance learned so far counts twice: few even days prove little. By hand."""


_MOST: Final = 1e30
"""No number of a row is larger: the largest are squares of the largest counts."""

_MOST_ROOT: Final = 60_000.0
"""Largest square root that a half-precision number keeps; larger counts are cut in shapes and charts."""


def root(count: Any) -> NDArray[np.float16]:
    """Return square roots of counts in half precision: an error of 0.1 % of the count.

    >>> root(np.array([4.0, 1e12])).tolist()
    [2.0, 60000.0]
    """
    found: NDArray[np.float16] = np.minimum(np.sqrt(count), _MOST_ROOT).astype("f2")
    return found


def fresh_counts(size: int) -> SeriesRows:
    """Return `size` series of counts that know nothing.

    >>> fresh_counts(2)["shape"].shape, COUNTS.itemsize <= 350, FAILURES.itemsize <= 350
    ((2, 2, 24), True, True)
    """
    block = np.zeros(size, COUNTS)
    block["phi"], block["psi"] = FIRST_PHI, FIRST_PSI
    block["shape"][:, 1] = 1.0 / HOURS
    block["days"] = NOT_LEARNED
    block["gap_first"] = -1.0
    return block


def shape_of(block: SeriesRows, working: Any) -> NDArray[np.float64]:
    """Return the share of each hour; `working` is 1, or 0 on days of rest.

    Days of rest are like working days until one of them is known.
    """
    own = block["shape"][np.arange(len(block)), working].astype("f8")
    found: NDArray[np.float64] = np.where(np.max(own, axis=1)[:, None] > UNKNOWN, own, block["shape"][:, 1])
    return found


def fresh_failures(size: int) -> SeriesRows:
    """Return `size` series of failures that know nothing."""
    block = np.zeros(size, FAILURES)
    block["spread"] = FIRST_CLUSTER * CLUSTER_WEIGHT
    block["weight"] = CLUSTER_WEIGHT
    block["phi"] = FIRST_SHARE_PHI
    block["days"] = NOT_LEARNED
    return block


def check(block: SeriesRows) -> None:
    """Raise ValueError if a number of the block cannot come from this code."""
    for name in block.dtype.names or ():
        column = block[name]
        if column.dtype.kind == "f" and not (np.abs(column.astype("f8")) < _MOST).all():
            raise ValueError(f"snapshot: {name} is out of range")
    if (block["phi"] < 0.0).any():
        raise ValueError("snapshot: a variance is negative")


class Judgement(NamedTuple):
    """One value per series: p-values of both sides, and the window that decided the low side.

    `window` is 0 for today, 1 and 2 for the last 2 and 5 working days, 3 for the time since the last event.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    observed: NDArray[np.float64]
    expected: NDArray[np.float64]
    deviation: NDArray[np.float64]
    window: Any


def variance_of_day(block: SeriesRows) -> NDArray[np.float64]:
    """Return the relative variance of a day, larger while few days are known."""
    phi: NDArray[np.float64] = block["phi"].astype("f8") * youth(block)
    return phi


def youth(block: SeriesRows) -> NDArray[np.float64]:
    """Return by how much the variances learned so far count: twice at eight days, once at last."""
    found: NDArray[np.float64] = 1.0 + _YOUNG_DAYS / np.maximum(block["age"], 4).astype("f8")
    return found


class Bucket(NamedTuple):
    """A closed bucket per series: its last hour of the day, how many hours it covers, its count."""

    hour: Any
    span: Any
    count: Any
