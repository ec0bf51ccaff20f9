"""The database as workers and commands reach it: what does not answer is given up, never waited for.

Nothing here needs a session of its own on the server, so a pooler such as PgBouncer in transaction mode may
stand between: time limits and the search path are set for each transaction, and nothing is prepared there.
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
ANSWER_TIMEOUT_SECONDS: Final = 12.0
"""After which silence a connection counts as dead: longer than the server's own limit, which comes first
where the server is alive. A half-open connection looks healthy to TCP for minutes to hours."""

IDLE_TRANSACTION_SECONDS: Final = 30.0
"""After which the server ends the transaction of a relay that stands still, and frees what it has locked.
Commands have no such limit: indexing computes for minutes in one transaction."""

SCHEMES: Final = ("postgresql+psycopg", "postgresql", "postgres")
"""How an address may begin; psycopg serves all three."""

ENCODING: Final = "UTF8"

_HOST: Final = re.compile(r"[\w.,:%-]*")
_SEARCH_PATH: Final = re.compile(r"(?:-c\s*|--)search_path=((?:\\.|,\s*|[^\s\\])*)")
_SET_LIMITS: Final = (
    "SELECT set_config('statement_timeout', %s, true),"
    " set_config('idle_in_transaction_session_timeout', %s, true),"
    " set_config('search_path', coalesce(%s, current_setting('search_path')), true)"
)


class UnsuitableDatabaseError(Exception):
    """The address or the database cannot serve; one sentence for a person that quotes nothing secret."""


@dataclass(frozen=True)
class DatabaseAddress:
    """Where the database is, and the search path that the address asks for."""

    url: URL
    search_path: str | None = None


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
    ConnectionTimeout: both are OperationalError. Nothing is connected yet. Raises UnsuitableDatabaseError for
    an address that cannot be used, and at the first connection for a database that is not UTF-8.
    """
    address = address_of(url)
    engine = create_engine(
        address.url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "client_encoding": "utf8",
            # Preparing saves 1 % of the desk's and the drafter's reads, and a pooler loses what is prepared.
            "prepare_threshold": None,
        },
    )
    event.listen(engine, "do_connect", _bounded(statement_seconds + 2.0))
    limits = (f"{statement_seconds * 1_000:.0f}", f"{idle_transaction_seconds * 1_000:.0f}")
    event.listen(engine, "begin", _limited((*limits, address.search_path)))
    return engine


def address_of(url: str) -> DatabaseAddress:
    """Return a database's address in parts. Raises UnsuitableDatabaseError, without a word of the address.

    >>> address_of("postgres://u:p@db/rapport?options=-csearch_path%3Dtenant").search_path
    'tenant'
    >>> address_of("mysql://u:p@db/rapport")
    Traceback (most recent call last):
    streams.process.database.UnsuitableDatabaseError: RAPPORT_DATABASE_URL does not begin with postgresql+psycopg://.
    """
    scheme, found, rest = url.strip().partition("://")
    if not found or scheme not in SCHEMES:
        raise UnsuitableDatabaseError(f"RAPPORT_DATABASE_URL does not begin with {SCHEMES[0]}://.")
    # make_url ends the password at the first @: what follows would be taken, and shown, as the host's name.
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
    "The port in RAPPORT_DATABASE_URL is no number from 1 to 65535. The form is "
    "postgresql+psycopg://user:password@host:port/database; special characters of the password are written "
    "as %40 for @, %23 for #, %2F for / and %3A for a colon."
)


def _without_search_path(url: URL) -> DatabaseAddress:
    """Take the search path out of the URL's options: it is set for each transaction, which a pooler keeps."""
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
    """Return why no connection came about, in libpq's words; None where a statement was answered.

    Those words quote no record, so they may be logged.
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
    """Return what sets the limits for one transaction: in one exchange, 0.07 ms where a read takes 2 to 3."""

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(_SET_LIMITS, limits)

    return begin
