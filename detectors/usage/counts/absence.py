"""How an account is absent: how often absences begin, how long they last, and how odd the present one is."""

from typing import Final, NamedTuple

import numpy as np

from detectors.usage.counts.rows import SeriesRows
from detectors.usage.counts.tails import Reals, none_at_all, sizes

_OWN_DAYS: Final = 20.0
"""Working days of an account that the habits of its segment weigh as much as. Chosen by hand."""

_TAIL: Final = 1.5
"""Exponent of the tail of absence lengths before an account's own absences are known. Chosen by hand."""

_GRACE: Final = 0.1
"""Share of a working day that may be missing at the end of the last day before an absence. By hand."""


NOW_AND_THEN: Final = 0.1
"""Absences per working day from which an account works now and then. Chosen by hand."""


class AbsenceHabits(NamedTuple):
    """How the accounts of a segment are absent; each a number, or one number per series.

    `day` and `mid` are absences per working day that begin at the start of a day and within one; `length` is
    the scale of their length in working days.
    """

    day: Reals
    mid: Reals
    length: Reals


FIRST_HABITS: Final = AbsenceHabits(np.float64(1e-4), np.float64(1e-5), np.float64(0.3))  # type: ignore[arg-type]
"""Habits before any absence is known. Chosen by hand: an absence is a surprise until a segment shows some."""


def first_day_of_gap(block: SeriesRows) -> Reals:
    """Return what the present gap missed on the day on which it began: 0 if it began with a day."""
    today = np.where(block["observed"] > block["gap_seen"], block["gap_today"], 0.0)
    first: Reals = np.where(block["gap_first"] < 0.0, today, block["gap_first"]).astype("f8")
    return first


def absent_chance(block: SeriesRows, phi: Reals, habits: AbsenceHabits) -> Reals:
    """Return the chance per working day that an absence like the present gap is an ordinary one.

    Absences begin at a rate and last for a length with a Lomax tail: the predictive distribution of an
    exponential length under a gamma prior. An absence that begins within a day is rarer than one that begins
    with a day; the latter explains a gap only together with the quiet rest of the day before it.
    """
    level = np.maximum(block["level"].astype("f8"), 1e-6)
    days = block["ordinary"].astype("f8") + _OWN_DAYS
    begins = (block["day_runs"] + habits.day * _OWN_DAYS) / days
    within = (block["mid_runs"] + habits.mid * _OWN_DAYS) / days
    tail = _TAIL + block["day_runs"].astype("f8") + block["mid_runs"]
    scale = habits.length + block["away"].astype("f8")
    first = first_day_of_gap(block)
    early = np.maximum(first - _GRACE * level, 0.0)
    quiet = none_at_all(early, sizes(early, phi * early * early))
    length, rest = block["gap"] / level, np.maximum(block["gap"] - first, 0.0) / level
    lasts = (scale / (scale + length)) ** tail
    lasts_after = (scale / (scale + rest)) ** tail
    chance: Reals = np.minimum(within * lasts + begins * quiet * lasts_after, 1.0)
    return chance
