"""`rapport knowledge lessons`: show what decisions on drafts taught, and forget it."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import actions
from responders.store.actions import OperatorAction
from responders.store.lessons import desk_lessons, lessons_of, reset_lessons
from schemas.table_lessons import DeskLessonsRow
from streams.cli.composition.connections import database, read_settings
from streams.cli.operators import ByOption, CommentOption, actor, instant_text, stored
from streams.cli.terminal import errors, say


def lessons(
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Forget what decisions taught so far.")] = False,
    comment: CommentOption = None,
    by: ByOption = None,
) -> None:
    """Show what people's decisions on drafts taught, as a JSON line, or forget it.

    `offset` moves the log-odds that a draft answers, `bonuses` the scores of sources; both are empty until
    they have predicted decisions better. The figures are those of the desk's page "Learning". After --reset
    new drafts are as shipped within seconds, and only new decisions are learned; the decisions stay.

    Example: rapport knowledge lessons --reset --comment "new help centre"
    """
    with database(read_settings()) as engine:
        note = comment if comment is None else stored(comment)
        action = OperatorAction("reset_lessons", actor(by), note)
        if reset and forget(engine, action, now=datetime.now(UTC)):
            say("Drafts are written as shipped again.")
            return
        with Session(engine) as session:
            row = desk_lessons(session)
            found = None if row is None else summary_of(row)
    if found is None:
        errors.print("Nothing was learned from decisions yet.", highlight=False)
    else:
        typer.echo(json.dumps(found))


def forget(engine: Engine, action: OperatorAction, *, now: datetime) -> bool:
    """Forget the lessons and write the audit row, in one transaction; False if there is nothing to forget."""
    with Session(engine) as session, session.begin():
        is_reset = reset_lessons(session, now=now)
        if is_reset:
            actions.record(session, action, affected=1, details={}, now=now)
    return is_reset


def summary_of(row: DeskLessonsRow) -> dict[str, Any]:
    """Return the lessons and figures for a person."""
    known = lessons_of(row)
    return {
        "version": known.version,
        "offset": known.offset,
        "bonuses": known.bonuses,
        "changed_at": instant_text(row.changed_at),
        "updated_at": instant_text(row.updated_at),
        "figures": row.figures,
    }
