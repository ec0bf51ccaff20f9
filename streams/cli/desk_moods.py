"""`rapport sentiment`: show what the desk learned about moods, and return to the shipped model."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import actions, moods
from responders.store.actions import OperatorAction
from schemas.tables import DeskMoodModelRow
from streams.cli.composition.connections import database, read_settings
from streams.cli.operators import ByOption, CommentOption, actor, instant_text, stored
from streams.cli.terminal import errors

app = typer.Typer(help="Show or reset what the desk learned about moods.", no_args_is_help=True)


@app.callback()
def sentiment() -> None:
    """Show or reset what the desk learned about moods."""


@app.command("desk")
def desk(
    reset: Annotated[
        bool, typer.Option("--reset", help="Return to the shipped model and forget the clicks so far.")
    ] = False,
    comment: CommentOption = None,
    by: ByOption = None,
) -> None:
    """Show the desk's model of each shipped model as a JSON line: version, corrections and figures.

    `is_adapted` tells whether the desk's own model scores messages. The figures are those of the shipped
    model, the champion and the challenger on the newest 200 corrections, each predicted before it was
    learned. After --reset the workers score with the shipped model within seconds, and learn only new clicks.

    Example: rapport sentiment desk --reset --comment "clicked by mistake"
    """
    with database(read_settings()) as engine:
        if reset:
            note = comment if comment is None else stored(comment)
            names = reset_moods(engine, OperatorAction("reset_moods", actor(by), note), now=datetime.now(UTC))
            for name in names:
                typer.echo(f"The desk scores with {name} again.")
            if names:
                return
        with Session(engine) as session:
            found = [summary_of(row) for row in moods.desk_models(session)]
    for summary in found:
        typer.echo(json.dumps(summary))
    if not found:
        errors.print("The desk has learned nothing yet.", highlight=False)


def reset_moods(engine: Engine, action: OperatorAction, *, now: datetime) -> list[str]:
    """Return to the shipped models and write the audit row, in one transaction; return the shipped models.

    If nothing was learned there is nothing to reset, and no audit row is written.
    """
    with Session(engine) as session, session.begin():
        names = moods.reset_desk(session, now=now)
        if names:
            actions.record(session, action, affected=len(names), details={"models": names}, now=now)
    return names


def summary_of(row: DeskMoodModelRow) -> dict[str, Any]:
    """Return the row of a desk's model for a person, without the model itself."""
    return {
        "model": row.base_model,
        "is_adapted": row.champion is not None,
        "version": row.version,
        "promoted_at": instant_text(row.promoted_at),
        "updated_at": instant_text(row.updated_at),
        "learned_to": row.learned_to,
        **row.figures,
    }
