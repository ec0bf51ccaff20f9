"""How odd the days of a series usually are: its own past makes its p-values exact.

A series has a past that no distribution describes: jobs, projects, a few people. So an exponential tail is
fitted to the highest -log10 p of each of its days, with exact p-values as its prior, and a p-value is worth
what it is beyond this tail. A series is never made more sensitive by it.
"""

from typing import Any, Final

import numpy as np

from detectors.usage.counts.rows import SeriesRows
from detectors.usage.counts.tails import Reals

TAIL_FLOOR: Final = 2.0
"""-log10 p above which a tail is fitted. Chosen by hand: one account-day in 25 exceeds it by chance."""

EXACT_RATE: Final = 0.04
"""Days per day that exceed `TAIL_FLOOR` if p-values are exact: four independent looks a day."""

EXACT_MEAN: Final = float(np.log10(np.e))
"""Mean excess of -log10 p over any floor if p-values are exact."""

MOST_EXCESS: Final = 6.0
"""Excess to which one day is cut: a departure is no noise. Chosen by hand."""

_OWN_DAYS: Final = 100.0
"""Days that the rate of exact p-values weighs as much as. Chosen by hand."""

_OWN_EXCESSES: Final = 8.0
"""Excesses that their mean weighs as much as. Chosen by hand."""

_FADING: Final = 0.5 ** (1 / 60)
"""Factor per day of what a tail remembers: a half-life of 60 days. Chosen by hand."""

_MOST_DAYS: Final = 87.0
"""Days that a tail remembers in all, by that half-life."""

LOW_SIDE, HIGH_SIDE = 0, 1


def own_score(block: SeriesRows, side: int, score: Reals) -> Reals:
    """Return -log10 of p-values as the own tail of each series makes them, never above `score`.

    >>> from detectors.usage.counts.rows import fresh_counts
    >>> block = fresh_counts(2)
    >>> block["age"], block["tail_days"][1], block["tail_excess"][1] = 60, 5.0, 20.0
    >>> own_score(block, LOW_SIDE, np.array([9.0, 9.0])).round(1).tolist()
    [9.0, 3.5]
    """
    days, excess = (block[name][:, side].astype("f8") for name in ("tail_days", "tail_excess"))
    rate = (days + EXACT_RATE * _OWN_DAYS) / (np.minimum(block["age"], _MOST_DAYS) + _OWN_DAYS)
    mean = (excess + EXACT_MEAN * _OWN_EXCESSES) / (days + _OWN_EXCESSES)
    slope = np.minimum(EXACT_MEAN / mean, 1.0)
    more = np.log10(np.maximum(rate / EXACT_RATE, 1.0))
    inside = TAIL_FLOOR + (score - TAIL_FLOOR) * slope - more
    found: Reals = np.where(score > TAIL_FLOOR, np.clip(inside, TAIL_FLOOR - more, score), score)
    return np.minimum(found, score)


def own_peaks(block: SeriesRows) -> list[Reals]:
    """Return the highest surprise of today, low side and high side, by the own tail of each series."""
    peaks = ((LOW_SIDE, "peak_low"), (HIGH_SIDE, "peak_high"))
    return [own_score(block, side, block[name].astype("f8")) for side, name in peaks]


def learn_own_tail(block: SeriesRows, low: Any, high: Any) -> None:
    """Add the peaks of the day that ends, for series whose `low` or `high` side is to be learned.

    Days of few events are added as one when they are over: a fall that lasts is no habit.
    """
    many = np.maximum(block["peak_high"].astype("f8") - TAIL_FLOOR, 0.0) * high
    few = np.maximum(block["peak_low"].astype("f8") - TAIL_FLOOR, 0.0)
    waiting = block["tail_new"].astype("f8")
    over = (few <= 0.0) & (waiting > 0.0)
    excess = np.minimum(np.stack([np.where(over, waiting, 0.0), many], axis=1), MOST_EXCESS)
    block["tail_days"] = block["tail_days"].astype("f8") * _FADING + (excess > 0.0)
    block["tail_excess"] = block["tail_excess"].astype("f8") * _FADING + excess
    block["tail_new"] = np.where(over, 0.0, np.minimum(np.maximum(waiting, few * low), MOST_EXCESS))
