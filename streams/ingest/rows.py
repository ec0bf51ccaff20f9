"""Read a user's own file: CSV with a header line or JSON, plain or gzip; one row at a time."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.ingest.columns import Cells
from streams.ingest.delimited import Table
from streams.ingest.documents import FileRow, RejectedRow, document_rows, is_document, line_rows
from streams.ingest.texts import MAX_LINE_CHARACTERS, IngestError, TextFile, open_text

WRAPPERS: Final = frozenset({"data", "items", "payload", "records", "results", "rows"})
"""Names of the lists in the exports of any product."""


def _any_line(_: Cells) -> bool:
    return False


@dataclass(frozen=True)
class FileLayout:
    """How to read a file: encoding and delimiter if they are named, its lists, and what counts as a row.

    `wrappers` are the names of lists in JSON objects; `Table` explains `is_row`.
    """

    encoding: str | None = None
    delimiter: str | None = None
    wrappers: frozenset[str] = WRAPPERS
    is_row: Callable[[Cells], bool] = _any_line


class RowReader:
    """An open file: its rows, its columns if it has a header, and how far it is read.

    `unit` is the unit of a row's number: lines of the file, or items of a JSON document.
    """

    def __init__(self, text: TextFile, layout: FileLayout) -> None:
        self._raw = text.raw
        self.columns: tuple[str, ...] | None = None
        self.unit = "line"
        self.rows: Iterator[FileRow | RejectedRow]
        if not _is_json(text.head):
            table = Table(text, layout.delimiter, layout.is_row)
            self.columns, self.rows = table.columns, table.rows()
        elif is_document(text.head, layout.wrappers):
            self.unit, self.rows = "item", document_rows(text, layout.wrappers)
        else:
            self.rows = line_rows(text)

    def bytes_read(self) -> int:
        """Return how many bytes of the file, as it is on the disk, are read so far."""
        return self._raw.tell()

    def repeated(self) -> dict[str, list[int]]:
        """Return the columns that occur more than once, and their places, counted from 1."""
        places: dict[str, list[int]] = {}
        for place, name in enumerate(self.columns or (), start=1):
            places.setdefault(name, []).append(place)
        return {name: found for name, found in places.items() if len(found) > 1 and name}


@contextmanager
def open_rows(path: Path, layout: FileLayout | None = None) -> Iterator[RowReader]:
    """Open a file to read row by row; its beginning shows whether it is CSV or JSON.

    Raises IngestError if the file cannot be read, or is damaged midway.
    """
    # Bodies may be longer than the 131,072 characters that the csv module allows by default.
    csv.field_size_limit(MAX_LINE_CHARACTERS + 1)
    layout = layout or FileLayout()
    with open_text(path, layout.encoding) as text:
        yield RowReader(text, layout)


def _is_json(head: str) -> bool:
    r"""Return whether a file that begins like this is JSON; a header may begin with a bracket too.

    >>> [_is_json(head) for head in ('{"a"', " [\n {", "[]", "[Amplitude] City,account_id", "a,b")]
    [True, True, True, False, False]
    """
    said = head.lstrip("\ufeff \t\r\n")
    return said.startswith("{") or (said.startswith("[") and said[1:].lstrip()[:1] in {"{", "[", "]", ""})


__all__ = ["WRAPPERS", "FileLayout", "FileRow", "IngestError", "RejectedRow", "RowReader", "open_rows"]
