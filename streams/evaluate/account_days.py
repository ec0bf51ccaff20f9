"""The use of many accounts by day: read in the order of a file, given back in the order of days.

Rows wait in files of a temporary folder, one per cohort and day, so that memory is bounded by the number of
accounts and not by the number of rows.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.usage.policy import EARLIEST_EVENT, LATEST_EVENT

FIRST_DAY: Final = date(2024, 1, 1)
"""The date at which day number 0 is played: a Monday. Chosen by hand."""

_ZERO: Final = FIRST_DAY.toordinal()

MOST_QUANTITY: Final = 1e9
"""The highest count of a row, as in `schemas.usage.UsageEvent`."""

_DAY_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,6}\Z")
_WAITING_ROWS: Final = 200_000
"""Rows held in memory before they go to their files. Chosen by hand: a few megabytes."""

_RECORD: Final = np.dtype([("account", "<u4"), ("kind", "<u4"), ("quantity", "<f8")])

DayRecords = NDArray[np.void]
"""Rows of one day with the fields account, kind and quantity."""

ColumnNames = Mapping[str, str]
"""The column of the file for each field that it has."""

USAGE_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "account": ("account_id", "account"),
    "day": ("day", "date", "occurred_at", "timestamp"),
    "kind": ("event", "kind"),
    "count": ("count", "quantity"),
    "cohort": ("cohort",),
}
ACCOUNT_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "account": ("account_id", "account"),
    "cohort": ("cohort",),
}
OUTCOME_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    **ACCOUNT_COLUMNS,
    "left": ("left_day", "left", "date", "day", "left_on"),
}


class MissingColumnError(ValueError):
    """The file lacks a column that it needs; the message is a sentence without its full stop."""


def named_columns(header: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the column of each field; the first of its known names counts, `cohort` may be missing.

    Raises MissingColumnError.

    >>> named_columns(["Account_ID", "left_day"], OUTCOME_COLUMNS)
    {'account': 'Account_ID', 'left': 'left_day'}
    """
    given = {name.strip().casefold(): name for name in header}
    found: dict[str, str] = {}
    for field, names in known.items():
        column = next((given[name] for name in names if name in given), None)
        if column is not None:
            found[field] = column
        elif field != "cohort":
            raise MissingColumnError(f"has no column {' or '.join(names)}")
    return found


def account_of(cells: Mapping[str, str], columns: ColumnNames) -> tuple[str, str]:
    """Return (cohort, account id); with a cohort the id is "cohort/account". Raises ValueError if blank.

    >>> account_of({"cohort": "b", "id": "7"}, {"account": "id", "cohort": "cohort"})
    ('b', 'b/7')
    """
    account = str(cells[columns["account"]]).strip()
    cohort = str(cells[columns["cohort"]]).strip() if "cohort" in columns else ""
    if not account:
        raise ValueError("the account is blank")
    return cohort, f"{cohort}/{account}" if cohort else account


def is_day_number(text: str) -> bool:
    """Return whether a text is a day number and no date.

    >>> is_day_number("-12"), is_day_number("2024-01-31"), is_day_number("20240131")
    (True, False, False)
    """
    return bool(_DAY_NUMBER.match(text.strip()))


@dataclass(frozen=True)
class Calendar:
    """Days as whole numbers, days after FIRST_DAY if they are dates; results name days as the input does.

    `has_numbers` says whether the input has day numbers or dates; `read_time` reads dates and times.
    """

    read_time: Callable[[str], datetime]
    has_numbers: bool

    def day(self, text: str) -> int:
        """Return the day of a day number, or of a date or time in UTC; raise ValueError with the reason.

        >>> read = datetime.fromisoformat
        >>> Calendar(read, has_numbers=False).day("2024-01-31"), Calendar(read, has_numbers=True).day("-9")
        (30, -9)
        """
        said = text.strip()
        if is_day_number(said) != self.has_numbers:
            raise ValueError(
                f"day {said[:40]!r}: the input has {'day numbers' if self.has_numbers else 'dates'}"
            )
        number = int(said) if self.has_numbers else self.read_time(said).toordinal() - _ZERO
        if not EARLIEST_EVENT.toordinal() <= _ZERO + number < LATEST_EVENT.toordinal() - 1:
            raise ValueError(f"day {said[:40]!r} is not in the years 2000 to 2199")
        return number

    def start(self, day: int) -> datetime:
        """Return the instant at which a day begins, in UTC."""
        return datetime.fromordinal(_ZERO + day).replace(tzinfo=UTC)

    @staticmethod
    def ordinal(day: int) -> int:
        """Return a day as the ordinal of `datetime.date`, which is at least 1 and names its weekday."""
        return _ZERO + day

    def shown(self, day: int) -> str:
        """Return a day as the results name it: a day number or a date in ISO 8601."""
        return str(day) if self.has_numbers else self.start(day).date().isoformat()


