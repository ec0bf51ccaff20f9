"""Errors that end or interrupt the work of a process, and how to recognise the errors of a dependency.

ServiceError
├── Unavailable        broker or database is away: the work is repeated, consumption pauses
└── Fatal              the process cannot go on: it logs the error and exits hard

PlainError             the command ends with this sentence, such as of a file that cannot be used
"""

import errno
import socket
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class ServiceError(Exception):
    """The root of the errors that the service's processes raise on purpose."""


class PlainError(Exception):
    """The root of errors whose message is one sentence for a person."""


class Unavailable(ServiceError):
    """A dependency is away; the same work may succeed later."""

    def __init__(self, message: str = "", *, dependency: str = "database") -> None:
        super().__init__(message)
        self.dependency = dependency


class Fatal(ServiceError):
    """The process must end at once and be started again."""


_AWAY_CLASSES: Final = ("08", "53", "57P", "58", "40")
"""SQLSTATE classes: connection, resources such as a full disk, shutdown, system, rollback for others."""

_AWAY_STATES: Final = frozenset(
    {
        "57014",  # the statement took too long, or an operator cancelled it
        "55P03",  # a lock was not free
        "25006",  # the server is a replica now: a failover is in progress
        "25P03",  # the server ended an idle transaction
    }
)
_AWAY_ERRNOS: Final = frozenset(
    {errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EDQUOT}
    | {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
)
_AWAY_TYPES: Final = (Unavailable, PoolTimeout, ConnectionError, TimeoutError, socket.gaierror)


def is_unavailable(error: BaseException) -> bool:
    """Return whether an error means that a dependency is away, and not that data or code is wrong.

    >>> [is_unavailable(error()) for error in (ConnectionResetError, ValueError, FileNotFoundError)]
    [True, False, False]
    """
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _database_is_away(error)
    if isinstance(error, OSError) and error.errno in _AWAY_ERRNOS:
        return True
    return isinstance(error, _AWAY_TYPES)


def sqlstate_of(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error, such as 53100 for a full disk; None if no server answered."""
    state: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state


def took_too_long(error: BaseException) -> bool:
    """Return whether the database cancelled a slow statement: fewer records at once may succeed."""
    return isinstance(error, DBAPIError) and sqlstate_of(error) == "57014"


def _database_is_away(error: DBAPIError) -> bool:
    state = sqlstate_of(error)
    if state is None:
        # No server answered: psycopg could not connect, or the connection broke.
        return isinstance(error, (OperationalError, InterfaceError))
    return state in _AWAY_STATES or state.startswith(_AWAY_CLASSES)
