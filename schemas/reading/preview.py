"""The first words of a message for a line of a list, read from the start of its text alone."""

from typing import Final

from schemas.reading.lines import Role, lines_of, plain
from schemas.reading.markup import is_html, markup_lines

START_CHARACTERS: Final = 1_500
"""How much of a message a preview needs: the head of an HTML mail is longer than a line of a list."""


def preview(start: str, characters: int) -> str:
    r"""Return the first words of a message on one line, in at most `characters` characters.

    Markup is read and quoted lines are left out. `start` is the whole message or its first
    START_CHARACTERS; after a style sheet, 3 * `characters` of it are read.

    >>> preview("<html><head><style>p {}</style></head><body><p>It fails.</p><p>Why", 200)
    'It fails. Why'
    >>> preview("> Does it work?\nNo, if a < b.", 12)
    'No, if a < b'
    """
    styled, found, rest = start.rpartition("</style>")
    body = f"<body>{rest}" if found and styled.lstrip().startswith("<") else start
    text = plain(body[: 3 * characters])
    if len(body) > len(text) and text.lstrip().startswith("<"):
        text = f"{text.rpartition('<')[0]}<p>"
    lines = markup_lines(text) if is_html(text) else lines_of(text)
    said = (line.text for line in lines if not line.depth and line.role is not Role.HEADER)
    return " ".join(" ".join(said).split())[:characters]
