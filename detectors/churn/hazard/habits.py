"""The memory of how accounts use the product, day by day: one packed row per account, of bounded size.

A row costs O(1) time per account and day and `ROW.itemsize` bytes. Days are whole numbers, for example the
ordinals of `datetime.date`. Rows are compared with their peers, so all rows of one
`AccountHabits` are at the end of the same day. Counts are of successful use; failures are apart.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

HALF_LIVES: Final = (3.5, 7.0, 14.0, 28.0, 56.0)
"""Half-lives of the decayed quantities in days. Chosen by hand: half a week to eight weeks, doubling."""

PRESENCE_HALF_LIVES: Final = (7.0, 28.0, 56.0)
"""Half-lives of the decayed shares of active days, in days. Chosen by hand."""

GAP_EDGES: Final = (2, 3, 4, 6, 8, 15, 29)
"""Days at which a class of gaps between active days begins; shorter gaps are the first class. By hand."""

KIND_SLOTS: Final = 64
"""Kinds of use that are told apart; kinds whose hashes share a slot count as one. Bounds the row."""

LONGEST_AGE: Final = 255
"""Days after which a kind of use counts as never seen: one byte."""

BREADTH_DAYS: Final = 7
"""Days over which the kinds of use are counted. Chosen by hand: each weekday once."""

_WEEKDAY_HALF_LIFE: Final = 8.0
"""Weeks after which the presence on a weekday weighs half. Chosen by hand."""

_WEEKDAY_PRIOR: Final = 2.0
"""Weeks at the account's usual presence that a weekday begins with. Chosen by hand."""

_SIZE_WEIGHTS: Final = (0.3, 0.06)
"""Weights of a new active day in the fast and the slow mean of the day's log quantity. By hand."""

_FAILURE_HALF_LIFE: Final = 14.0
_LONG_GAP: Final = 7
"""Days of a gap that counts as an absence. Chosen by hand."""

_BREADTH_HALF_LIFE: Final = 28.0
_SUREST: Final = 0.98
"""Highest chance that an account is active on a weekday. Chosen by hand: no habit is certain."""

ROW: Final = np.dtype(
    [
        ("first", "<i4"),
        ("last", "<i4"),
        ("active_days", "<u4"),
        ("longest", "<u4"),
        ("absences", "<u4"),
        ("days", "<u8"),
        ("gaps", "<u4", len(GAP_EDGES) + 1),
        ("rates", "<f4", len(HALF_LIVES)),
        ("presence", "<f4", len(PRESENCE_HALF_LIVES)),
        ("weekday", "<f4", 7),
        ("weekday_weeks", "<f4", 7),
        ("missed", "<f4"),
        ("surprise", "<f4"),
        ("sizes", "<f4", len(_SIZE_WEIGHTS)),
        ("last_size", "<f4"),
        ("breadth", "<f4"),
        ("failed", "<f4"),
        ("failures_seen", "<u4"),
        ("ages", "<u1", KIND_SLOTS),
    ]
)
"""One account: integers are days or counts, `days` has a bit for each of the last 64 days (lowest: today)."""

HabitRows = NDArray[np.void]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DayUse:
    """The use of one day: the row of each account with an event, its quantity, failures and bits of kinds."""

    rows: Whole
    quantity: NDArray[np.float64]
    failed: NDArray[np.float64]
    kinds: NDArray[np.uint64]


NO_USE: Final = DayUse(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0, np.uint64))
"""A day on which no account did anything."""


@dataclass(frozen=True)
class AccountHabits:
    """The rows of all accounts at the end of day `day`; `beginning` begins with none."""

    day: int
    rows: HabitRows

    def __len__(self) -> int:
        return len(self.rows)

    def with_new(self, count: int) -> "AccountHabits":
        """Return habits with `count` more accounts, whose first day is the next day."""
        new = np.zeros(count, ROW)
        new["first"] = self.day + 1
        new["last"] = self.day + 1
        new["ages"] = LONGEST_AGE
        return replace(self, rows=np.concatenate([self.rows, new]))

    def after(self, use: DayUse) -> "AccountHabits":
        """Return the habits at the end of the next day, with its use; a row that is not named had none.

        >>> one = beginning(9).with_new(1)
        >>> use = DayUse(np.array([0]), np.array([3.0]), np.zeros(1), np.ones(1, np.uint64))
        >>> later = one.after(use).after(NO_USE)
        >>> later.day, int(later.rows["last"][0]), int(later.rows["active_days"][0])
        (11, 10, 1)
        """
        rows, day = self.rows.copy(), self.day + 1
        quantity, failed = np.zeros(len(rows)), np.zeros(len(rows))
        quantity[use.rows], failed[use.rows] = use.quantity, use.failed
        active = (quantity > 0.0) | (failed > 0.0)
        _note_days(rows, day, active)
        _note_weekday(rows, day, active)
        _note_quantity(rows, quantity, failed, active)
        _note_kinds(rows, use)
        return AccountHabits(day, rows)


