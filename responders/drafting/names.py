"""Names of people in a message: the one to greet with, and the words to mask."""

import re
from typing import Final

SHORTEST_NAME: Final = 2
LONGEST_NAME: Final = 25
"""Characters of a first name to greet with. A shorter one is an initial, a longer one seldom a name."""

_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+){0,4}\.?")


def parts_of_name(name: str) -> list[str]:
    """Return the words of a name that are masked in the ticket: those with a capital letter.

    >>> parts_of_name("Ludwig van Beethoven")
    ['Ludwig', 'Beethoven']
    """
    return [part for part in name.split() if part[:1].isupper()]


def greeting_name(name: str | None) -> str | None:
    """Return the first name to greet with, or None if the name is missing or does not look like a name.

    >>> greeting_name("ada lovelace"), greeting_name("Visit http://evil.com"), greeting_name("support@x.io")
    ('Ada', None, None)
    """
    if not name or len(name) > 60 or not _NAME.fullmatch(name.strip()):
        return None
    first = name.split()[0].strip(".")
    if not SHORTEST_NAME <= len(first) <= LONGEST_NAME:
        return None
    return first.capitalize() if first.islower() or (first.isupper() and len(first) > 3) else first