@dataclass
class AccountUse:
    """An account of a cohort and the days on which it was active, as bits from its first day on."""

    account_id: str
    first: int = 0
    active: int = 0

    def note(self, day: int) -> None:
        """Note a day of activity."""
        if not self.active:
            self.first = day
        if day < self.first:
            self.active <<= self.first - day
            self.first = day
        self.active |= 1 << (day - self.first)

    def is_silent(self, after: int, until: int) -> bool:
        """Return whether no activity lies after day `after` and up to day `until`, both included.

        >>> use = AccountUse("acme"); use.note(3); use.note(1)
        >>> use.is_silent(1, 2), use.is_silent(1, 3), use.is_silent(3, 9)
        (True, False, True)
        """
        low = max(after + 1 - self.first, 0)
        return not (self.active >> low) & ((1 << max(until + 1 - self.first - low, 0)) - 1)


class DaySpool:
    """Rows of use by cohort and day, in files below `folder`, which the caller makes and removes."""

    def __init__(self, folder: Path) -> None:
        self.kinds: list[str] = []
        self.accounts: dict[str, list[AccountUse]] = defaultdict(list)
        self.last_day: dict[str, int] = {}
        self._folder = folder
        self._kind_numbers: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._files: dict[tuple[str, int], Path] = {}
        self._waiting: dict[tuple[str, int], list[tuple[int, int, float]]] = defaultdict(list)
        self._rows = 0

    def add_account(self, cohort: str, account_id: str) -> None:
        """Add an account; an account that is known changes nothing."""
        if account_id not in self._places:
            self._places[account_id] = len(self.accounts[cohort])
            self.accounts[cohort].append(AccountUse(account_id))

    def __contains__(self, account_id: str) -> bool:
        return account_id in self._places

    def add(self, cohort: str, account_id: str, day: int, use: tuple[str, float]) -> None:
        """Add one row of a known account: kind and count."""
        kind, quantity = use
        place = self._places[account_id]
        if quantity > 0.0:
            self.accounts[cohort][place].note(day)
        self.last_day[cohort] = max(day, self.last_day.get(cohort, day))
        number = self._kind_numbers.setdefault(kind, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        self._waiting[cohort, day].append((place, number, quantity))
        self._rows += 1
        if self._rows % _WAITING_ROWS == 0:
            self._flush()

    def _flush(self) -> None:
        for key, rows in self._waiting.items():
            path = self._files.setdefault(key, self._folder / f"{len(self._files)}.rows")
            with path.open("ab") as file:
                file.write(np.array(rows, _RECORD).tobytes())
        self._waiting.clear()

    def days(self, cohort: str) -> range:
        """Return the days of a cohort, from its first row to its last, both included."""
        self._flush()
        days = [day for name, day in self._files if name == cohort]
        return range(min(days), max(days) + 1) if days else range(0)

    def rows(self, cohort: str, day: int) -> DayRecords:
        """Return the rows of a day, in the order in which they were added."""
        path = self._files.get((cohort, day))
        return np.frombuffer(path.read_bytes() if path else b"", _RECORD)


def count_of(cell: str) -> float:
    """Return the count of a row; raise ValueError with the reason.

    >>> count_of("14")
    14.0
    """
    try:
        count = float(cell)
    except ValueError:
        count = -1.0
    if not 0.0 <= count <= MOST_QUANTITY:
        raise ValueError(f"count {cell[:40]!r} is not a number from 0 to 1e9")
    return count
