"""Rows of a table as sentences: the row of the account's own plan, or the rows that an ask names.

A table stands in a passage as Markdown or as a list with one named item per row, `- **Team**: Seats 25`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

from responders.words import content_stems
from schemas.base import Record

MAX_ROWS: Final = 6
"""Rows of a table that a reply tells at most, when no row is named."""

MAX_HEADER_WORDS: Final = 6
"""Words of the header of a column at most, when it is found by comparing rows."""

SHORT_CELL_WORDS: Final = 6
"""A row with a longer cell is told in sentences."""

_RULE: Final = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*$")
_ROW_ITEM: Final = re.compile(r"^\s*[-*+][ \t]+\*\*([^*\n]{1,120})\*\*[ \t]*:[ \t]*(\S.*)$")
_NEXT_CELL: Final = re.compile(r"[,;] (?=[A-Z0-9]*[A-Z])|; ")
_EMPTY: Final = frozenset({"", "-", "–", "—"})
_DENIED: Final = re.compile(r"(?:no|none|not|never|nein|kein\w*|nicht)\b", re.IGNORECASE)
_BIGGER: Final = re.compile(
    r"\b(?:bigger|larger|higher|next (?:plan|level|step|tier|package|size|one)|upgrade|step up|plan up"
    r"|one up|above|nächst\w* (?:plan|paket|tarif)|größer\w*|siguiente plan)\b",
    re.IGNORECASE,
)
_SMALLER: Final = re.compile(
    r"\b(?:smaller|lower plan|downgrade|step down|one down|cheaper|kleiner\w*)\b", re.IGNORECASE
)


class NamedRow(Record):
    """One row: its name, and its other cells as (header, value) pairs; a header may be empty."""

    name: str
    cells: tuple[tuple[str, str], ...]


def is_table_line(line: str) -> bool:
    """Tell whether a line may be a row of a table."""
    return line.lstrip().startswith("|") or _ROW_ITEM.match(line) is not None


def rows_of(lines: Sequence[str]) -> tuple[NamedRow, ...]:
    """Return the rows of a block of lines; () if the block is no table.

    >>> [row.name for row in rows_of(["| Plan | Seats |", "|---|---|", "| Team | 25 |"])]
    ['Team']
    >>> rows_of(["- **Team**: Seats 25, Storage 9 GB.", "- **Works**: Seats 120, Storage 99 GB."])[1].cells
    (('Seats', '120'), ('Storage', '99 GB'))
    """
    if len(lines) > 1 and lines[0].lstrip().startswith("|") and _RULE.match(lines[1]):
        return _markdown_rows(lines)
    items = [_ROW_ITEM.match(line) for line in lines]
    named = [item for item in items if item]
    if not named or len(named) != len(lines):
        return ()
    return _listed_rows([(item[1].strip(), item[2].strip().rstrip(".")) for item in named])


def _markdown_rows(lines: Sequence[str]) -> tuple[NamedRow, ...]:
    table = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    headers = table[0][1:]
    return tuple(
        NamedRow(name=_bare(row[0]), cells=tuple(zip(headers, row[1:], strict=False)))
        for row in table[2:]
        if row[0]
    )


def _bare(name: str) -> str:
    return name.strip("*` ")


def _listed_rows(named: Sequence[tuple[str, str]]) -> tuple[NamedRow, ...]:
    """Return the rows of a list; () if its items share no header, because then it is a list of sentences."""
    cut = [_NEXT_CELL.split(text) for _, text in named]
    counts = Counter(start for parts in cut for start in {s for part in parts for s in _starts(part)})
    headers = [[_header(part, counts) for part in parts] for parts in cut]
    if not any(map(any, headers)):
        return ()
    return tuple(
        NamedRow(name=name.rstrip("."), cells=_cells(parts, found))
        for (name, _), parts, found in zip(named, cut, headers, strict=True)
    )


def _starts(part: str) -> list[str]:
    """Return the beginnings of a cell that may be its header: one word, two words, and so on."""
    words = part.split()
    return [" ".join(words[:count]) for count in range(1, min(len(words), MAX_HEADER_WORDS + 1))]


def _header(part: str, counts: Counter[str]) -> str:
    """Return the longest beginning of a cell that as many rows share as its first word; "" if none do."""
    starts = _starts(part)
    shared = [start for start in starts if counts[start] > 1 and counts[start] == counts[starts[0]]]
    return shared[-1] if shared and content_stems(shared[-1]) else ""


def _cells(parts: Sequence[str], headers: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the cells of a row; a part without a header continues the cell before it."""
    cells: list[tuple[str, str]] = []
    for part, header in zip(parts, headers, strict=True):
        if header or not cells:
            cells.append((header.rstrip(":"), part[len(header) :].strip()))
        else:
            cells[-1] = (cells[-1][0], f"{cells[-1][1]}, {part}")
    return tuple(cells)


