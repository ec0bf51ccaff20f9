"""Read a user's own file: CSV with a header line or JSON lines, plain or gzip; one row at a time."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

import msgspec

MAX_FIELD_CHARACTERS: Final = 10_000_000
GZIP_MAGIC: Final = b"\x1f\x8b"


class IngestError(Exception):
    """The file or the options cannot be used; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the number of its (first) line, counted from 1, and its cells by column."""

    line: int
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that cannot become a record: where it stands, why, and what was read of it."""

    line: int
    reason: str
    cells: dict[str, Any] = field(default_factory=dict)


class Reading:
    """An open file: its rows, its columns where it has a header, and how far it is read."""

    def __init__(self, raw: BinaryIO, text: TextIO, *, delimiter: str) -> None:
        self._raw = raw
        first = text.readline()
        self.columns: tuple[str, ...] | None = None
        if first.lstrip("\ufeff \t").startswith("{"):
            self.rows = _json_rows(chain([first.lstrip("\ufeff")], text))
            return
        reader = csv.reader(chain([first], text), delimiter=delimiter)
        self.columns = tuple(name.strip() for name in next(reader, []))
        if not self.columns:
            raise IngestError("The file is empty; a header line or JSON lines are needed.")
        self.rows = _csv_rows(reader, self.columns)

    def bytes_read(self) -> int:
        """Return how many bytes of the file (as it lies on the disk) were read so far."""
        return self._raw.tell()


@contextmanager
def open_rows(path: Path, *, delimiter: str = ",") -> Iterator[Reading]:
    """Open a file for reading row by row; what it is, is seen from its first bytes.

    Raises IngestError for a file that cannot be read, or that is damaged midway.
    """
    # Bodies may be longer than the 131,072 characters that the csv module grants.
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            unpacked: Any = gzip.GzipFile(fileobj=raw) if packed else raw
            # Bytes that are not UTF-8 are wrong rows, not the end of the file.
            text = io.TextIOWrapper(unpacked, "utf-8-sig", errors="surrogateescape", newline="")
            yield Reading(raw, text, delimiter=delimiter)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise IngestError(f"{path} is a damaged gzip file.") from error
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror or error}.") from error


def _csv_rows(reader: Any, columns: tuple[str, ...]) -> Iterator[Row | Wrong]:
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Wrong(line, f"not CSV: {error}")
            continue
        if not values:
            continue
        cells = dict(zip(columns, values, strict=False))
        if len(values) != len(columns):
            yield Wrong(line, f"{len(values)} fields where the header has {len(columns)}", cells)
        else:
            yield Row(line, cells)


def _json_rows(lines: Iterator[str]) -> Iterator[Row | Wrong]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Row(number, decode(line))
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            yield Wrong(number, "not a JSON object in UTF-8")
