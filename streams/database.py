"""The database as workers and commands reach it: what does not answer is given up, never waited for."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors
from sqlalchemy import Engine, create_engine, event

RV = TypeVar("RV")

CONNECT_TIMEOUT_SECONDS: Final = 5
STATEMENT_TIMEOUT_SECONDS: Final = 10.0
ANSWER_TIMEOUT_SECONDS: Final = 12.0
"""After which silence a connection counts as dead: longer than the server's own limit, which comes first
where the server is alive. A half-open connection looks healthy to TCP for minutes to hours."""

IDLE_TRANSACTION_SECONDS: Final = 30.0
"""After which the server ends the transaction of a relay that stands still, and frees what it has locked.
Commands have no such limit: indexing computes for minutes in one transaction."""


def worker_idle_seconds(session_timeout_seconds: float) -> float:
    """Return after how long the server ends the transaction of a worker that stands still.

    The group gives a frozen worker's partitions away after the session timeout. By then its locks are gone,
    so that the next owner waits for nothing.

    >>> worker_idle_seconds(20.0)
    10.0
    """
    return session_timeout_seconds / 2


class BoundedConnection(psycopg.Connection[Any]):
    """A psycopg connection on which no single answer is waited for longer than `answer_seconds`."""

    answer_seconds: float = ANSWER_TIMEOUT_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one exchange with the server; raises OperationalError, closed, where no answer comes."""
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except errors._WaitTimeout as error:  # psycopg names it in the contract of wait()
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise errors.ConnectionTimeout("the database did not answer in time") from error


def engine_of(
    url: str,
    *,
    statement_seconds: float = STATEMENT_TIMEOUT_SECONDS,
    idle_transaction_seconds: float = 0.0,
) -> Engine:
    """Return an engine for workers and commands; a statement may take `statement_seconds`.

    A transaction may stand still for `idle_transaction_seconds`, without limit where that is 0.

    Longer ones fail with QueryCanceled, a server that is silent for two seconds more with
    ConnectionTimeout: both are OperationalError. Nothing is connected yet.
    """
    limits = {
        "statement_timeout": round(statement_seconds * 1_000),
        "idle_in_transaction_session_timeout": round(idle_transaction_seconds * 1_000),
    }
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )
    event.listen(engine, "do_connect", _bounded(statement_seconds + 2.0))
    return engine


def _bounded(answer_seconds: float) -> Callable[..., Any]:
    def connect(_dialect: Any, _record: Any, arguments: list[Any], settings: dict[str, Any]) -> Any:
        connection = BoundedConnection.connect(*arguments, **settings)
        connection.answer_seconds = answer_seconds
        return connection

    return connect
