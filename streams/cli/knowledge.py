"""`rapport knowledge`: load, renew and withdraw accounts, articles, macros and solved tickets."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from responders.chunks.chunk import source_id_for
from responders.store import actions
from responders.store.knowledge import save_accounts, save_sources, with_stored_times
from responders.store.outdated import retire_outdated
from responders.store.withdrawal import (
    ImportPlan,
    plan_accounts,
    plan_sources,
    remove_accounts,
    withdraw_sources,
)
from schemas.redrafts import Redraft
from streams.cli.calibrate_knowledge import calibrate
from streams.cli.composition.connections import database, read_settings
from streams.cli.composition.models import IndexModels, load_index_models, personal_version
from streams.cli.desk_lessons import lessons
from streams.cli.knowledge_files import (
    RECORDS,
    SOURCE_KINDS,
    KindOfKnowledge,
    RowProblem,
    kind_of_file,
    read_records,
)
from streams.cli.operators import ByOption, CommentOption, actor, stored
from streams.cli.terminal import errors, fail
from streams.ingest.knowledge import time_of
from streams.operate.dead_letters import AUDITED_IDS
from streams.process.settings import Settings
from streams.redraft_requests import request_redrafts

SOME_WRONG: Final = 3
"""Exit code if a line was left out or a value left unknown."""

INDEXED_AT_ONCE: Final = 200
"""Records that are embedded and stored together; their vectors are in memory meanwhile. Chosen by hand."""

SHOWN_WRONG_LINES: Final = 20
SHOWN_IDS: Final = 20

STAYS: Final = "The tickets, drafts, alerts, usage and detector states of these accounts stay."

app = typer.Typer(no_args_is_help=True, help="Load, renew and withdraw the knowledge that drafts use.")
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON in any shape, or CSV.")]


@app.command("accounts")
def load_accounts(file: FileArgument) -> None:
    """Load your customers' accounts.

    Fields: account_id, name, plan, seats, annual_revenue, renewal_on, region, owner; all but the first two
    may be unknown. A wrong value is left unknown and named. Loading a file again changes only what is
    different. Exit code 3: a line was left out, or a value left unknown.

    Example: rapport knowledge accounts accounts.jsonl
    """
    _load(KindOfKnowledge.accounts, file)


@app.command("articles")
def load_articles(file: FileArgument) -> None:
    """Load the articles of the help centre.

    Fields: article_id, title, body (Markdown with ## headings, or HTML), url, tags, public, updated_at.
    A long body is cut at its headings. Loading a file again changes only what is different; articles that
    are not in the file stay, and `sync` withdraws them. Exit code 3: a line was left out, or a value left
    unknown.

    Example: rapport knowledge articles help-centre.jsonl
    """
    _load(KindOfKnowledge.articles, file)


@app.command("macros")
def load_macros(file: FileArgument) -> None:
    """Load the reply templates of the support team.

    Fields: macro_id, title, question, body (Markdown or HTML, with {slots}), tags, updated_at.

    Example: rapport knowledge macros macros.jsonl
    """
    _load(KindOfKnowledge.macros, file)


@app.command("solved-tickets")
def load_solved_tickets(file: FileArgument) -> None:
    """Load solved tickets with the reply that solved them.

    Fields: ticket_id, account_id, question, answer, tags, solved_at.

    Example: rapport knowledge solved-tickets solved.jsonl
    """
    _load(KindOfKnowledge.solved_tickets, file)


@app.command("remove")
def remove(
    kind: Annotated[
        KindOfKnowledge,
        typer.Argument(help="What the ids are of: accounts, articles, macros or solved-tickets."),
    ],
    ids: Annotated[list[str], typer.Argument(help="The ids, as in your files.")],
    *,
    comment: CommentOption = None,
    by: ByOption = None,
) -> None:
    """Withdraw accounts, articles, macros or solved tickets by id.

    New drafts do not use withdrawn knowledge, and a waiting draft that cites it is written again. Removing an
    account removes the facts that were loaded; its tickets, drafts, alerts and usage stay. Exit code 1: an
    id is not there.

    Example: rapport knowledge remove articles old-prices beta-notes
    """
    action = _action(kind, ids, comment, by)
    with database(read_settings()) as engine:
        with Session(engine) as session, session.begin():
            gone, redrafts = _withdraw(session, kind, [stored(own_id) for own_id in ids], action)
    _tell_removed(kind, len(gone))
    _tell_redrafts(redrafts)
    missing = [own_id for own_id in dict.fromkeys(ids) if own_id not in gone]
    if missing:
        fail(f"Not there: {_listed(missing)}.")


@app.command("sync")
def sync(  # noqa: PLR0913 - typer reads the options from the parameters
    kind_or_file: Annotated[
        str, typer.Argument(help="accounts, articles, macros, solved-tickets; or the file.")
    ],
    file: Annotated[Path | None, typer.Argument(help="JSON or CSV with every record of this kind.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept a file that has wrong lines or removes everything.")
    ] = False,
    comment: CommentOption = None,
    by: ByOption = None,
) -> None:
    """Make the stored records equal to a file: load new and changed ones, withdraw those not in the file.

    A file that holds no record, has wrong lines or would remove everything changes nothing without --yes.
    With --yes the records of wrong lines are withdrawn. Without a kind, the first record shows the kind.

    Example: rapport knowledge sync articles help-centre.jsonl --dry-run
    """
    kind, path = _kind_and_file(kind_or_file, file)
    records, wrong = read_records(path, RECORDS[kind])
    with database(read_settings()) as engine:
        records = _timed(engine, kind, records, path)
        plan = _plan(engine, kind, records)
        _show(plan, wrong)
        doubt = _doubt(plan, records, wrong)
        if doubt and not yes:
            fail(f"{doubt} Nothing was changed; add --yes to do it anyway.")
        if dry_run:
            return
        _apply(engine, kind, records, plan, _action(kind, plan.removed, comment, by))
    if wrong:
        raise typer.Exit(SOME_WRONG)


app.command("calibrate")(calibrate)
app.command("lessons")(lessons)


def _load(kind: KindOfKnowledge, file: Path) -> None:
    records, wrong = read_records(file, RECORDS[kind])
    with database(read_settings()) as engine:
        records = _timed(engine, kind, records, file)
        plan = _plan(engine, kind, records)
        redrafts = _save(engine, kind, records, plan)
    changed = len(plan.added) + len(plan.changed)
    errors.print(f"{len(records)} {kind.value} read, {changed} new or changed.", highlight=False)
    _tell_redrafts(redrafts)
    _tell_wrong(wrong)
    refused = sum(not problem.loaded for problem in wrong)
    if refused:
        fail(f"{refused} lines are wrong and were left out.", code=SOME_WRONG)
    if wrong:
        fail(f"{len(wrong)} values are wrong and were left unknown.", code=SOME_WRONG)


def _timed(engine: Engine, kind: KindOfKnowledge, records: list[Any], file: Path) -> list[Any]:
    """Return the records; one without a time gets its stored time if it has not changed otherwise."""
    if kind is KindOfKnowledge.accounts:
        return records
    with Session(engine) as session:
        return with_stored_times(session, records, unknown=time_of(file))


def _plan(engine: Engine, kind: KindOfKnowledge, records: list[Any]) -> ImportPlan:
    with Session(engine) as session:
        if kind is KindOfKnowledge.accounts:
            return plan_accounts(session, records)
        return plan_sources(session, SOURCE_KINDS[kind], records, personal=personal_version())


def _save(engine: Engine, kind: KindOfKnowledge, records: list[Any], plan: ImportPlan) -> int:
    with Session(engine) as session, session.begin():
        return _save_within(session, kind, records, plan)


def _save_within(session: Session, kind: KindOfKnowledge, records: list[Any], plan: ImportPlan) -> int:
    """Store the records; return how many waiting drafts are written again because their source changed.

    The drafts come last: their sources are locked from then on, and indexing may take minutes.
    """
    now = datetime.now(UTC)
    if kind is KindOfKnowledge.accounts:
        save_accounts(session, records, now=now)
        return 0
    if plan.added or plan.changed:
        _index(session, kind, records, now=now)
    changed = [source_id_for(SOURCE_KINDS[kind], own_id) for own_id in plan.changed]
    redrafts = retire_outdated(session, changed, now=now)
    request_redrafts(session, redrafts, now=now)
    return len(redrafts)


def _index(session: Session, kind: KindOfKnowledge, records: list[Any], *, now: datetime) -> None:
    """Index records in batches; of many, a line after each batch tells how far it is."""
    models = _models(read_settings())
    for start in range(0, len(records), INDEXED_AT_ONCE):
        batch = records[start : start + INDEXED_AT_ONCE]
        save_sources(session, batch, models.embedder, now=now, personal=models.personal)
        done = min(start + INDEXED_AT_ONCE, len(records))
        if len(records) > INDEXED_AT_ONCE:
            errors.print(f"indexed {done:,} of {len(records):,} {kind.value}", highlight=False)


def _models(settings: Settings) -> IndexModels:
    return load_index_models(settings.model_copy(update={"torch_threads": os.cpu_count() or 1}))


def _apply(
    engine: Engine,
    kind: KindOfKnowledge,
    records: list[Any],
    plan: ImportPlan,
    action: actions.OperatorAction,
) -> None:
    """Load and withdraw in one transaction, so that a search sees either the old or the new knowledge."""
    with Session(engine) as session, session.begin():
        redrafts = _save_within(session, kind, records, plan)
        gone, more = _withdraw(session, kind, plan.removed, action) if plan.removed else (set(), 0)
    _tell_removed(kind, len(gone))
    _tell_redrafts(redrafts + more)


def _withdraw(
    session: Session, kind: KindOfKnowledge, own_ids: Sequence[str], action: actions.OperatorAction
) -> tuple[set[str], int]:
    """Withdraw the records and write the audit row.

    Returns the ids that were there, and the number of waiting drafts that are written again.
    """
    now = datetime.now(UTC)
    redrafts: list[Redraft] = []
    if kind is KindOfKnowledge.accounts:
        gone = set(remove_accounts(session, own_ids))
    else:
        names = {source_id_for(SOURCE_KINDS[kind], own_id): own_id for own_id in own_ids}
        found, redrafts = withdraw_sources(session, list(names), now=now)
        request_redrafts(session, redrafts, now=now)
        gone = {names[source_id] for source_id in found}
    actions.record(session, action, affected=len(gone), details={"drafts_again": len(redrafts)}, now=now)
    return gone, len(redrafts)


def _action(
    kind: KindOfKnowledge, own_ids: Sequence[str], comment: str | None, by: str | None
) -> actions.OperatorAction:
    chosen = {"kind": kind.value, "ids": [stored(own_id) for own_id in own_ids[:AUDITED_IDS]]}
    return actions.OperatorAction("withdraw", actor(by), comment and stored(comment), chosen)


def _kind_and_file(kind_or_file: str, file: Path | None) -> tuple[KindOfKnowledge, Path]:
    path = Path(kind_or_file) if file is None else file
    if not path.is_file():
        fail(f"{path} is not a file.", code=2)
    if file is None:
        kind = kind_of_file(path)
    else:
        kind = next((known for known in KindOfKnowledge if known.value == kind_or_file), None)
    if kind is None:
        known = ", ".join(kind_name.value for kind_name in KindOfKnowledge)
        fail(f"Say which kind the file holds: {known}.", code=2)
    return kind, path


def _doubt(plan: ImportPlan, records: list[Any], wrong: list[RowProblem]) -> str | None:
    """Return why a file is probably not the intended one, or None."""
    refused = sum(not problem.loaded for problem in wrong)
    if refused:
        return f"{refused} lines of the file are wrong, and their records would be withdrawn."
    if not records:
        return "The file holds no record."
    return "The file would remove everything." if plan.removes_all else None


def _show(plan: ImportPlan, wrong: list[RowProblem]) -> None:
    _tell_wrong(wrong)
    for name in ("added", "changed", "removed"):
        ids: tuple[str, ...] = getattr(plan, name)
        errors.print(f"{len(ids)} {name}{': ' if ids else ''}{_listed(ids)}", markup=False, highlight=False)


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return ", ".join(stored(own_id) for own_id in ids[:SHOWN_IDS]) + more


def _tell_wrong(wrong: list[RowProblem]) -> None:
    for problem in wrong[:SHOWN_WRONG_LINES]:
        errors.print(str(problem), style="red", markup=False, highlight=False)


def _tell_redrafts(redrafts: int) -> None:
    if redrafts:
        errors.print(f"{redrafts} waiting drafts are written again.", highlight=False)


def _tell_removed(kind: KindOfKnowledge, removed: int) -> None:
    errors.print(f"{removed} {kind.value} withdrawn.", highlight=False)
    if removed and kind is KindOfKnowledge.accounts:
        errors.print(STAYS, highlight=False)
