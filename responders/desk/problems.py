"""Refusals that a person reads on a page of their own."""

from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

DATABASE_AWAY: Final = (OperationalError, InterfaceError, PoolTimeoutError)
"""The errors of a database that does not answer."""


class Problem(Exception):
    """A refusal with its own page; the page gives the person's typed text, `kept`, back."""

    def __init__(self, status: int, title: str, said: str, *, kept: str | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.said, self.kept = status, title, said, kept


def not_recorded(kept: str | None) -> Problem:
    """Return the refusal of a decision while the database is away, with the person's words."""
    said = "Your decision could not be recorded. Wait a moment, then decide again; it counts once."
    return Problem(503, "The database does not answer", said, kept=kept or None)
