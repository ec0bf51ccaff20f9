"""Connections of workers and commands to the database: every answer has a time limit.

A pooler such as PgBouncer in transaction mode may be between process and server, because nothing here needs
a server session of its own: time limits and the search path are set for each transaction, and no statement
is prepared on the server.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import errors
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

CONNECT_TIMEOUT_SECONDS: Final = 5
STATEMENT_TIMEOUT_SECONDS: Final = 10.0
"""Time after which the server cancels a statement."""

ANSWER_TIMEOUT_SECONDS: Final = 12.0
"""Silence after which a connection counts as dead. To TCP a half-open connection looks healthy for minutes to
hours. The limit is longer than that of a statement, so that a server which is alive cancels first."""

IDLE_TRANSACTION_SECONDS: Final = 30.0
"""Idle time after which the server ends the transaction of a stalled relay and frees its locks. Commands have
no limit, because indexing computes for minutes in one transaction."""

SCHEMES: Final = ("postgresql+psycopg", "postgresql", "postgres")
"""Schemes that an address may have; psycopg serves all of them."""

ENCODING: Final = "UTF8"

_HOST: Final = re.compile(r"[\w.,:%-]*")
_SEARCH_PATH: Final = re.compile(r"(?:-c\s*|--)search_path=((?:\\.|,\s*|[^\s\\])*)")
_SET_LIMITS: Final = (
    "SELECT set_config('statement_timeout', %s, true),"
    " set_config('idle_in_transaction_session_timeout', %s, true),"
    " set_config('search_path', coalesce(%s, current_setting('search_path')), true)"
)


class UnsuitableDatabaseError(Exception):
    """The address or the database cannot be used; the message is one sentence without any secret."""


@dataclass(frozen=True)
class DatabaseAddress:
    """The URL of the database, and the search path that its options name."""

    url: URL
    search_path: str | None = None


def worker_idle_seconds(session_timeout_seconds: float) -> float:
    """Return the idle seconds after which the server ends the transaction of a frozen worker.

    The group gives the partitions of a frozen worker to others after the session timeout. Its locks are
    freed earlier, so that the next owner does not wait.

    >>> worker_idle_seconds(20.0)
    10.0
    """
    return session_timeout_seconds / 2


class BoundedConnection(psycopg.Connection[Any]):
    """A psycopg connection that waits at most `answer_seconds` for a single answer."""

    answer_seconds: float = ANSWER_TIMEOUT_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one exchange with the server; close and raise OperationalError if no answer comes."""
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except errors._WaitTimeout as error:  # part of the documented contract of wait()
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
    """Return an engine for workers and commands; nothing is connected yet.

    A statement may take `statement_seconds`; then it fails with QueryCanceled. A server that is silent for
    two more seconds fails with ConnectionTimeout. Both are OperationalError. A transaction may be idle for
    `idle_transaction_seconds`; 0 means no limit. Raises UnsuitableDatabaseError for an address that cannot be
    used, and at the first connection for a database that is not UTF-8.
    """
    address = address_of(url)
    engine = create_engine(
        address.url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "client_encoding": "utf8",
            # Prepared statements save 1 % of the desk's and the drafter's reads, and a pooler loses them.
            "prepare_threshold": None,
        },
    )
    event.listen(engine, "do_connect", _bounded(statement_seconds + 2.0))
    limits = (f"{statement_seconds * 1_000:.0f}", f"{idle_transaction_seconds * 1_000:.0f}")
    event.listen(engine, "begin", _limited((*limits, address.search_path)))
    return engine


def address_of(url: str) -> DatabaseAddress:
    """Return the parts of a database's address. Raises UnsuitableDatabaseError, which quotes no part of it.

    >>> address_of("postgres://u:p@db/rapport?options=-csearch_path%3Dtenant").search_path
    'tenant'
    >>> address_of("mysql://u:p@db/rapport")
    Traceback (most recent call last):
    streams.process.database.UnsuitableDatabaseError: RAPPORT_DATABASE_URL does not begin with postgresql+psycopg://.
    """
    scheme, found, rest = url.strip().partition("://")
    if not found or scheme not in SCHEMES:
        raise UnsuitableDatabaseError(f"RAPPORT_DATABASE_URL does not begin with {SCHEMES[0]}://.")
    # make_url ends the password at the first @; the rest would become the host's name and be shown.
    if rest.partition(":")[2].count("@") > 1:
        raise UnsuitableDatabaseError(_ESCAPE)
    try:
        address = make_url(f"{SCHEMES[0]}://{rest}")
    except (ValueError, ArgumentError):
        raise UnsuitableDatabaseError(_PORT) from None
    if not _HOST.fullmatch(address.host or ""):
        raise UnsuitableDatabaseError(_ESCAPE)
    if not 0 < (address.port or 5432) < 65_536:
        raise UnsuitableDatabaseError(_PORT)
    return _without_search_path(address)


_ESCAPE: Final = (
    "RAPPORT_DATABASE_URL cannot be read: write @ in the user name or password as %40, # as %23, / as %2F, "
    ": as %3A and % as %25."
)
_PORT: Final = (
    "The port in RAPPORT_DATABASE_URL is not a number from 1 to 65535. The form is "
    "postgresql+psycopg://user:password@host:port/database; special characters of the password are written "
    "as %40 for @, %23 for #, %2F for / and %3A for a colon."
)


def _without_search_path(url: URL) -> DatabaseAddress:
    """Move the search path out of the URL's options: set per transaction, it works through a pooler too."""
    given = url.query.get("options", "")
    options = given if isinstance(given, str) else " ".join(given)
    paths = _SEARCH_PATH.findall(options)
    if not paths:
        return DatabaseAddress(url)
    others = _SEARCH_PATH.sub("", options).strip()
    query = {name: value for name, value in url.query.items() if name != "options"}
    kept = query | {"options": others} if others else query
    return DatabaseAddress(url.set(query=kept), re.sub(r"\\(.)", r"\1", paths[-1]))


def connection_problem(error: BaseException) -> str | None:
    """Return libpq's reason why there is no connection; None if the server answered a statement.

    The reason quotes no record, so it may be logged.
    """
    orig = getattr(error, "orig", None)
    if not isinstance(orig, psycopg.OperationalError) or orig.sqlstate is not None:
        return None
    return first_line(orig)


def first_line(error: object) -> str:
    """Return the first line of a message, as the middle of a sentence.

    >>> first_line(ValueError("no such role.  HINT"))
    'no such role.  HINT'
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _bounded(answer_seconds: float) -> Callable[..., Any]:
    def connect(_dialect: Any, _record: Any, arguments: list[Any], settings: dict[str, Any]) -> Any:
        connection = BoundedConnection.connect(*arguments, **settings)
        connection.answer_seconds = answer_seconds
        encoding = connection.info.parameter_status("server_encoding")
        if encoding is not None and encoding != ENCODING:
            connection.close()
            raise UnsuitableDatabaseError(
                f"The database's encoding is {encoding}, but messages need {ENCODING}; make another one with "
                "`CREATE DATABASE rapport ENCODING 'UTF8' TEMPLATE template0`."
            )
        return connection

    return connect


def _limited(limits: tuple[str | None, ...]) -> Callable[[Connection], None]:
    """Return a listener that sets the limits of a transaction in one exchange.

    It takes 0.07 ms; a read takes 2 to 3 ms.
    """

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(_SET_LIMITS, limits)

    return begin
