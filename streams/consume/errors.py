"""What can go wrong with a record, a batch or a worker.

ConsumeError
├── InvalidRecord      the input is wrong: a dead letter with its reason, then acknowledged
├── Unavailable        broker or database are away: retried, consumption pauses
├── Fenced             another worker owns the partition: nothing is written
└── Fatal              nothing sane is left to do: log and exit hard
"""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from schemas.letters import Reason


class ConsumeError(Exception):
    """The root of what `consume` raises."""


class InvalidRecord(ConsumeError):
    """The record can never be handled; `reason` is the code of its dead letter."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason: Reason = reason
        self.error = error


class Unavailable(ConsumeError):
    """A dependency is away; the same work may succeed later."""


class Fenced(ConsumeError):
    """The partition has a newer owner or moved on; this worker's work on it is void."""


class Fatal(ConsumeError):
    """The process must end at once and be started anew."""


def is_unavailable(error: BaseException) -> bool:
    """Tell infrastructure that is away from data or code that is wrong.

    >>> is_unavailable(ConnectionResetError()), is_unavailable(ValueError())
    (True, False)
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (Unavailable, OperationalError, InterfaceError, PoolTimeout, OSError))
