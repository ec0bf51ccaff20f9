"""`rapport dead-letters`: list, show and replay what could not be handled."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import letters as store
from schemas import DeadLetter
from schemas.tables import DeadLetterRow
from streams.cli.context import database, errors, fail, open_broker, told_plainly
from streams.dead_letters import Replayed, by_source, replay, visible
from streams.settings import Settings

app = typer.Typer(help="List, show and replay the inputs that could not be handled.", no_args_is_help=True)

Reason = Annotated[str | None, typer.Option(help="Only this reason, such as broken_json.")]
Topic = Annotated[str | None, typer.Option(help="Only letters read from this topic.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many, newest first.")]


@app.command("list")
def list_letters(
    reason: Reason = None,
    topic: Topic = None,
    state: Annotated[str | None, typer.Option(help="Only this state: new or replayed.")] = None,
    limit: Limit = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """List dead letters, newest first, without their content.

    Example: rapport dead-letters list --reason broken_json --state new
    """
    with told_plainly(), database(Settings()) as engine:
        found = _found(engine, state=state, reason=reason, topic=topic, limit=limit)
    if as_json:
        for row in found:
            typer.echo(json.dumps(_summary(row)))
        return
    Console().print(letters_table(found))


@app.command()
def show(
    letter_id: Annotated[str, typer.Argument(help="The id, as `list` prints it.")],
    value: Annotated[
        bool, typer.Option("--value", help="Print value and headers too: they may be a customer's words.")
    ] = False,
) -> None:
    """Show where a dead letter comes from and why it is one.

    Example: rapport dead-letters show 5f2a90c1d3b44e6f8a7b6c5d --value
    """
    with told_plainly(), database(Settings()) as engine, Session(engine) as session:
        row = store.get_letter(session, letter_id)
        if row is None:
            fail(f"There is no dead letter {letter_id}.")
        letter, summary = store.to_letter(row), _summary(row)
    for name, text in (summary | _details(letter)).items():
        typer.echo(f"{name:12} {text}")
    if value:
        _print_content(letter)


@app.command("replay")
def replay_letters(
    letter_ids: Annotated[list[str] | None, typer.Argument(help="Ids; or choose by the options.")] = None,
    reason: Reason = None,
    topic: Topic = None,
    limit: Limit = 1_000,
    send: Annotated[bool, typer.Option("--send", help="Do it; without this it is only shown.")] = False,
) -> None:
    """Send dead letters back to the topic they were read from; without --send only show which.

    Key, value and headers go out as they came, with the header replayed-from. An event that had its
    effect meanwhile has no second one. Letters that were replayed before are left alone.

    Example: rapport dead-letters replay --reason handler_error --send
    """
    if not letter_ids and reason is None and topic is None:
        fail("Say which letters: ids, --reason or --topic.", code=2)
    with told_plainly(), database(Settings()) as engine:
        ids = letter_ids or _chosen(engine, reason=reason, topic=topic, limit=limit)
        if not send:
            _show_plan(engine, ids)
            return
        replayed = replay(engine, open_broker(Settings()), ids, now=datetime.now(UTC))
    _conclude(replayed)


def _found(
    engine: Engine, *, state: str | None, reason: str | None, topic: str | None, limit: int
) -> list[DeadLetterRow]:
    with Session(engine) as session:
        rows = list(store.list_letters(session, state=state, reason=reason, topic=topic, limit=limit))
        session.expunge_all()
    return rows


def _chosen(engine: Engine, *, reason: str | None, topic: str | None, limit: int) -> list[str]:
    found = _found(engine, state="new", reason=reason, topic=topic, limit=limit)
    return [row.letter_id for row in found]


def _show_plan(engine: Engine, letter_ids: list[str]) -> None:
    with Session(engine) as session:
        rows = list(store.claim_letters(session, letter_ids))
        session.expunge_all()
    records = len(by_source(store.to_letter(row) for row in rows))
    Console().print(letters_table(rows))
    errors.print(f"{records:,} records would be sent again; add --send to do it.", highlight=False)


def _conclude(replayed: Replayed) -> None:
    errors.print(
        f"{replayed.records:,} records sent again, {len(replayed.sent):,} letters marked as replayed.",
        highlight=False,
    )
    for letter_id, why in replayed.kept.items():
        errors.print(f"{letter_id}: {why}", style="yellow", markup=False, highlight=False)
    if replayed.kept:
        raise typer.Exit(1)


def _summary(row: DeadLetterRow) -> dict[str, str | int]:
    return {
        "letter_id": row.letter_id,
        "created_at": row.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "group": row.consumer_group,
        "topic": row.topic,
        "partition": row.partition,
        "offset": row.record_offset,
        "reason": row.reason,
        "error": visible(row.error.encode("utf-8", "replace")),
        "attempts": row.attempts,
        "state": row.state,
    }


def _details(letter: DeadLetter) -> dict[str, str | int]:
    key = "none" if letter.key is None else visible(letter.key)
    size = "none" if letter.value is None else f"{len(letter.value):,} bytes"
    names = ", ".join(visible(name.encode("utf-8", "replace")) for name, _ in letter.headers) or "none"
    return {"build": letter.build, "key": key, "value": size, "headers": names}


def _print_content(letter: DeadLetter) -> None:
    for name, value in letter.headers:
        typer.echo(f"{visible(name.encode('utf-8', 'replace'))}: {visible(value or b'')}")
    typer.echo("")
    typer.echo(visible(letter.value or b""))


def letters_table(rows: list[DeadLetterRow]) -> Table:
    """Return dead letters as a table, one row each, without their content."""
    table = Table(title=f"{len(rows)} dead letters")
    for name in ("id", "when", "group", "read from", "reason", "state"):
        table.add_column(name, overflow="fold")
    for row in rows:
        place = f"{row.topic}/{row.partition}/{row.record_offset}"
        when = row.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(row.letter_id, when, row.consumer_group, place, row.reason, row.state)
    return table
