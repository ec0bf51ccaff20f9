"""The words of a message that the desk reads to help."""

from typing import Final

from schemas.reading.courtesies import without_courtesies
from schemas.reading.reader import read
from schemas.tickets import Ticket

MESSAGE_LENGTH: Final = 4_000
"""Characters of a message that are read to find its questions and its nearest passages."""


def said_in(message: Ticket) -> str:
    """Return the newest words of a message, without greeting and closing courtesies."""
    return without_courtesies(read(message.body).text)[:MESSAGE_LENGTH]
