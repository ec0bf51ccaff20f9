"""Reading a file of what the operator knows, one JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from responders.door import ID_FIELDS, Refused, admit
from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from schemas.tickets import SourceKind


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
class Wrong:
    """What is wrong with a line: its number from 1, and why, without quoting it.

    `loaded` says that the record is taken all the same, with the field left unknown.
    """

    line: int
    reason: str
    loaded: bool = False

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}{', left unknown' if self.loaded else ''}"


def read_records(file: Path, kind: type[Record]) -> tuple[list[Any], list[Wrong]]:
    """Return the records of a file, and what is wrong with other lines or with fields."""
    records: list[Any] = []
    wrong: list[Wrong] = []
    for number, row in _rows(file):
        record, found = _admitted(kind, number, row)
        records += [] if record is None else [record]
        wrong += found
    return records, wrong


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield the number of each line that is not blank, and its object or why it holds none."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _object(line)


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return "json invalid"
    return row if isinstance(row, dict) else "not a JSON object"


def _admitted(
    kind: type[Record], number: int, row: dict[str, Any] | str
) -> tuple[Record | None, list[Wrong]]:
    if isinstance(row, str):
        return None, [Wrong(number, row)]
    named = _named(kind, row)
    try:
        record, unknown = admit(kind, row)
    except Refused as refused:
        return None, [Wrong(number, f"{refused}{named}")]
    return record, [Wrong(number, f"{fault}{named}", loaded=True) for fault in unknown]


def _named(kind: type[Record], row: Mapping[str, Any]) -> str:
    """Return the id of a row in brackets, where it has one that fits a message."""
    own_id = row.get(ID_FIELDS[kind])
    return f" ({own_id})" if isinstance(own_id, str) and own_id.isprintable() and own_id else ""


def kind_of_file(file: Path) -> KindOfKnowledge | None:
    """Return what a file holds by the fields of its first record, or None where that says nothing."""
    with file.open("rb") as lines:
        first = next((line for line in lines if line.strip()), b"{}")
    try:
        fields = json.loads(first)
    except (ValueError, RecursionError):
        return None
    told = ("article_id", "macro_id", "ticket_id", "account_id")
    by_field = dict(zip(told, ("articles", "macros", "solved-tickets", "accounts"), strict=True))
    name = next((field for field in told if isinstance(fields, dict) and field in fields), None)
    return KindOfKnowledge(by_field[name]) if name else None
