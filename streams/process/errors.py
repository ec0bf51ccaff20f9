"""What ends or interrupts the work of a process, and how an error that a dependency raised is recognised.

ServiceError
├── Unavailable        broker or database are away: the work is repeated, consumption pauses
└── Fatal              nothing sane is left to do: the process logs the error and exits hard
"""

import errno
import socket
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class ServiceError(Exception):
    """The root of the errors that the service's processes raise on purpose."""


class Unavailable(ServiceError):
    """A dependency is away; the same work may succeed later."""

    def __init__(self, message: str = "", *, dependency: str = "database") -> None:
        super().__init__(message)
        self.dependency = dependency


class Fatal(ServiceError):
    """The process must end at once and be started again."""


_AWAY_CLASSES: Final = ("08", "53", "57P", "58", "40")
"""SQLSTATE classes: connection, resources such as a full disk, shutdown, system, rolled back for others."""

_AWAY_STATES: Final = frozenset(
    {
        "57014",  # the statement took too long, or an operator cancelled it
        "55P03",  # a lock was not to be had
        "25006",  # the server is a replica now: a failover goes on
        "25P03",  # the server ended a transaction that stood still
    }
)
_AWAY_ERRNOS: Final = frozenset(
    {errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EDQUOT}
    | {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
)
_AWAY_TYPES: Final = (Unavailable, PoolTimeout, ConnectionError, TimeoutError, socket.gaierror)


def is_unavailable(error: BaseException) -> bool:
    """Tell infrastructure that is away, and may be back later, from data or code that is wrong.

    >>> [is_unavailable(error()) for error in (ConnectionResetError, ValueError, FileNotFoundError)]
    [True, False, False]
    """
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _database_is_away(error)
    if isinstance(error, OSError) and error.errno in _AWAY_ERRNOS:
        return True
    return isinstance(error, _AWAY_TYPES)


def sqlstate_of(error: BaseException) -> str | None:
    """Return what the database calls an error, as 53100 for a full disk; None where no server spoke."""
    state: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state


def took_too_long(error: BaseException) -> bool:
    """Tell whether the database gave up on a statement: fewer records at once may come through."""
    return isinstance(error, DBAPIError) and sqlstate_of(error) == "57014"


def _database_is_away(error: DBAPIError) -> bool:
    state = sqlstate_of(error)
    if state is None:
        # No state came because no server spoke: psycopg could not connect, or the connection broke.
        return isinstance(error, (OperationalError, InterfaceError))
    return state in _AWAY_STATES or state.startswith(_AWAY_CLASSES)
