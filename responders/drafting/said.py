"""The words of a message that are read to answer it."""

from typing import Final

from schemas.reading.courtesies import without_courtesies
from schemas.reading.reader import read
from schemas.tickets import Ticket

MAX_READ_CHARS: Final = 20_000
"""Characters of a message that are read."""

HELPED_CHARS: Final = 4_000
"""Characters of a message that the desk reads to find its questions and its nearest passages."""


def said_in(ticket: Ticket, *, most: int = MAX_READ_CHARS) -> str:
    """Return the customer's newest words in a message, without greeting and closing courtesies.

    At most the first `most` characters are returned.
    """
    return said_in_body(ticket.body, most=most)


def said_in_body(body: str, *, most: int = MAX_READ_CHARS) -> str:
    r"""Return the newest words of a raw body, without greeting and closing courtesies.

    >>> said_in_body("Hi,\n\nIs it free?\n\nThanks!")
    'Is it free?'
    """
    return without_courtesies(read(body).text)[:most]
