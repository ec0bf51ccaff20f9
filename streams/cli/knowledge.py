"""`rapport knowledge`: the operator's own accounts, articles, macros and solved tickets, from JSON lines."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store.knowledge import save_account, save_sources
from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from streams.cli.context import database, errors, fail, told_plainly
from streams.settings import Settings

SOME_WRONG = 3
SHOWN_WRONG_LINES = 20


class KindOfKnowledge(StrEnum):
    """What a file holds, one JSON object a line."""

    accounts = "accounts"
    articles = "articles"
    macros = "macros"
    solved_tickets = "solved-tickets"


RECORDS: dict[KindOfKnowledge, type[Record]] = {
    KindOfKnowledge.accounts: Account,
    KindOfKnowledge.articles: KnowledgeArticle,
    KindOfKnowledge.macros: Macro,
    KindOfKnowledge.solved_tickets: SolvedTicket,
}


@dataclass(frozen=True)
class Wrong:
    """A line that is not such a record: its number from 1, and why not, without quoting it."""

    line: int
    reason: str


def knowledge(
    what: Annotated[KindOfKnowledge, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines, UTF-8.")],
) -> None:
    """Load what drafts are made of: accounts, help articles, macros or solved tickets.

    Fields of accounts: account_id, name, plan, seats, annual_revenue, renewal_on, region, owner.
    Of articles: article_id, title, body (Markdown with ## headings), url, tags, public, updated_at.
    Of macros: macro_id, title, question, body (with {slots}), tags, updated_at.
    Of solved-tickets: ticket_id, account_id, question, answer, tags, solved_at.
    Loading a file again changes only what changed. Exit code 3: all but the wrong lines are loaded.

    Example: rapport knowledge articles help-centre.jsonl
    """
    settings = Settings()
    records, wrong = read_records(file, RECORDS[what])
    with told_plainly(), database(settings) as engine:
        changed = _save(engine, what, records, settings)
    errors.print(f"{len(records)} {what.value} read, {changed} new or changed.", highlight=False)
    for one in wrong[:SHOWN_WRONG_LINES]:
        errors.print(f"line {one.line}: {one.reason}", style="red", markup=False, highlight=False)
    if wrong:
        fail(f"{len(wrong)} lines are wrong and were left out.", code=SOME_WRONG)


def read_records(file: Path, kind: type[Record]) -> tuple[list[Any], list[Wrong]]:
    """Return the records of a file of JSON lines, and what is wrong with the other lines."""
    records: list[Any] = []
    wrong: list[Wrong] = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                records.append(kind.model_validate_json(line))
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                place = ".".join(str(part) for part in first["loc"]) or "line"
                wrong.append(Wrong(number, f"{place}: {first['type'].replace('_', ' ')}"))
    return records, wrong


def _save(engine: Engine, what: KindOfKnowledge, records: list[Any], settings: Settings) -> int:
    now = datetime.now(UTC)
    if what is KindOfKnowledge.accounts:
        with Session(engine) as session, session.begin():
            for account in records:
                save_account(session, account, now=now)
        return len(records)
    with Session(engine) as session, session.begin():
        return save_sources(session, records, _embedder(settings), now=now)


def _embedder(settings: Settings) -> Any:
    from streams.cli.groups import load_embedder

    return load_embedder(settings.model_copy(update={"torch_threads": os.cpu_count() or 1}))
