"""`rapport ledger`: show that every input has exactly one fate."""

import json
import time
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine

from streams.cli.composition.connections import database, open_broker, read_settings
from streams.kafka.brokers import Broker
from streams.operate.ledger import Balance, TopicLedger, ledger, total_gap, total_in_flight

POLL_SECONDS = 1.0
"""Pause between two counts while the command waits."""

CAPTION = "inputs = effects + dead letters + dropped + in flight + gap; holes are offsets without a record"


def show_ledger(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object per topic.")] = False,
    wait_seconds: Annotated[
        float,
        typer.Option("--wait", min=0, help="Wait up to this many seconds until nothing is in flight."),
    ] = 0.0,
) -> None:
    """Count the fate of every record, from the broker's offsets and the database's rows.

    inputs = effects + dead letters + dropped + in flight + gap, per topic and consumer group. Holes are
    offsets without a record; transactions, compaction and deletion leave them, and they are not inputs.
    The exit code is 1 if a gap is not 0, or if --wait ends with records still in flight.

    Example: rapport ledger --wait 60
    """
    settings = read_settings()
    with database(settings) as engine:
        broker = open_broker(settings)
        topics = wait_until_done(engine, broker, wait_seconds=wait_seconds)
    _print(topics, as_json=as_json)
    unfinished = wait_seconds > 0 and total_in_flight(topics) > 0
    if total_gap(topics) or unfinished:
        raise typer.Exit(1)


def wait_until_done(engine: Engine, broker: Broker, *, wait_seconds: float) -> dict[str, TopicLedger]:
    """Return the ledger once nothing is in flight, or the current one after `wait_seconds`."""
    deadline = time.monotonic() + wait_seconds
    while True:
        topics = ledger(engine, broker)
        if not total_in_flight(topics) or time.monotonic() >= deadline:
            return topics
        time.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))


def _print(topics: Mapping[str, TopicLedger], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({name: topic.as_dict() for name, topic in topics.items()}, indent=1))
        return
    Console().print(ledger_table(topics))


def ledger_table(topics: Mapping[str, TopicLedger]) -> Table:
    """Return the ledger as a table, one row per topic and group; 80 columns have room for six digits."""
    table = Table(title="Ledger", caption=CAPTION, box=SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("topic", overflow="fold")
    table.add_column("group", overflow="fold")
    for heading in ("inputs", "effects", "dead\nletters", "dropped", "in\nflight", "gap", "holes"):
        table.add_column(heading, justify="right", overflow="fold")
    for name, topic in topics.items():
        for group, balance in topic.groups.items():
            table.add_row(
                Text(name), Text(group), *_cells(balance), style="bold red" if balance.gap else None
            )
    return table


def _cells(balance: Balance) -> list[str]:
    return [f"{number:,}" for number in balance.as_dict().values()]
