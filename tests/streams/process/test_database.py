"""A database that does not answer is given up in bounded time; a slow statement fails with its own error."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from streams.process.database import engine_of
from streams.process.errors import is_unavailable, took_too_long


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = engine_of(database_url, statement_seconds=0.5, idle_transaction_seconds=15)
    yield engine
    engine.dispose()


def test_a_statement_that_takes_too_long_is_cancelled_and_may_be_tried_again(engine: Engine) -> None:
    with pytest.raises(OperationalError) as raised, engine.begin() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))
    assert took_too_long(raised.value)
    assert is_unavailable(raised.value)


def test_a_silent_server_is_given_up_and_its_connection_is_not_used_again(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        with pytest.raises(SQLAlchemyError) as raised:
            connection.execute(text("SELECT pg_sleep(30)"))
    assert is_unavailable(raised.value)
    assert not took_too_long(raised.value)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_an_idle_transaction_is_ended_by_the_server(engine: Engine) -> None:
    with engine.connect() as connection:
        limit = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
    assert limit == "15s"


def test_a_server_that_accepts_and_says_nothing_is_given_up() -> None:
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: accepted.append(server.accept()[0]), daemon=True).start()
        nobody = engine_of(f"postgresql+psycopg://u@127.0.0.1:{server.getsockname()[1]}/x")
        started = time.monotonic()
        with pytest.raises(OperationalError) as raised, nobody.connect():
            pass
    assert is_unavailable(raised.value)
    assert time.monotonic() - started < 20
    accepted[0].close()
