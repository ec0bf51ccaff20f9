"""A program: `python -m tests.benchmarks.saving_states` compares saving detector states by VALUES and arrays.

Both ways write the same states into one embedded PostgreSQL. The figures are the CPU of this process and of
the database.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Annotated, NamedTuple

import psutil
import typer
from rich.console import Console
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from responders.store.migrate import upgrade
from responders.store.signals import save_detector_states
from schemas.tables import DetectorStateRow
from streams.embedded import EmbeddedPostgres
from streams.process.database import engine_of
from tests.benchmarks.delivery.machine import family_cpu_seconds

TOPIC = "product.usage-events"
ROWS_OF_VALUES = 1_000

States = Mapping[tuple[int, str], bytes]
people = Console(width=140)


class Cost(NamedTuple):
    """CPU microseconds of one state: in the process that saves, and in the database."""

    own: float
    database: float


def save_by_values(session: Session, topic: str, states: States) -> None:
    """Upsert states in SQLAlchemy's usual way: one statement with four parameters per row."""
    rows = [
        {"topic": topic, "partition": partition, "account_id": account_id, "state": state}
        for (partition, account_id), state in states.items()
    ]
    for start in range(0, len(rows), ROWS_OF_VALUES):
        statement = insert(DetectorStateRow).values(rows[start : start + ROWS_OF_VALUES])
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["topic", "partition", "account_id"], set_={"state": statement.excluded.state}
            )
        )


def cost(engine: Engine, save: Callable[[Session, str, States], None], states: States) -> Cost:
    """Return the cost of one write of one state: each state is inserted once and updated once."""
    with Session(engine) as session, session.begin():
        session.execute(text("TRUNCATE detector_states"))
    own, servers = time.process_time(), _servers_seconds()
    for _ in range(2):
        with Session(engine) as session, session.begin():
            save(session, TOPIC, states)
    each = 1e6 / len(states) / 2
    return Cost((time.process_time() - own) * each, (_servers_seconds() - servers) * each)


def _servers_seconds() -> float:
    return sum(family_cpu_seconds(child.pid) for child in psutil.Process().children())


def main(
    states: Annotated[int, typer.Option(min=1, help="How many states.")] = 20_000,
    size: Annotated[int, typer.Option(min=1, help="Bytes of each.")] = 600,
    repeats: Annotated[int, typer.Option(min=1, help="How often each way runs.")] = 3,
) -> None:
    """Print the CPU per state of both ways, over inserts and updates, and the ratio."""
    chance = Random(1)
    made = {(number % 8, f"account-{number}"): chance.randbytes(size) for number in range(states)}
    with tempfile.TemporaryDirectory(prefix="rapport-") as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            engine = engine_of(server.start())
            upgrade(engine)
            ways = {"values": save_by_values, "arrays": save_detector_states}
            costs = {name: [cost(engine, way, made) for _ in range(repeats)] for name, way in ways.items()}
            engine.dispose()
        finally:
            server.stop()
    middle = {name: Cost(*map(statistics.median, zip(*some, strict=True))) for name, some in costs.items()}
    for name, each in middle.items():
        people.print(f"{name}: {each.own:.1f} us of CPU a state here, {each.database:.1f} in the database")
    values, arrays = middle["values"], middle["arrays"]
    both = sum(values) / sum(arrays)
    people.print(f"values : arrays = {values.own / arrays.own:.1f} here, {both:.1f} with the database")


if __name__ == "__main__":
    typer.run(main)
