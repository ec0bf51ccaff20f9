"""One sentence for each error that is not a bug of ours: what is wrong, and what to do next.

No sentence quotes a setting's value, a password or a customer's words.
"""

import errno
import re
from collections.abc import Callable
from typing import Any, Final

from kafka.errors import AuthorizationError, KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from responders.store.migrate import MigrationError
from streams.kafka.brokers import TopicError
from streams.process.database import UnsuitableDatabaseError, connection_problem, first_line
from streams.process.errors import Fatal, PlainError, sqlstate_of
from streams.process.ports import NoFreePortError
from streams.process.settings import Settings


class NotConfiguredError(PlainError):
    """A setting is missing or cannot be used; the message is one sentence for a person."""


_NO_TABLES: Final = (
    "The database has no tables of Rapport, or the tables of another build; run `rapport migrate`."
)
_SHOULD: Final = re.compile(r"\A(?:Input|String|Value) should")
_LENGTH: Final = re.compile(r"(\d+) items? after validation, not \d+")
_NO_ROOM: Final = "The database has no room left on its disk; free some and try again."

SAID_BY_STATE: Final = {
    "42P01": _NO_TABLES,
    "42703": _NO_TABLES,
    "25006": "The database is read only, like a replica; RAPPORT_DATABASE_URL must name the primary.",
    "3F000": "No schema of the search path exists; create it, or correct the path in RAPPORT_DATABASE_URL.",
    "42704": (
        "The database does not know the type vector; run `rapport migrate`, which says where pgvector is."
    ),
    "53100": _NO_ROOM,
    "53300": "The database takes no more connections; end some, or raise its max_connections.",
    "55P03": "The tables are in use by another transaction; try again when it has ended.",
    "57014": "The database gave up a statement that took too long; try again when it is less busy.",
}
"""Sentences by SQLSTATE; appendix A of PostgreSQL's manual lists the codes."""

FILE_ERRNOS: Final = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY}
    | {errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE}
    | {errno.ENXIO, errno.ENODEV, errno.EBUSY, errno.ETXTBSY}
)
FULL_DISK_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def sentence_of(error: BaseException) -> str | None:
    """Return the sentence for an error of settings, files, database, broker or device; None for our own bug.

    >>> sentence_of(FileNotFoundError(2, "No such file or directory", "x.csv"))
    'x.csv cannot be used: No such file or directory.'
    >>> sentence_of(KeyError("x")) is None
    True
    """
    return next((say(error) for kinds, say in _SAYINGS if isinstance(error, kinds)), None)


def _settings_sentence(error: Any) -> str | None:
    """Name the variables that cannot be read and what each must be, but never its value."""
    if error.title != Settings.__name__:
        return None
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    demands = (f"RAPPORT_{str(problem['loc'][0]).upper()} {_demand(problem['msg'])}" for problem in problems)
    return f"{'; '.join(dict.fromkeys(demands))}."


def _demand(message: str) -> str:
    """Return pydantic's message as the end of a sentence.

    The length of a wrong value is left out: only texts have a length limit, and the text may be a secret.

    >>> _demand("Input should be a valid integer"), _demand("Value error, must be a list")
    ('must be a valid integer', 'must be a list')
    >>> _demand("Value should have at least 16 items after validation, not 5")
    'must have at least 16 characters'
    """
    demand = _SHOULD.sub("must", message.removeprefix("Value error, ")).rstrip(".")
    return _LENGTH.sub(r"\1 characters", demand)


def _database_sentence(error: Any) -> str | None:
    state = sqlstate_of(error)
    if state in SAID_BY_STATE:
        return SAID_BY_STATE[state]
    if state == "42501":
        return (
            f"The database refuses: {first_line(error.orig)}. Migrate as the role that owns the schema; the "
            "service's role needs what `rapport migrate --grants ROLE` prints."
        )
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    problem = connection_problem(error) or first_line(error.orig)
    return f"The database did not answer as it should: {problem}.{_pooler_advice(problem)}"


def _pooler_advice(problem: str) -> str:
    if "unsupported startup parameter" not in problem:
        return ""
    return " The pooler takes only the search path as an option; remove the others from RAPPORT_DATABASE_URL."


def _broker_sentence(error: Any) -> str:
    name = type(error).__name__
    if isinstance(error, SaslAuthenticationFailedError):
        return f"The broker refuses the sign-in ({name}); look at RAPPORT_SASL_USERNAME and its password."
    if isinstance(error, AuthorizationError):
        return f"The broker forbids this ({name}); the user needs more rights there."
    advice = "; look at RAPPORT_BOOTSTRAP_SERVERS and at RAPPORT_SECURITY_PROTOCOL"
    is_away = isinstance(error, KafkaTimeoutError)
    return f"The broker did not answer as it should: {name}{advice if is_away else ''}."


def _file_sentence(error: Any) -> str | None:
    name = "A file" if error.filename is None else str(error.filename)
    if error.errno in FULL_DISK_ERRNOS:
        return f"{name} cannot be written: the disk is full."
    if error.errno not in FILE_ERRNOS:
        return None
    return f"{name} cannot be used: {error.strerror}."


def _device_sentence(error: BaseException) -> str:
    return f"The compute device failed: {first_line(error)}. Start again, or set RAPPORT_DEVICE=cpu."


_SAYINGS: Final[tuple[tuple[Any, Callable[[Any], str | None]], ...]] = (
    ((PlainError, MigrationError, TopicError, UnsuitableDatabaseError, NoFreePortError), str),
    (ValidationError, _settings_sentence),
    (DBAPIError, _database_sentence),
    (PoolTimeout, lambda _: "The database did not answer in time."),
    (KafkaError, _broker_sentence),
    (OSError, _file_sentence),
    (Fatal, _device_sentence),
)
