"""A database for all tests of a module, emptied before each test: creating the tables takes a second."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, text

from schemas.tables import metadata
from tests.embedded_fixtures import connect
from tests.emptying import empty_tables


@contextmanager
def shared_database(postgres_url: str) -> Iterator[Engine]:
    """Yield an engine on a new database with all tables; the database is dropped afterwards."""
    name = f"module_{uuid.uuid4().hex}"
    with connect(postgres_url) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE rapport_test_template'.encode())
    engine = create_engine(postgres_url.replace("/rapport?", f"/{name}?", 1))
    metadata.create_all(engine)
    yield engine
    engine.dispose()
    with connect(postgres_url) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def empty(engine: Engine) -> None:
    """Delete the rows of all tables."""
    empty_tables(engine)


def await_lock_wait(engine: Engine, *, seconds: float = 20.0) -> None:
    """Return as soon as a connection to the database waits for a lock; raise TimeoutError otherwise."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.02)
    raise TimeoutError("no connection waits for a lock")
