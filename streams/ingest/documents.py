"""JSON in every shape that exports have: lines, one array, or an object around an array."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

from streams.ingest.texts import MARK, IngestError, Overlong, TextFile

CHUNK_CHARACTERS: Final = 1_048_576
"""How much text is read at once."""

MAX_VALUE_CHARACTERS: Final = 67_108_864
"""One item, with everything inside it, is at most this long; only one item is held in memory."""

ONE_RECORD: Final = frozenset({"id", "event_id", "ticket_id", "account_id", "article_id", "macro_id", "body"})
"""An object with one of these fields is itself a record, whatever lists it contains."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its line or the number of its item, from 1; its cells by column; the name of its list."""

    line: int
    cells: dict[str, Any]
    section: str = ""
    unit: str = "line"

    def rejected(self, reason: str) -> "RejectedRow":
        """Return this row as a rejected row."""
        return RejectedRow(self.line, reason, self.cells, self.unit)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot become a record: its number, the reason, and the cells that were read.

    `unit` is the unit of the number: lines of the file, or items of a JSON document.
    """

    line: int
    reason: str
    cells: dict[str, Any] = field(default_factory=dict, repr=False)
    unit: str = "line"


class NotJsonError(Exception):
    """The text is not JSON from some place on, or one value is too long or nested too deeply."""


class JsonReader:
    """Decode JSON strictly; `repeated` names a field that occurred twice in the last value."""

    def __init__(self) -> None:
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=_refuse_constant)
        self.repeated: str | None = None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            self.repeated = next(name for name in names if names.count(name) > 1)
        return found

    def at(self, text: str, start: int) -> tuple[Any, int]:
        """Return the value that begins at `start`, and its end. Raises ValueError, RecursionError."""
        self.repeated = None
        return self._decoder.raw_decode(text, start)

    def row(self, number: int, value: Any, section: str = "", unit: str = "line") -> FileRow | RejectedRow:
        """Return the row of a decoded value, or the rejected row with its reason."""
        if not isinstance(value, dict):
            return RejectedRow(number, "not a JSON object", unit=unit)
        if self.repeated is not None:
            return RejectedRow(number, f"the field {self.repeated[:60]} occurs twice", value, unit)
        return FileRow(number, value, section, unit)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def line_rows(text: TextFile) -> Iterator[FileRow | RejectedRow]:
    """Yield the row of each line that is not blank; a line that is no JSON object is a rejected row."""
    reader = JsonReader()
    for number, line in enumerate(text.lines(), start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        yield _line_row(reader, number, line, text.not_decodable)


def _line_row(reader: JsonReader, number: int, line: str, not_decodable: str) -> FileRow | RejectedRow:
    if isinstance(line, Overlong):
        return RejectedRow(number, f"longer than {len(line):,} characters")
    if MARK in line:
        return RejectedRow(number, not_decodable)
    said = line.strip("\ufeff \t\r\n")
    try:
        value, end = reader.at(said, 0)
    except (ValueError, RecursionError):
        return RejectedRow(number, "not a JSON object")
    return reader.row(number, value) if end == len(said) else RejectedRow(number, "more than one JSON object")


def document_rows(text: TextFile, wrappers: frozenset[str]) -> Iterator[FileRow | RejectedRow]:
    """Yield the items of each JSON value of a file: of an array, of lists named in `wrappers`, or the value.

    A list may be in an object or one object deeper, as in `{"data": {"payload": []}}`. Memory holds one
    item at a time. Raises IngestError at the place where the file stops being JSON.
    """
    values = _JsonValues(text.text)
    number = 0
    try:
        while values.next_character():
            for section, value in _items(values, wrappers):
                number += 1
                if MARK in values.last:
                    yield RejectedRow(number, text.not_decodable, unit="item")
                else:
                    yield values.reader.row(number, value, section, "item")
    except NotJsonError as error:
        raise IngestError(f"The file is not JSON after item {number}: {error}. Nothing was sent.") from None


def _items(values: "_JsonValues", wrappers: frozenset[str]) -> Iterator[tuple[str, Any]]:
    start = values.next_character()
    if start == "[":
        for value in values.array():
            yield "", value
    elif start == "{":
        yield from _object_items(values, wrappers)
    else:
        yield "", values.value()


def _object_items(
    values: "_JsonValues", wrappers: frozenset[str], deep: bool = False
) -> Iterator[tuple[str, Any]]:
    """Yield the items of an object's lists, or the object itself if it has no such list."""
    own: dict[str, Any] = {}
    wrapped = False
    for name in values.keys():
        start = values.next_character()
        if name in wrappers and start == "[" and not ONE_RECORD & own.keys():
            wrapped = True
            for value in values.array():
                yield name, value
        elif name in wrappers and start == "{" and not deep and not ONE_RECORD & own.keys():
            wrapped = True
            yield from _object_items(values, wrappers, deep=True)
        else:
            own[name] = values.value()
    if not wrapped:
        yield "", own


