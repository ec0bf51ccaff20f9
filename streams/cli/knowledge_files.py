"""Read a file of accounts, articles, macros or solved tickets: its rows become records or problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from responders.door import ID_FIELDS, Refused, admit
from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from schemas.tickets import SourceKind
from streams.ingest.knowledge import first_fields, knowledge_rows
from streams.ingest.rows import FileRow, RejectedRow


class KindOfKnowledge(StrEnum):
    """The kinds of knowledge that a file can hold."""

    accounts = "accounts"
    articles = "articles"
    macros = "macros"
    solved_tickets = "solved-tickets"


RECORDS: Final[Mapping[KindOfKnowledge, type[Record]]] = {
    KindOfKnowledge.accounts: Account,
    KindOfKnowledge.articles: KnowledgeArticle,
    KindOfKnowledge.macros: Macro,
    KindOfKnowledge.solved_tickets: SolvedTicket,
}
SOURCE_KINDS: Final[Mapping[KindOfKnowledge, SourceKind]] = {
    KindOfKnowledge.articles: "article",
    KindOfKnowledge.macros: "macro",
    KindOfKnowledge.solved_tickets: "solved_ticket",
}


@dataclass(frozen=True)
class RowProblem:
    """A problem of a row: its number from 1 and a reason that does not quote the row.

    `loaded` says that the record is loaded anyway, with the field left unknown. `unit` names what is counted:
    lines of the file, or items of a JSON document.
    """

    line: int
    reason: str
    loaded: bool = False
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.unit} {self.line}: {self.reason}{', left unknown' if self.loaded else ''}"


def read_records(file: Path, kind: type[Record], **how: Any) -> tuple[list[Any], list[RowProblem]]:
    """Return the records of a file, and the problems of other rows or of fields.

    `how` is passed on to `knowledge_rows`. Raises IngestError for a file that cannot be read.
    """
    records: list[Any] = []
    wrong: list[RowProblem] = []
    for row in knowledge_rows(file, kind, **how):
        record, found = _admitted(kind, row)
        records += [] if record is None else [record]
        wrong += found
    return records, wrong


def _admitted(kind: type[Record], row: FileRow | RejectedRow) -> tuple[Record | None, list[RowProblem]]:
    named = _named(kind, row.cells)
    if isinstance(row, RejectedRow):
        return None, [RowProblem(row.line, f"{row.reason}{named}", unit=row.unit)]
    try:
        record, unknown = admit(kind, row.cells)
    except Refused as refused:
        return None, [RowProblem(row.line, f"{refused}{named}", unit=row.unit)]
    return record, [RowProblem(row.line, f"{fault}{named}", loaded=True, unit=row.unit) for fault in unknown]


def _named(kind: type[Record], row: Mapping[str, Any]) -> str:
    """Return the id of a row in brackets, or nothing if the row has no printable id."""
    own_id = row.get(ID_FIELDS[kind])
    return f" ({own_id})" if isinstance(own_id, str) and own_id.isprintable() and own_id else ""


def kind_of_file(file: Path) -> KindOfKnowledge | None:
    """Return the kind of a file by the fields of its first record, or None if they do not show it.

    Raises IngestError for a file that cannot be read.
    """
    fields = first_fields(file)
    by_field = {
        "article_id": KindOfKnowledge.articles,
        "macro_id": KindOfKnowledge.macros,
        "ticket_id": KindOfKnowledge.solved_tickets,
        "account_id": KindOfKnowledge.accounts,
    }
    return next((kind for field, kind in by_field.items() if field in fields), None)