def beginning(day: int) -> AccountHabits:
    """Return the habits of no account at the end of a day."""
    return AccountHabits(day, np.zeros(0, ROW))


def _note_days(rows: HabitRows, day: int, active: Flags) -> None:
    gap = day - rows["last"]
    known = active & (rows["active_days"] > 0)
    kind = np.searchsorted(GAP_EDGES, gap[known], side="right")
    np.add.at(rows["gaps"], (np.flatnonzero(known), kind), 1)
    rows["longest"] = np.where(known, np.maximum(rows["longest"], gap), rows["longest"])
    rows["absences"] += known & (gap >= _LONG_GAP)
    rows["last"] = np.where(active, day, rows["last"])
    rows["active_days"] += active
    rows["days"] = (rows["days"] << np.uint64(1)) | active.astype(np.uint64)
    for place, half_life in enumerate(PRESENCE_HALF_LIVES):
        keep = 0.5 ** (1.0 / half_life)
        rows["presence"][:, place] = keep * rows["presence"][:, place] + (1.0 - keep) * active


def usual_presence(rows: HabitRows, day: int) -> NDArray[np.float64]:
    """Return the decayed share of active days (rows,) over the longest half-life, corrected for new rows."""
    half_life = PRESENCE_HALF_LIVES[-1]
    seen = 1.0 - 0.5 ** ((day - rows["first"] + 1.0) / half_life)
    return np.clip(rows["presence"][:, -1] / seen, 0.0, 1.0)


def _note_weekday(rows: HabitRows, day: int, active: Flags) -> None:
    weekday = day % 7
    share, weeks = rows["weekday"][:, weekday], rows["weekday_weeks"][:, weekday]
    expected = (share + _WEEKDAY_PRIOR * usual_presence(rows, day)) / (weeks + _WEEKDAY_PRIOR)
    expected = np.clip(expected, 0.0, _SUREST)
    rows["missed"] = np.where(active, 0.0, rows["missed"] + expected)
    rows["surprise"] = np.where(active, 0.0, rows["surprise"] - np.log1p(-expected))
    keep = 0.5 ** (1.0 / _WEEKDAY_HALF_LIFE)
    rows["weekday"][:, weekday] = keep * share + active
    rows["weekday_weeks"][:, weekday] = keep * weeks + 1.0


def _note_quantity(
    rows: HabitRows, quantity: NDArray[np.float64], failed: NDArray[np.float64], active: Flags
) -> None:
    for place, half_life in enumerate(HALF_LIVES):
        keep = 0.5 ** (1.0 / half_life)
        rows["rates"][:, place] = keep * rows["rates"][:, place] + (1.0 - keep) * quantity
    size = np.log1p(quantity)
    first = active & (rows["active_days"] == 1)
    for place, weight in enumerate(_SIZE_WEIGHTS):
        old = rows["sizes"][:, place]
        new = np.where(first, size, old + weight * (size - old))
        rows["sizes"][:, place] = np.where(active, new, old)
    rows["last_size"] = np.where(active, size, rows["last_size"])
    keep = 0.5 ** (1.0 / _FAILURE_HALF_LIFE)
    rows["failed"] = keep * rows["failed"] + (1.0 - keep) * failed
    rows["failures_seen"] += failed > 0.0


def _note_kinds(rows: HabitRows, use: DayUse) -> None:
    ages = rows["ages"]
    ages[:] = np.minimum(ages, LONGEST_AGE - 1) + (ages < LONGEST_AGE)
    bits = (use.kinds[:, None] >> np.arange(KIND_SLOTS, dtype=np.uint64)) & np.uint64(1)
    ages[use.rows] = np.where(bits > 0, 0, ages[use.rows])
    keep = 0.5 ** (1.0 / _BREADTH_HALF_LIFE)
    width = (ages < BREADTH_DAYS).sum(axis=1)
    rows["breadth"] = keep * rows["breadth"] + (1.0 - keep) * width
