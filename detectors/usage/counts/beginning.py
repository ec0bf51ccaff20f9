"""The first day of an account, which hardly ever begins with a day: it is completed by the day after it."""

from typing import Final

import numpy as np

from detectors.usage.counts.rows import CHART_DAYS, UNKNOWN, WEEK, SeriesRows, root

_WHOLE: Final = 0.1
"""Share of a day before the first event up to which the first day counts as a whole one. Chosen by hand."""

_LEAST_SHARE: Final = 0.02
_LEAST_EVENTS: Final = 10.0
"""Share of a day, and events, from which a part of a day says how large the whole was. Chosen by hand."""

_MOST_RATIO: Final = 20.0
"""Highest size of the first day, in sizes of the second. Chosen by hand."""


def second_days(activity: SeriesRows) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which accounts, by their rows of activity, close their second day with events."""
    known = np.count_nonzero(activity["days"] > 0.0, axis=1)
    young = (activity["age"] > 0) & (activity["age"] < CHART_DAYS)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (known == 1) & young & (activity["observed"] > 0.0)
    return found


def complete_first_day(block: SeriesRows, day: int, slot: int) -> None:
    """Put the probable total of a whole day in the place of the first day, if that was only a part of one.

    `block` has the rows of one account, activity first, before its second day with events is closed. `day` is
    the day since 1970 of the first event, `slot` its hour of that day. The shape of a part is forgotten. The
    kinds take the ratio of the two days from the activity: a part of a day may lack a kind altogether.

    >>> from detectors.usage.counts.rows import fresh_counts
    >>> block = fresh_counts(1)
    >>> block["days"][0, 4], block["hours"][0], block["observed"] = 10.0, 10.0, 2400.0
    >>> complete_first_day(block, day=4, slot=23)
    >>> float(block["days"][0, 4]) ** 2
    4800.0
    """
    today = block["hours"][0].astype("f8") ** 2
    whole = max(float(today.sum()), 1e-9)
    after = float(today[slot + 1 :].sum() + 0.5 * today[slot]) / whole
    if 1.0 - after <= _WHOLE:
        return
    first = float(block["days"][0, day % CHART_DAYS]) ** 2
    is_telling = after >= _LEAST_SHARE and first >= _LEAST_EVENTS
    ratio = min(first / after / whole, _MOST_RATIO) if is_telling else 1.0
    completed = ratio * block["observed"].astype("f8")
    block["days"][:, day % CHART_DAYS] = root(completed)
    block["seen"][:, (day + 3) % WEEK] = 1
    block["level"] = completed
    block["shape"][:, 1] = UNKNOWN


def move_turn(block: SeriesRows, hours: int) -> None:
    """Let the days of an account begin so many hours later; `block` has its rows, activity first.

    If most of a day came before its new beginning, it is most of what is now the day before.

    >>> from detectors.usage.counts.rows import fresh_counts
    >>> block = fresh_counts(1)
    >>> block["shape"][0, 1] = np.repeat([1 / 12, 0.0], 12)
    >>> block["factor"][0, 0] = 1.0
    >>> move_turn(block, 18)
    >>> block["factor"][0].tolist(), int(block["shape"][0, 1].argmax())
    ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 6)
    """
    shape = block["shape"][0, 1].astype("f8")
    if shape[:hours].sum() > 0.5 * shape.sum():
        for name in ("days", "factor", "seen"):
            block[name] = np.roll(block[name], -1, axis=1)
    block["shape"] = np.roll(block["shape"], -hours, axis=2)
