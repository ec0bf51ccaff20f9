"""What headings, lists and tables of a passage state, as sentences that a claim can be compared with.

A table says "Gift card: no" in the row "Plus membership", a list "Corrections" below "Never counted", and a
heading asks what "No." below it answers. Only together they say something.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from responders.generation.tables import NamedRow, by_plan, is_of, is_table_line, rows_of
from responders.generation.telling import is_counted, lowered

_YES: Final = re.compile(r"^(?:yes|included)\b[,;.]?\s*", re.IGNORECASE)
_NO: Final = re.compile(r"^(?:no|none|never)\b(?P<end>[,;.]?)\s*", re.IGNORECASE)
_ITEM: Final = re.compile(r"^\s*[-*+][ \t]+(\S.*)$")
_ASKS_WHETHER: Final = re.compile(
    r"^(?:can|could|may|is|are|am|do|does|did|will|would|has|have|must|should)\b.*\?$", re.IGNORECASE
)
_LIMITS: Final = re.compile(
    r"\b(?:no|not|never|none|only|without|unless|except|cannot|can't)\b", re.IGNORECASE
)


def topic_lines(title: str, heading: str) -> list[str]:
    """Return the headings that only name what a passage is about, as Markdown.

    A heading that limits or asks whether something is so stays out: its words are only true with its answer.

    >>> topic_lines("Export labels", "Steps"), topic_lines("Bill", "Never counted"), topic_lines("", "Is it?")
    (['# Export labels', '# Steps'], ['# Bill'], [])
    """
    return [f"# {text}" for text in (title, heading) if text and not _is_bound(text)]


def _is_bound(heading: str) -> bool:
    return _LIMITS.search(heading) is not None or _asks_whether(heading)


def _asks_whether(heading: str) -> bool:
    return _ASKS_WHETHER.match(heading.strip()) is not None


@lru_cache(maxsize=4_000)
def statements_of(
    heading: str, body: str, plans: tuple[str, ...] = (), own: str | None = None
) -> tuple[str, ...]:
    """Return what a passage states, line by line; `own` is the account's plan, None if it must not count.

    The cell of a plan is said of that plan, and without its name only for the own one.

    >>> statements_of("Never counted", "- Skipped tasks.")
    ('Never counted , Skipped tasks.',)
    >>> statements_of("Can a score be reset?", "No. But a project can be left out.")
    ('can not a score be reset.', 'But a project can be left out.')
    >>> statements_of("", "- **Team**: Filter: none; Seats: 5.", ("Team", "Works"))
    ('no filter on Team.', '5 seats on Team.')
    >>> statements_of("", "- **Norway**: Cost: €18.90.")
    ('Norway , cost €18.90.',)
    """
    lines = [line for line in body.splitlines() if line.strip()]
    found = [*_answered(heading, lines)]
    lines = [_NO.sub("", lines[0]) or _YES.sub("", lines[0]), *lines[1:]] if found else lines
    for is_table, run in groupby(lines, key=is_table_line):
        block = list(run)
        rows = rows_of(block) if is_table else ()
        found += _of_rows(rows, plans, own) if rows else (_of_line(heading, line) for line in block)
    return tuple(dict.fromkeys(line if line in lines else f"{line.rstrip('.')}." for line in found))


def _answered(heading: str, lines: Sequence[str]) -> Iterator[str]:
    """Yield the question of a heading as a statement, if the first word of the body answers it."""
    if not lines or not _asks_whether(heading):
        return
    first, _, rest = heading.rstrip(" ?").partition(" ")
    if _NO.match(lines[0]):
        yield f"{first.lower()} not {rest}"
    elif _YES.match(lines[0]):
        yield f"{first.lower()} {rest}"


def _of_rows(rows: Sequence[NamedRow], plans: tuple[str, ...], own: str | None) -> list[str]:
    """Return each cell with the name of its row; plans as columns are rows too."""
    told: list[str] = []
    for row in by_plan(rows, plans) or rows:
        cells = [_cell(header, value) for header, value in row.filled]
        affirmed = [cell for cell in cells if not _LIMITS.search(cell)]
        whole = [" , ".join(affirmed)] if len(affirmed) > 1 else []
        told += [said for cell in (*cells, *whole) for said in _of_cell(row, cell, plans, own)]
    return told


def _of_cell(row: NamedRow, cell: str, plans: tuple[str, ...], own: str | None) -> list[str]:
    """Return a cell with the name of its row; a plan's name limits it, and so does what follows the name."""
    plan = next((plan for plan in plans if is_of(row, plan)), None)
    if plan is None:
        return [f"{row.name} , {cell}"]
    name, _, case = row.name.partition(", ")
    limit = f" if {case}" if case and name in plans else ""
    named = name if limit else row.name
    return [f"{cell} on {named}{limit}", *([f"{cell}{limit}"] if is_of(row, own) else [])]


def _cell(header: str, value: str) -> str:
    """Return a cell as a statement: "yes" affirms what its header names, "no" denies it.

    >>> _cell("Gift card", "yes, in the Wallet"), _cell("Gift card", "no"), _cell("Price", "$5")
    ('gift card in the Wallet', 'no gift card', 'price $5')
    """
    denied = _NO.match(value)
    rest = value[denied.end() :] if denied else _YES.sub("", value)
    if denied and rest and not denied["end"]:
        return f"{lowered(header)} {value}"
    if is_counted(header, rest):
        return f"{rest} {lowered(header)}"
    return f"{'no ' if denied else ''}{lowered(header)} {rest}".strip()


def _of_line(heading: str, line: str) -> str:
    """Return a line; an item of a list with what limits it: the heading, and the words before its colon."""
    found = _ITEM.match(line)
    if not found:
        return line
    item = " , ".join(part.strip() for part in found[1].split(": ", 1))
    return f"{heading} , {item}" if _LIMITS.search(heading) else item
