"""`rapport partitions`: show who reads which partition, and resume paused partitions."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import actions, progress
from responders.store.actions import OperatorAction
from schemas.tables import PartitionProgress
from streams.cli.composition.connections import database, read_settings
from streams.cli.operators import (
    ByOption,
    CommentOption,
    PartitionOption,
    TopicOption,
    actor,
    instant_text,
    shown,
    stored,
)
from streams.cli.terminal import errors

app = typer.Typer(help="Show the partitions, and resume paused ones.", no_args_is_help=True)


@app.command("list")
def list_partitions(
    paused: Annotated[bool, typer.Option("--paused", help="Only paused partitions.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """List the partitions that groups have read: owner, next offset, since when and why they are paused.

    Example: rapport partitions list --paused
    """
    with database(read_settings()) as engine, Session(engine) as session:
        found = [row for row in progress.all_progress(session) if row.paused_at or not paused]
        summaries = [_summary(row) for row in found]
    if as_json:
        for summary in summaries:
            typer.echo(json.dumps(summary))
        return
    Console().print(partitions_table(summaries))


@app.command("resume")
def resume_partitions(
    group: Annotated[str | None, typer.Argument(help="Only partitions of this consumer group.")] = None,
    topic: TopicOption = None,
    partition: PartitionOption = None,
    comment: CommentOption = None,
    by: ByOption = None,
) -> None:
    """Resume paused partitions where they stopped; without a filter, all of them.

    Their workers notice within seconds and need no restart. Fix the cause first: if records fail in a row
    again, the partition pauses again. `rapport dead-letters replay` sends the failed records again.

    Example: rapport partitions resume sentiment --topic support.tickets --partition 3 --comment "rolled back"
    """
    given = {"group": group, "topic": topic, "partition": partition}
    action = OperatorAction(
        "resume",
        actor(by),
        comment if comment is None else stored(comment),
        {name: value for name, value in given.items() if value is not None},
    )
    with database(read_settings()) as engine:
        places = resume(engine, action, now=datetime.now(UTC))
    if not places:
        errors.print("No matching partition was paused; nothing was changed.", highlight=False)
        return
    for place in places:
        typer.echo(f"{place.group} resumes {place.topic}/{place.partition}.")


def resume(engine: Engine, action: OperatorAction, *, now: datetime) -> list[progress.Place]:
    """Clear the pauses that match the action's filters and write the audit row, in one transaction.

    Returns the resumed partitions; if there are none, no audit row is written.
    """
    chosen = action.filters
    with Session(engine) as session, session.begin():
        places = progress.resume(
            session,
            group=chosen.get("group"),
            topic=chosen.get("topic"),
            partition=chosen.get("partition"),
            now=now,
        )
        if places:
            names = [f"{place.group}/{place.topic}/{place.partition}" for place in places]
            actions.record(session, action, affected=len(places), details={"partitions": names}, now=now)
    return places


def _summary(row: PartitionProgress) -> dict[str, str | int | None]:
    return {
        "group": row.consumer_group,
        "topic": row.topic,
        "partition": row.partition,
        "owner": row.owner,
        "next_offset": row.next_offset,
        "paused_since": instant_text(row.paused_at),
        "reason": row.paused_reason,
    }


def partitions_table(summaries: Sequence[dict[str, str | int | None]]) -> Table:
    """Return partitions as a table, one row each; paused partitions are red."""
    table = Table(title=f"{len(summaries)} partitions")
    for name in ("group", "topic", "partition", "owner", "next offset", "paused since", "reason"):
        table.add_column(name, overflow="fold")
    for summary in summaries:
        cells = [Text("–" if value is None else shown(str(value))) for value in summary.values()]
        table.add_row(*cells, style="bold red" if summary["paused_since"] else None)
    return table
