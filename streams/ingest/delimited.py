"""CSV with a header line, row by row; a quote that never closes costs its own line and no other.

A row is one line, or several lines if a quoted field contains line breaks. Blank lines are no rows. If a row
of several lines turns out to be broken, only its first line is refused, and reading continues with the next
line as if the quote were not there.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from streams.ingest.columns import Cells
from streams.ingest.documents import FileRow, RejectedRow
from streams.ingest.texts import MARK, MAX_LINE_CHARACTERS, IngestError, Overlong, TextFile

MAX_RECORD_CHARACTERS: Final = MAX_LINE_CHARACTERS
"""A longer record counts as a quote that never closes."""

DELIMITERS: Final = (",", ";", "\t", "|")
_NAMED: Final = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_OPEN_QUOTE: Final = "a quote opens in this line and never closes properly; the next line is read on its own"


def parse_delimiter(text: str | None) -> str | None:
    r"""Return the character that `--delimiter` names; None means that the header line shows it.

    >>> parse_delimiter("\\t") == parse_delimiter("tab") == "\t", parse_delimiter(";")
    (True, ';')
    """
    if text is None:
        return None
    delimiter = _NAMED.get(text.lower(), text)
    if len(delimiter) != 1 or delimiter in '"\r\n' or delimiter.isalnum():
        raise IngestError(
            f"--delimiter {text!r} is not understood; write one character such as ';', or tab, comma or pipe."
        )
    return delimiter


def delimiter_of(header: str) -> str:
    """Return the delimiter that a header line has most often outside quotes, or a comma if it has none.

    >>> delimiter_of("account_id;body;occurred_at"), delimiter_of("text")
    (';', ',')
    """
    plain = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=plain.count)


class Table:
    """A CSV file: its columns and its rows.

    `is_row` says whether the cells of one line could be a row by themselves; it is asked about the lines
    inside a quoted field. Raises IngestError if the file has no readable header.
    """

    def __init__(self, text: TextFile, delimiter: str | None, is_row: Callable[[Cells], bool]) -> None:
        self._lines = _Lines(text.lines())
        self._not_decodable = text.not_decodable
        self._is_row = is_row
        first = self._lines.peek()
        if first.rstrip("\r\n").lower()[:4] == "sep=" and len(first.rstrip("\r\n")) == 5:
            delimiter = delimiter or first[4]
            next(self._lines)
        self._delimiter = delimiter or delimiter_of(self._lines.peek())
        self._reader = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        self.columns = self._header()

    def _header(self) -> tuple[str, ...]:
        try:
            self._lines.begin()
            columns = tuple(name.strip().removeprefix("\ufeff") for name in next(self._reader, []))
        except (csv.Error, _TooLongError):
            raise IngestError("The header line is not CSV: a quote in it never closes.") from None
        if not columns:
            raise IngestError("The file is empty; a header line or JSON lines are needed.")
        if any(MARK in name for name in columns):
            raise IngestError(f"The header line is {self._not_decodable}.")
        return columns

    def rows(self) -> Iterator[FileRow | RejectedRow]:
        """Yield every row in the order of the file."""
        while True:
            self._lines.begin()
            line = self._lines.number + 1
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _TooLongError) as error:
                yield self._broken(line, error)
            else:
                if values:
                    yield self._row(line, values)

    def _broken(self, line: int, error: Exception) -> RejectedRow:
        first = self._lines.taken[0]
        if isinstance(first, Overlong):
            return RejectedRow(line, f"longer than {len(first):,} characters")
        cells = self._alone(first)
        if len(self._lines.taken) == 1 and "end of data" not in str(error):
            return RejectedRow(
                line, "not CSV: text follows a closing quote, or a quote inside a field is not doubled", cells
            )
        self._lines.give_back()
        return RejectedRow(line, _OPEN_QUOTE, cells)

    def _row(self, line: int, values: Sequence[str]) -> FileRow | RejectedRow:
        taken = self._lines.taken
        if len(taken) > 1 and (len(values) != len(self.columns) or self._holds_rows(taken)):
            cells = self._alone(taken[0])
            self._lines.give_back()
            return RejectedRow(line, _OPEN_QUOTE, cells)
        cells = dict(zip(self.columns, values, strict=False))
        if any(MARK in taken_line for taken_line in taken):
            return RejectedRow(line, self._not_decodable, cells)
        if len(values) != len(self.columns):
            return RejectedRow(line, f"{len(values)} fields where the header has {len(self.columns)}", cells)
        return FileRow(line, cells)

    def _holds_rows(self, taken: Sequence[str]) -> bool:
        """Return whether a record of several lines is really several rows, the first with a stray quote."""
        return self._could_be_row(taken[0]) and any(self._could_be_row(line) for line in taken[1:])

    def _could_be_row(self, line: str) -> bool:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            values = self._split(line, quoting)
            if len(values) == len(self.columns) and self._is_row(
                dict(zip(self.columns, values, strict=True))
            ):
                return True
        return False

    def _alone(self, line: str) -> dict[str, Any]:
        return dict(zip(self.columns, self._split(line, csv.QUOTE_NONE), strict=False))

    def _split(self, line: str, quoting: int) -> list[str]:
        # A line that cannot be split is no row by itself.
        with suppress(csv.Error):
            return next(csv.reader([line], delimiter=self._delimiter, quoting=quoting), [])  # type: ignore[arg-type]
        return []


class _TooLongError(Exception):
    """The current record is longer than any good record."""


class _Lines:
    """The lines of a file for a CSV reader; the lines of the current record can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._characters = 0
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        self.number += 1
        self._characters += len(line)
        if isinstance(line, Overlong) or self._characters > MAX_RECORD_CHARACTERS:
            raise _TooLongError
        return line

    def peek(self) -> str:
        """Return the next line without taking it, or "" at the end of the file."""
        if not self._again:
            self._again.extend(line for line in [next(self._lines, None)] if line is not None)
        return self._again[0] if self._again else ""

    def begin(self) -> None:
        """Start a new record."""
        self.taken = []
        self._characters = 0

    def give_back(self) -> None:
        """Give back all lines of the record except the first; the next record begins with them."""
        self.number -= len(self.taken) - 1
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]
