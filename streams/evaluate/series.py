"""Time series in, scores out: which rows a series file has, and their scores in one pass."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from detectors.usage.grading import SeriesScorer
from detectors.usage.policy import EARLIEST_EVENT, LATEST_EVENT

HEADER: Final = ("timestamp", "value", "anomaly_score")
_NEEDED: Final = HEADER[:2]
_SHOWN_CHARACTERS: Final = 40
"""Length to which a wrong value is cut in a sentence."""

ReadTime = Callable[[str], datetime]
"""Returns the instant of a text in UTC; raises ValueError with the reason."""


class NoSeriesError(ValueError):
    """The file has no column of times or of values; the message is a sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One row of a series: its cells as they are in the file, its time, and its value or None without one."""

    timestamp: str
    cell: str
    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row with its score in [0, 1]; `is_late` if its time is before a time that came earlier."""

    row: SeriesRow
    score: float
    is_late: bool

    def cells(self) -> tuple[str, str, str]:
        """Return the cells of HEADER; the first two are the cells of the file that was read."""
        return self.row.timestamp, self.row.cell, f"{self.score:.9g}"


def series_columns(header: Sequence[str]) -> tuple[str, str]:
    """Return the names of the columns of times and of values; capital letters and blanks do not matter.

    Raises NoSeriesError if one of them is missing.

    >>> series_columns(["Timestamp", "id", "value"])
    ('Timestamp', 'value')
    """
    found = {name.strip().casefold(): name for name in reversed(header)}
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise NoSeriesError(f"has no column {' and no column '.join(missing)}")
    return found["timestamp"], found["value"]


def series_row(cells: Mapping[str, str], columns: tuple[str, str], read_time: ReadTime) -> SeriesRow:
    """Return the row of these cells; raises ValueError with the reason if it is none.

    A value that is blank or NaN is missing. A time must be in 2000 to 2200.

    >>> from datetime import UTC
    >>> read = lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)
    >>> series_row({"t": "2026-01-01", "v": "NaN"}, ("t", "v"), read).value is None
    True
    """
    timestamp, cell = (str(cells[column]) for column in columns)
    try:
        at = read_time(timestamp)
    except ValueError as error:
        raise ValueError(f"timestamp {_shown(timestamp)}: {error}") from error
    if not EARLIEST_EVENT <= at < LATEST_EVENT:
        raise ValueError(f"timestamp {_shown(timestamp)} is not in the years 2000 to 2199")
    return SeriesRow(timestamp, cell, at, _value(cell))


def _value(cell: str) -> float | None:
    text = cell.strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if math.isinf(value) or "_" in text:
        raise ValueError(f"value {_shown(cell)} is no finite number")
    return None if math.isnan(value) else value


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…")


def score_series(rows: Iterable[SeriesRow], scorer: SeriesScorer) -> Iterator[ScoredRow]:
    """Yield each row with its score, in order, in one pass; a row without a value scores 0.

    The scorer sees a row only after all rows before it, and no row after it.
    """
    newest = EARLIEST_EVENT
    for row in rows:
        score = 0.0 if row.value is None else scorer.score(row.at, row.value)
        yield ScoredRow(row, score, is_late=row.at < newest)
        newest = max(newest, row.at)


@dataclass
class SeriesFigures:
    """What one file held: rows with a score, rows without a value, late rows, and its highest score."""

    rows: int = 0
    without_value: int = 0
    late: int = 0
    above_zero: int = 0
    highest: float = 0.0
    highest_at: str = ""

    def count(self, scored: ScoredRow) -> None:
        """Count one row."""
        self.rows += 1
        self.without_value += scored.row.value is None
        self.late += scored.is_late
        self.above_zero += scored.score > 0.0
        if scored.score > self.highest:
            self.highest, self.highest_at = scored.score, scored.row.timestamp
