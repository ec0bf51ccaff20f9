"""The first day of an account, which seldom begins with a day, and where the days of an account begin."""

from typing import Final

import numpy as np

from detectors.usage.counts.rows import CHART_DAYS, NOT_LEARNED, UNKNOWN, WEEK, SeriesRows

_WHOLE: Final = 0.1
"""Share of a day before the first event up to which the first day counts as a whole one. Chosen by hand."""

_TELLING: Final = 0.5
"""Size of the second day, in sizes of the first, from which it tells when days begin. Chosen by hand."""


def second_days(activity: SeriesRows) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which accounts, by their rows of activity, close their second day with events."""
    known = np.count_nonzero(activity["days"] > 0.0, axis=1)
    young = (activity["age"] > 0) & (activity["age"] < CHART_DAYS)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (known == 1) & young & (activity["observed"] > 0.0)
    return found


def forget_part_of_day(block: SeriesRows, day: int, slot: int) -> None:
    """Forget the first day of an account unless its second day with events shows that it was a whole one.

    `block` has the rows of the account, activity first, before the second day is closed. `day` is the day
    since 1970 of the first event, `slot` its hour of that day.

    >>> from detectors.usage.counts.rows import fresh_counts
    >>> block = fresh_counts(1)
    >>> block["days"][0, 4], block["hours"][0], block["seen"][0, 0] = 10.0, 10.0, 1
    >>> forget_part_of_day(block, day=4, slot=1)
    >>> block["seen"][0, 0], block["days"][0, 4] > 0.0
    (np.uint8(1), np.True_)
    >>> forget_part_of_day(block, day=4, slot=17)
    >>> block["seen"][0, 0], block["days"][0, 4] > 0.0
    (np.uint8(0), np.False_)
    """
    today = block["hours"][0].astype("f8") ** 2
    first = float(block["days"][0, day % CHART_DAYS]) ** 2
    before = float(today[:slot].sum() + 0.5 * today[slot])
    if before <= _WHOLE * today.sum() and today.sum() >= _TELLING * first:
        return
    block["days"][:, day % CHART_DAYS] = NOT_LEARNED
    block["seen"][:, (day + 3) % WEEK] = 0
    block["factor"], block["level"] = 0.0, 0.0
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