class _JsonValues:
    """The values of a text one after another; only the current value is in memory."""

    def __init__(self, text: TextIO) -> None:
        self.reader = JsonReader()
        self.last = ""
        self._text = text
        self._held = ""
        self._at = 0
        self._ended = False

    def next_character(self) -> str:
        """Return the next character that is not blank, without taking it, or "" at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in "\ufeff \t\r\n":
                    return self._held[self._at]
                self._at += 1
            if not self._more():
                return ""

    def expect(self, expected: str) -> str:
        """Take the next character, which must be one of `expected`."""
        found = self.next_character()
        if not found or found not in expected:
            raise NotJsonError("a comma, a bracket or a value is missing or too much")
        self._at += 1
        return found

    def array(self) -> Iterator[Any]:
        """Yield the items of the array that begins here."""
        self.expect("[")
        if self.next_character() == "]":
            self.expect("]")
            return
        while True:
            yield self.value()
            if self.expect(",]") == "]":
                return

    def keys(self) -> Iterator[str]:
        """Yield the names of the object that begins here; the caller takes the value after each name."""
        self.expect("{")
        if self.next_character() == "}":
            self.expect("}")
            return
        while True:
            name = self.value() if self.next_character() == '"' else None
            if not isinstance(name, str):
                raise NotJsonError("a name is missing")
            self.expect(":")
            yield name
            if self.expect(",}") == "}":
                return

    def value(self) -> Any:
        """Take the whole value that begins here."""
        self.next_character()
        while True:
            try:
                value, end = self.reader.at(self._held, self._at)
                # A number may continue in the part that is not read yet.
                if end < len(self._held) or self._ended:
                    self.last = self._held[self._at : end]
                    self._at = end
                    return value
            except RecursionError:
                raise NotJsonError("it is nested too deeply") from None
            except ValueError:
                if self._ended:
                    raise NotJsonError("a value is broken or cut off") from None
            self._more()

    def _more(self) -> bool:
        held = len(self._held) - self._at
        if held > MAX_VALUE_CHARACTERS:
            raise NotJsonError(f"a value is broken, or longer than {MAX_VALUE_CHARACTERS:,} characters")
        # Twice as much each time, so that a long value is not decoded again and again.
        read = self._text.read(max(CHUNK_CHARACTERS, held))
        self._held = self._held[self._at :] + read
        self._at = 0
        self._ended = not read
        return bool(read)


def is_document(head: str, wrappers: frozenset[str]) -> bool:
    r"""Return whether JSON that begins like this is one document rather than a JSON object in each line.

    >>> wrappers = frozenset({"tickets"})
    >>> [is_document(head, wrappers) for head in ('[{"id": 1}', '{"tickets": [{"id"', '{\n "id": 1')]
    [True, True, True]
    >>> [is_document(head, wrappers) for head in ('{"id": 1}\n{"id": 2}', '{"id": 1, \n{"id": 2}')]
    [False, False]
    """
    said = head.lstrip("\ufeff \t\r\n")
    if said.startswith("["):
        return True
    lines = [line.strip() for line in said.splitlines() if line.strip()][:2] or [""]
    if _is_wrapped(lines[0], wrappers):
        return True
    if _is_object(lines[0]) or len(lines) < 2:
        return False
    return lines[0].endswith(("{", "[")) or (lines[0].endswith(",") and not _is_object(lines[1]))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_wrapped(line: str, wrappers: frozenset[str]) -> bool:
    """Return whether an object wraps a list; only its beginning may be known."""
    try:
        return _wraps_a_list(_JsonValues(io.StringIO(line)), wrappers)
    except NotJsonError:
        return False


def _wraps_a_list(values: _JsonValues, wrappers: frozenset[str], *, deep: bool = False) -> bool:
    for name in values.keys():
        if name in ONE_RECORD:
            return False
        start = values.next_character()
        if name in wrappers and start == "[":
            return True
        if name in wrappers and start == "{" and not deep:
            return _wraps_a_list(values, wrappers, deep=True)
        values.value()
    return False
