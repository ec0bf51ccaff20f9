"""Rows of a table in words: "On your plan (Team): 25 seats; 100 GB of storage" and the like."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from typing import Final

from responders.generation.tables import NamedRow, by_plan, is_of, is_table_line, rows_of

MAX_CHOSEN: Final = 3
"""Cells of a row that replies choose at most, if they do not tell the whole row. By hand."""

MAX_COMBINED: Final = 8
"""Cells of a row above which replies choose single cells or the whole row only. Chosen by hand."""

_COUNTED: Final = re.compile(
    r"^(?:(?:up to|at least|at most|about) )?(?:unlimited|no limit"
    r"|\d[\d.,]*(?: to \d[\d.,]*)?(?: or more)?)$",
    re.IGNORECASE,
)
_UNLIMITED: Final = re.compile(r"^no limit$", re.IGNORECASE)
_HEAD: Final = re.compile(
    r"^(?!(?:counts|costs|uses|needs|takes|lasts|holds|includes|allows|gives)\b)(?:[\w-]+ ){0,2}?"
    r"(?:people|[\w-]*(?:[^s\W]s|sses))"
    r"(?=$| (?:a|an|per|each|every|in|for|at|from|who|that|under|with|included|allowed|of each)\b)",
    re.IGNORECASE,
)
"""A header that begins with a noun in the plural, and only goes on to say of what or for how long."""

_OPEN: Final = re.compile(r"\b(?:to|as|of|for|until|after|before|from|within|in|at|on|with)$", re.IGNORECASE)
_PLACED: Final = re.compile(r"^(?:for|when|where|until|from|with|without|by|at|in|on|as)$", re.IGNORECASE)
_SAYS: Final = re.compile(
    r"^(?:meaning|effects?|reasons?|results?|descriptions?|explanations?|answers?|details?|notes?|values?"
    r"|consequences?|what (?:happens|it means|we do|that means|to expect)|bedeutung|grund|significado)$",
    re.IGNORECASE,
)
"""Headers that add nothing to the text of their cell."""


def told_row(row: NamedRow, cells: Sequence[tuple[str, str]], *, is_own: bool) -> str:
    """Return some cells of a row as a sentence; `is_own` tells that it is the row of the account's plan.

    >>> row = NamedRow(name="Team", cells=(("Seats", "25"), ("Storage", "100 GB")))
    >>> told_row(row, row.cells[1:], is_own=True)
    'Storage on your plan (Team): 100 GB.'
    >>> told_row(row, row.cells, is_own=True), told_row(row, row.cells, is_own=False)
    ('On your plan (Team) – 25 seats; storage: 100 GB.', 'Team: 25 seats; storage 100 GB.')
    >>> told_row(NamedRow(name="Facturae", cells=()), [("For", "Spain"), ("Plans", "none")], is_own=False)
    'Facturae – for Spain; plans: none.'
    """
    if not is_own:
        listed = "; ".join(_named_cell(*cell, single=len(cells) == 1) for cell in cells)
        first, _, rest = row.name.partition(" ")
        name = f"{first.capitalize() if first.islower() else first} {rest}".rstrip()
        return f"{name}{' –' if ': ' in listed else ':'} {listed}."
    header, value = cells[0] if len(cells) == 1 else ("", "")
    if header and not is_counted(header, value) and not _OPEN.search(header) and not _PLACED.match(header):
        return f"{header} on your plan ({row.name}): {value}."
    listed = "; ".join(_cell(*cell) for cell in cells)
    return f"On your plan ({row.name}){' –' if ': ' in listed else ':'} {listed}."


def _named_cell(header: str, value: str, *, single: bool) -> str:
    """Return a cell after the name of its row; a number or an amount needs no second colon."""
    told = _cell(header, value)
    short = len(header.split()) <= 2 and re.match(r"[\d€$£¥]", value) is not None
    return told.replace(": ", " ", 1) if short and not single and told.startswith(lowered(header)) else told


def _cell(header: str, value: str) -> str:
    """Return a header and its cell: "25 seats", "up to 7 days", "for Spain", "price: €5".

    >>> _cell("Calls a day", "2,000"), _cell("Going back up to", "7 days"), _cell("Meaning", "It is full")
    ('2,000 calls a day', 'going back up to 7 days', 'It is full')
    >>> _cell("Counts as", "2"), _cell("One hour uses up", "7")
    ('counts as 2', 'one hour uses up: 7')
    """
    if not header or _SAYS.match(header):
        return value
    if is_counted(header, value):
        return f"{_UNLIMITED.sub('unlimited', value)} {lowered(header)}"
    joint = " " if _OPEN.search(header) or _PLACED.match(header) else ": "
    return f"{lowered(header)}{joint}{value}"


def is_counted(header: str, value: str) -> bool:
    """Tell whether a header names what a number counts: "Seats", "Calls a day", not "Version"."""
    return _COUNTED.match(value) is not None and _HEAD.match(header) is not None


def told_tables(body: str, plans: tuple[str, ...] = (), own: str | None = None) -> tuple[str, ...]:
    """Return what replies may say of the tables of a passage: each row whole, and each of its cells.

    A table with the plans as its columns is told by plan as well. Only the row of the `own` plan is told as
    that of the account.
    """
    lines = [line for line in body.splitlines() if line.strip()]
    tables = [rows_of(list(run)) for is_table, run in groupby(lines, key=is_table_line) if is_table]
    rows = [row for table in tables for row in (*table, *(by_plan(table, plans) or ()))]
    told = [
        told_row(row, cells, is_own=is_own)
        for row in rows
        for cells in _chosen(row.filled)
        for is_own in ({False, is_of(row, own)})
    ]
    return tuple(dict.fromkeys(told))


def _chosen(cells: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the cells of a row that a reply may choose: all, and each selection of at most MAX_CHOSEN.

    A row of more than MAX_COMBINED cells gives no selection but each cell alone.
    """
    yield from (tuple(cells),) if cells else ()
    most = MAX_CHOSEN if len(cells) <= MAX_COMBINED else 1
    for size in range(1, min(len(cells), most + 1)):
        yield from combinations(cells, size)


def lowered(header: str) -> str:
    """Return a header as it stands inside a sentence; a code or an abbreviation keeps its capitals."""
    first, rest = header[:1], header[1:]
    return f"{first.lower()}{rest}" if rest[:1].islower() or rest[:1] == " " else header