def chosen_rows(
    rows: Sequence[NamedRow], said: str, plan: str | None, around: str = ""
) -> tuple[NamedRow, ...]:
    """Return the rows that answer `said`: those it names, else the row of `plan`, else the likeliest.

    The likeliest are those that `around`, the whole message, names, else those that share most words with
    `said`, else with `around`; a word of most rows does not count. Beside the account's own row, "the next
    plan" means the row after it, and "smaller" the row before it.

    >>> rows = rows_of(["- **Team**: Seats 25, Boards 3.", "- **Works**: Seats 120, Boards 9."])
    >>> [row.name for row in chosen_rows(rows, "How many seats do we have?", "Team")]
    ['Team']
    >>> [row.name for row in chosen_rows(rows, "And on the next plan?", "Team")]
    ['Team', 'Works']
    """
    own = [row for row in rows if plan and row.name.casefold() == plan.casefold()]
    named = [row for row in rows if _names(row.name, said)]
    if own:
        return tuple(row for row in rows if row in (named or [*own, *_beside(rows, own[0], said)]))
    return tuple(named or [row for row in rows if _names(row.name, around)] or _likeliest(rows, said, around))


def _names(name: str, said: str) -> bool:
    pattern = rf"(?<!\w){re.escape(name)}(?:s|'s|’s)?(?!\w)"
    # A name of one small word, such as "no", would be found in any message.
    return len(name) > 2 and re.search(pattern, said, re.IGNORECASE) is not None


def _beside(rows: Sequence[NamedRow], own: NamedRow, said: str) -> list[NamedRow]:
    after = [later for earlier, later in pairwise(rows) if earlier == own and _BIGGER.search(said)]
    before = [earlier for earlier, later in pairwise(rows) if later == own and _SMALLER.search(said)]
    return [*after, *before]


def _likeliest(rows: Sequence[NamedRow], said: str, around: str) -> list[NamedRow]:
    held = [set(content_stems(f"{row.name} {_text(row.cells)}")) for row in rows]
    counts = Counter(stem for stems in held for stem in stems)
    for words in (said, f"{said} {around}"):
        wanted = {stem for stem in content_stems(words) if counts[stem] <= max(1, len(rows) // 2)}
        hits = [len(wanted & stems) for stems in held]
        best = max(hits, default=0)
        if best and hits.count(best) <= 2:
            return [row for row, hit in zip(rows, hits, strict=True) if hit == best]
    return list(rows[:MAX_ROWS])


def _text(cells: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{header} {value}" for header, value in cells)


def told_row(row: NamedRow, said: str, *, is_own: bool) -> str:
    """Return a row as text; of its cells only those that `said` names by their header, if any.

    >>> row = NamedRow(name="Team", cells=(("Seats", "25"), ("Storage", "100 GB")))
    >>> told_row(row, "How much storage do we have?", is_own=True)
    'Storage on your plan (Team): 100 GB.'
    >>> told_row(row, "What is in it?", is_own=False)
    'Team – seats: 25; storage: 100 GB.'
    """
    cells = _named_cells(row.cells, said)
    subject = f"on your plan ({row.name})" if is_own else row.name
    if len(cells) == 1 and cells[0][0] and is_own:
        return f"{cells[0][0]} {subject}: {cells[0][1]}."
    if any(len(value.split()) > SHORT_CELL_WORDS for _, value in cells) and not is_own:
        return f"{subject}: " + " ".join(_sentence(header, value) for header, value in cells)
    listed = "; ".join(f"{_lowered(header)}: {value}" if header else value for header, value in cells)
    return f"{subject[:1].upper()}{subject[1:]} – {listed}."


def _sentence(header: str, value: str) -> str:
    named = f"{header[:1].upper()}{header[1:]}: {value}" if header else value
    return named if named.endswith((".", "!", "?")) else f"{named}."


def _named_cells(cells: Sequence[tuple[str, str]], said: str) -> list[tuple[str, str]]:
    """Return the cells whose header shares a word with `said`, all filled cells if none or one denies."""
    filled = [cell for cell in cells if cell[1] not in _EMPTY]
    counts = Counter(stem for header, _ in filled for stem in set(content_stems(header)))
    wanted = {stem for stem in content_stems(said) if counts[stem] == 1}
    named = [cell for cell in filled if wanted & set(content_stems(cell[0]))]
    denied = any(_DENIED.match(value) for _, value in named)
    return filled if denied or not named else named


def told_tables(body: str) -> list[str]:
    """Return what replies may say of the tables of a passage: each row whole, and each of its cells."""
    lines = [line for line in body.splitlines() if line.strip()]
    runs = (list(run) for is_table, run in groupby(lines, key=is_table_line) if is_table)
    rows = [row for run in runs for row in rows_of(run)]
    cells = [row.model_copy(update={"cells": (cell,)}) for row in rows for cell in row.cells]
    return [told_row(row, "", is_own=is_own) for row in (*rows, *cells) for is_own in (True, False)]


def _lowered(header: str) -> str:
    first, rest = header[:1], header[1:]
    return f"{first.lower()}{rest}" if rest[:1].islower() else header
