"""Records of what the operator knows, out of files as help centres and CRM systems export them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from streams.consume import InvalidRecord
from streams.consume.decode import check_account
from streams.ingest.columns import cell
from streams.ingest.instants import Instants
from streams.ingest.rows import WRAPPERS, FileLayout, FileRow, IngestError, RejectedRow, RowReader, open_rows

LISTS: Final[Mapping[type[Record], frozenset[str]]] = {
    Account: frozenset({"accounts", "organizations", "companies"}),
    KnowledgeArticle: frozenset({"articles"}),
    Macro: frozenset({"macros"}),
    SolvedTicket: frozenset({"tickets"}),
}
"""Under which names the lists of each kind stand in an export, beside those of `WRAPPERS`."""

OTHER_NAMES: Final[Mapping[type[Record], Mapping[str, tuple[str, ...]]]] = {
    Account: {"account_id": ("id",)},
    KnowledgeArticle: {
        "article_id": ("id",),
        "title": ("name",),
        "tags": ("label_names",),
        "updated_at": ("edited_at",),
    },
    Macro: {"macro_id": ("id",)},
    SolvedTicket: {},
}
"""Where a field is missing, the fields of help centres that say the same."""

PREFERRED: Final = {"url": "html_url"}
"""Help centres keep the address of their API in `url`, and the page that people read in this field."""

IDS: Final = ("account_id", "article_id", "macro_id", "ticket_id")
TIMES: Final = ("renewal_on", "updated_at", "solved_at")


def first_fields(path: Path) -> Mapping[str, Any]:
    """Return the cells of the first good row of a file of any kind; empty where there is none.

    Raises IngestError for a file that cannot be read.
    """
    layout = FileLayout(wrappers=WRAPPERS.union(*LISTS.values()))
    with open_rows(path, layout) as reading:
        return next((row.cells for row in reading.rows if isinstance(row, FileRow)), {})


def knowledge_rows(
    path: Path, kind: type[Record], *, zone: tzinfo = UTC, encoding: str | None = None
) -> Iterator[FileRow | RejectedRow]:
    """Yield the fields of each record of a file, or why a row of it is none, in the order of the file.

    The file is JSON lines, a JSON array, an object around a list such as `{"articles": []}`, or CSV with a
    header, plain or gzip, with or without a byte order mark. Cells have the names of the record's fields;
    ids are texts, times are instants. A time may be a date alone, which is its midnight in `zone`; one that
    may be missing and cannot be read is left as it is, for the record to judge. Where `updated_at` is
    missing it is the time of the file. Raises IngestError for a file that cannot be read.
    """
    layout = FileLayout(encoding=encoding, wrappers=WRAPPERS | LISTS[kind])
    with open_rows(path, layout) as reading:
        _refuse_doubled(reading, kind)
        reader = _Reader(kind, Instants(zone=zone), time_of(path))
        for row in reading.rows:
            yield row if isinstance(row, RejectedRow) else reader.read(row)


def time_of(path: Path) -> datetime:
    """Return when a file was last written, in whole seconds."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _refuse_doubled(reading: RowReader, kind: type[Record]) -> None:
    doubled = [name for name in reading.repeated() if name in kind.model_fields]
    if doubled:
        places = " and ".join(str(place) for place in reading.repeated()[doubled[0]])
        raise IngestError(f"The file has the column {doubled[0]} more than once (columns {places}).")


class _Reader:
    """Makes records of one kind out of rows."""

    def __init__(self, kind: type[Record], instants: Instants, changed_at: datetime) -> None:
        self._kind = kind
        self._instants = instants
        self._changed_at = changed_at

    def read(self, row: FileRow) -> FileRow | RejectedRow:
        """Return the fields of a row, or what is wrong with it."""
        if row.cells.get("draft") is True:
            return row.rejected("draft: the article is not published")
        try:
            fields = self._fields(row.cells)
            check_account(str(fields.get("account_id", "")))
        except InvalidRecord as invalid:
            return row.rejected(invalid.error)
        return replace(row, cells=fields)

    def _fields(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        fields = {name: self._value(cells, name) for name in self._kind.model_fields}
        fields = {name: value for name, value in fields.items() if value is not None and value != ""}
        if "updated_at" in self._kind.model_fields:
            fields.setdefault("updated_at", self._changed_at)
        return fields

    def _value(self, cells: Mapping[str, Any], name: str) -> Any:
        names = (PREFERRED.get(name, name), name, *OTHER_NAMES.get(self._kind, {}).get(name, ()))
        value = next((found for one in names if (found := cell(cells, one)) not in (None, "")), None)
        if name in IDS and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if name in TIMES and isinstance(value, (str, int, float)):
            return self._instant(name, value)
        return value

    def _instant(self, name: str, value: str | float) -> Any:
        try:
            return self._instants.read(value)
        except ValueError as error:
            if not self._kind.model_fields[name].is_required():
                return value
            raise InvalidRecord("invalid_record", f"{name}: {error}") from None
