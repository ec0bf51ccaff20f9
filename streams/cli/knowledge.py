"""`rapport knowledge`: the operator's own accounts, articles, macros and solved tickets, from files."""

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store.knowledge import save_account, save_sources
from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from streams.cli.context import database, errors, fail, told_plainly
from streams.ingest.knowledge import read_knowledge
from streams.ingest.rows import IngestError, Wrong
from streams.settings import Settings

SOME_WRONG = 3
SHOWN_WRONG_LINES = 20


class KindOfKnowledge(StrEnum):
    """What a file holds."""

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


def knowledge(
    what: Annotated[KindOfKnowledge, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON in any shape, or CSV.")],
) -> None:
    """Load what drafts are made of: accounts, help articles, macros or solved tickets.

    Fields of accounts: account_id, name, plan, seats, annual_revenue, renewal_on, region, owner.
    Of articles: article_id, title, body (Markdown with ## headings), url, tags, public, updated_at.
    Of macros: macro_id, title, question, body (with {slots}), tags, updated_at.
    Of solved-tickets: ticket_id, account_id, question, answer, tags, solved_at.
    A file is JSON lines, an array, an object around a list such as {"articles": []}, or CSV. Ids may be
    numbers, times may be dates; an article without updated_at has the time of its file. Loading a file
    again changes only what changed. Exit code 3: all but the wrong lines are loaded.

    Example: rapport knowledge articles help-centre.jsonl
    """
    settings = Settings()
    try:
        records, wrong = read_records(file, RECORDS[what])
    except IngestError as error:
        fail(str(error))
    with told_plainly(), database(settings) as engine:
        changed = _save(engine, what, records, settings)
    errors.print(f"{len(records)} {what.value} read, {changed} new or changed.", highlight=False)
    for one in wrong[:SHOWN_WRONG_LINES]:
        errors.print(f"{one.unit} {one.line}: {one.reason}", style="red", markup=False, highlight=False)
    if wrong:
        fail(f"{len(wrong)} lines are wrong and were left out.", code=SOME_WRONG)


def read_records(file: Path, kind: type[Record]) -> tuple[list[Any], list[Wrong]]:
    """Return the records of a file, and what is wrong with its other rows."""
    records: list[Any] = []
    wrong: list[Wrong] = []
    for found in read_knowledge(file, kind):
        if isinstance(found, Wrong):
            wrong.append(found)
        else:
            records.append(found)
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
    from streams.cli.groups import load_sentiment, shared_encoder

    here = settings.model_copy(update={"torch_threads": os.cpu_count() or 1})
    return shared_encoder(load_sentiment(here), here)
