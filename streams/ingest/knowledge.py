"""Knowledge articles, macros, accounts and solved tickets from exports of help centres and CRM systems."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from schemas.base import Record
from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket
from streams.consume.decode import check_account
from streams.consume.handler import InvalidRecord
from streams.ingest.columns import cell
from streams.ingest.instants import Instants
from streams.ingest.rows import WRAPPERS, FileLayout, FileRow, IngestError, RejectedRow, RowReader, open_rows

LISTS: Final[Mapping[type[Record], frozenset[str]]] = {
    Account: frozenset({"accounts", "organizations", "companies"}),
    KnowledgeArticle: frozenset({"articles"}),
    Macro: frozenset({"macros"}),
    SolvedTicket: frozenset({"tickets"}),
}
"""Names of the lists of each kind in an export, in addition to `WRAPPERS`."""

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
"""Fields of help centres that replace a missing field of ours."""

PREFERRED: Final = {"url": "html_url"}
"""Help centres have the address of their API in `url`, and the page that people read in `html_url`."""

IDS: Final = ("account_id", "article_id", "macro_id", "ticket_id")
TIMES: Final = ("renewal_on", "updated_at", "solved_at")


def first_fields(path: Path) -> Mapping[str, Any]:
    """Return the cells of the first good row of a file of any kind, or {} if it has none.

    Raises IngestError if the file cannot be read.
    """
    layout = FileLayout(wrappers=WRAPPERS.union(*LISTS.values()))
    with open_rows(path, layout) as reader:
        return next((row.cells for row in reader.rows if isinstance(row, FileRow)), {})


def knowledge_rows(
    path: Path, kind: type[Record], *, zone: tzinfo = UTC, encoding: str | None = None
) -> Iterator[FileRow | RejectedRow]:
    """Yield the fields of each record of a file, or the rejected row, in the order of the file.

    The file is JSON lines, a JSON array, an object around a list such as `{"articles": []}`, or CSV with a
    header, plain or gzip, with or without a byte order mark. Cells have the names of the record's fields;
    ids are texts, times are instants. A date alone means its midnight in `zone`. An optional time that cannot
    be read stays as it is, and the record type decides. A missing `updated_at` becomes the time of the file.
    Raises IngestError if the file cannot be read.
    """
    layout = FileLayout(encoding=encoding, wrappers=WRAPPERS | LISTS[kind])
    with open_rows(path, layout) as reader:
        _refuse_doubled(reader, kind)
        converter = _RowConverter(kind, Instants(zone=zone), time_of(path))
        for row in reader.rows:
            yield row if isinstance(row, RejectedRow) else converter.convert(row)


def time_of(path: Path) -> datetime:
    """Return when a file was last written, in whole seconds."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _refuse_doubled(reader: RowReader, kind: type[Record]) -> None:
    doubled = [name for name in reader.repeated() if name in kind.model_fields]
    if doubled:
        places = " and ".join(str(place) for place in reader.repeated()[doubled[0]])
        raise IngestError(f"The file has the column {doubled[0]} more than once (columns {places}).")


class _RowConverter:
    """Converts rows to the fields of one record type."""

    def __init__(self, kind: type[Record], instants: Instants, changed_at: datetime) -> None:
        self._kind = kind
        self._instants = instants
        self._changed_at = changed_at

    def convert(self, row: FileRow) -> FileRow | RejectedRow:
        """Return the fields of a row, or the rejected row with its reason."""
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
        value = next((found for column in names if (found := cell(cells, column)) not in (None, "")), None)
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
