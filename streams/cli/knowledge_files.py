"""Reading a file of what the operator knows: its rows become records by the one door."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from responders.door import ID_FIELDS, Refused, admit
from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from schemas.tickets import SourceKind
from streams.ingest.knowledge import first_fields, knowledge_rows
from streams.ingest.rows import Row
from streams.ingest.rows import Wrong as RefusedRow


class KindOfKnowledge(StrEnum):
    """What a file holds."""

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
    """What is wrong with a row: its number from 1, and why, without quoting it.

    `loaded` says that the record is taken all the same, with the field left unknown. `unit` is what the
    number counts: lines of the file, or items of a JSON document.
    """

    line: int
    reason: str
    loaded: bool = False
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.unit} {self.line}: {self.reason}{', left unknown' if self.loaded else ''}"


def read_records(file: Path, kind: type[Record], **how: Any) -> tuple[list[Any], list[RowProblem]]:
    """Return the records of a file, and what is wrong with other rows or with fields.

    `how` goes to `knowledge_rows`. Raises IngestError for a file that cannot be read.
    """
    records: list[Any] = []
    wrong: list[RowProblem] = []
    for row in knowledge_rows(file, kind, **how):
        record, found = _admitted(kind, row)
        records += [] if record is None else [record]
        wrong += found
    return records, wrong


def _admitted(kind: type[Record], row: Row | RefusedRow) -> tuple[Record | None, list[RowProblem]]:
    named = _named(kind, row.cells)
    if isinstance(row, RefusedRow):
        return None, [RowProblem(row.line, f"{row.reason}{named}", unit=row.unit)]
    try:
        record, unknown = admit(kind, row.cells)
    except Refused as refused:
        return None, [RowProblem(row.line, f"{refused}{named}", unit=row.unit)]
    return record, [RowProblem(row.line, f"{fault}{named}", loaded=True, unit=row.unit) for fault in unknown]


def _named(kind: type[Record], row: Mapping[str, Any]) -> str:
    """Return the id of a row in brackets, where it has one that fits a message."""
    own_id = row.get(ID_FIELDS[kind])
    return f" ({own_id})" if isinstance(own_id, str) and own_id.isprintable() and own_id else ""


def kind_of_file(file: Path) -> KindOfKnowledge | None:
    """Return what a file holds by the fields of its first record, or None where that says nothing.

    Raises IngestError for a file that cannot be read.
    """
    fields = first_fields(file)
    told = ("article_id", "macro_id", "ticket_id", "account_id")
    by_field = dict(zip(told, ("articles", "macros", "solved-tickets", "accounts"), strict=True))
    name = next((field for field in told if field in fields), None)
    return KindOfKnowledge(by_field[name]) if name else None
