"""Rows of a table that answer: the row of the account's own plan, or the rows and cells that an ask names.

A table stands in a passage as Markdown or as a list with one named item per row, `- **Team**: Seats: 25`.
An index of an older build has no colon after the header.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from responders.generation.wanted import Wanted, says_wanted, wanted_in
from responders.words import content_stems
from schemas.base import Record

MAX_ROWS: Final = 6
"""Rows of a table that a reply tells at most, when no row is named."""

MAX_HEADER_WORDS: Final = 6
"""Words of the header of a column at most, when it is found by comparing rows."""

MAX_FOUND: Final = 1
"""Rows at most that are told because the search found them. Chosen by hand."""

MAX_ROWS_LIKELY: Final = 2
"""Rows at most that are told because their name is like the ask, or the search found them. By hand."""

MAX_CELLS: Final = 6
"""Cells of a row that a reply tells at most, when no cell is named."""

_RULE: Final = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*$")
_ROW_ITEM: Final = re.compile(r"^\s*[-*+][ \t]+\*\*([^*\n]{1,120})\*\*[ \t]*:[ \t]*(\S.*)$")
_HEADED: Final = re.compile(r"(?:(?<=; )|^)([A-Z][^:;.]{0,80}): ")
_NEXT_CELL: Final = re.compile(r"[,;] (?=[A-Z0-9]*[A-Z])|; ")
_PROPER: Final = re.compile(r"(?<!^)[A-Z0-9]|^[A-Z][a-z]+$")
"""A proper name or a code: a capital letter or digit that is not only that of the first word."""

_EMPTY: Final = frozenset({"", "-", "–", "—"})
_DENIED: Final = re.compile(r"(?:no|none|not|never|nein|kein\w*|nicht)\b", re.IGNORECASE)
_TOLD_BY_CELLS: Final[tuple[Wanted, ...]] = ("price", "time")
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

    @property
    def filled(self) -> tuple[tuple[str, str], ...]:
        """Return the cells that have a text."""
        return tuple(cell for cell in self.cells if cell[1] not in _EMPTY)


def is_table_line(line: str) -> bool:
    """Tell whether a line may be a row of a table."""
    return line.lstrip().startswith("|") or _ROW_ITEM.match(line) is not None


def rows_of(lines: Sequence[str]) -> tuple[NamedRow, ...]:
    """Return the rows of a block of lines; () if the block is no table.

    >>> [row.name for row in rows_of(["| Plan | Seats |", "|---|---|", "| Team | 25 |"])]
    ['Team']
    >>> rows_of(["- **Team**: Seats: 25; Storage: 9 GB."])[0].cells
    (('Seats', '25'), ('Storage', '9 GB'))
    >>> rows_of(["- **Team**: Seats 25, Storage 9 GB.", "- **Works**: Seats 120, Storage 99 GB."])[1].cells
    (('Seats', '120'), ('Storage', '99 GB'))
    """
    if len(lines) > 1 and lines[0].lstrip().startswith("|") and _RULE.match(lines[1]):
        return _markdown_rows(lines)
    items = [_ROW_ITEM.match(line) for line in lines]
    named = [(item[1].strip(), item[2].strip().rstrip(".")) for item in items if item]
    if not named or len(named) != len(lines):
        return ()
    return _headed_rows(named) or _listed_rows(named)


def _headed_rows(named: Sequence[tuple[str, str]]) -> tuple[NamedRow, ...]:
    """Return the rows of a list whose cells follow their headers and a colon; () if the headers differ."""
    cut = [_HEADED.split(text) for _, text in named]
    if any(parts[0].strip() for parts in cut):
        return ()
    headers: list[list[str]] = [parts[1::2] for parts in cut]
    most = max(len(row) for row in headers)
    known = next(set(row) for row in headers if len(row) == most)
    if len(named) > 1 and not all(header in known for row in headers for header in row):
        return ()
    return tuple(
        NamedRow(
            name=name.rstrip("."),
            cells=tuple(
                (header, cell.strip().rstrip(";").strip())
                for header, cell in zip(parts[1::2], parts[2::2], strict=True)
            ),
        )
        for (name, _), parts in zip(named, cut, strict=True)
    )


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


def by_plan(rows: Sequence[NamedRow], plans: Sequence[str]) -> tuple[NamedRow, ...] | None:
    """Return a table with plans as its columns with the plans as its rows; None for every other table.

    >>> rows = rows_of(["| | Basic | Plus |", "|---|---|---|", "| Seats | 1 | 9 |", "| Boards | 2 | 5 |"])
    >>> [(row.name, row.cells) for row in by_plan(rows, ["Basic", "Plus", "Max"])][1]
    ('Plus', (('Seats', '9'), ('Boards', '5')))
    """
    known = {plan.casefold() for plan in plans}
    headers = list(dict.fromkeys(header for row in rows for header, _ in row.cells))
    if len(known & {header.casefold() for header in headers}) < 2:
        return None
    return tuple(
        NamedRow(
            name=header,
            cells=tuple((row.name, value) for row in rows for h, value in row.cells if h == header),
        )
        for header in headers
    )


def chosen_rows(
    rows: Sequence[NamedRow],
    said: str,
    plan: str | None,
    found: Sequence[str] = (),
    unspoken: Collection[str] = (),
) -> tuple[NamedRow, ...]:
    """Return the rows that answer `said`: those it names, else the row of `plan`, else the likeliest.

    Beside the account's own row, "the next plan" means the row after it, and "smaller" the row before it.
    `found` are the names of the rows that the search found by themselves, best first. `unspoken` are names
    that `said` does not mean: "our team" is not the plan Team.

    >>> rows = rows_of(["- **Team**: Seats: 25; Boards: 3.", "- **Works**: Seats: 120; Boards: 9."])
    >>> [row.name for row in chosen_rows(rows, "How many seats do we have?", "Team")]
    ['Team']
    >>> [row.name for row in chosen_rows(rows, "And on the next plan?", "Team")]
    ['Team', 'Works']
    >>> [row.name for row in chosen_rows(rows, "Can my team have more?", "Works", unspoken=["Team"])]
    ['Works']
    """
    own = [row for row in rows if is_of(row, plan)]
    other = {name.casefold() for name in unspoken}
    named = [row for row in _named(rows, said) if row.name.casefold() not in other]
    if own:
        return tuple(row for row in rows if row in (named or [*own, *_beside(rows, own[-1], said)]))
    likely = [*_found(rows, found), *_alike(rows, said)]
    return tuple(named or [row for row in rows if row in likely[:MAX_ROWS_LIKELY]] or _likeliest(rows, said))


def is_of(row: NamedRow, plan: str | None) -> bool:
    """Tell whether a row is that of a plan: "Team", "Team, paid yearly", or "Team and Works"."""
    if plan is None:
        return False
    name, own = row.name.casefold(), plan.casefold()
    return own in map(str.casefold, _parts(row.name)) or name.startswith(f"{own}, ")


def _named(rows: Sequence[NamedRow], said: str) -> list[NamedRow]:
    """Return the rows that a text names, by their whole name or an item of it, such as "France, Austria".

    A longer name wins: a text about the "Model X Duo" does not name the "Model X".
    """
    hits = {row: [part for part in _parts(row.name) if _names(part, said)] for row in rows}
    every = {part.casefold() for parts in hits.values() for part in parts}
    return [
        row
        for row, parts in hits.items()
        if any(not any(part.casefold() != o and part.casefold() in o for o in every) for part in parts)
    ]


def names_row(body: str, said: str, plans: Sequence[str]) -> bool:
    r"""Tell whether a text has a table with a row that `said` names by a proper name other than a plan's.

    >>> body = "- **iDEAL or Bancontact**: Back: in 2 days.\n- **PayPal**: Back: the same day."
    >>> names_row(body, "I paid with iDEAL. When is it back?", ()), names_row(body, "When is it back?", ())
    (True, False)
    """
    if "- **" not in body:
        return False
    lines = [line for line in body.splitlines() if is_table_line(line)]
    rows = rows_of(lines)
    named = {part for row in rows for part in _parts(row.name) if _names(part, said)}
    return any(_PROPER.search(part) for part in named - set(plans))


@lru_cache(maxsize=2_000)
def _parts(name: str) -> tuple[str, ...]:
    """Return a name and its items; "Business, monthly" is no list, because only one of them is a name."""
    parts = [part for part in re.split(r", | and | or ", name) if part]
    alike = len({part.islower() for part in parts}) == 1
    return tuple(dict.fromkeys([name, *parts])) if alike else (name,)


def _names(name: str, said: str) -> bool:
    pattern = rf"(?<!\w){re.escape(name)}(?:s|'s|’s)?(?!\w)"
    # A name of one small word, such as "no", would be found in any message.
    return len(name) > 2 and re.search(pattern, said, re.IGNORECASE) is not None


def _beside(rows: Sequence[NamedRow], own: NamedRow, said: str) -> list[NamedRow]:
    after = [later for earlier, later in pairwise(rows) if earlier == own and _BIGGER.search(said)]
    before = [earlier for earlier, later in pairwise(rows) if later == own and _SMALLER.search(said)]
    return [*after, *before]


def _alike(rows: Sequence[NamedRow], said: str) -> list[NamedRow]:
    """Return the rows whose name shares most words with a text, words of a single row only; [] if many."""
    stems = [set(content_stems(row.name)) for row in rows]
    counts = Counter(stem for held in stems for stem in held)
    wanted = {stem for stem in content_stems(said) if counts[stem] == 1}
    hits = [len(wanted & held) for held in stems]
    best = [row for row, hit in zip(rows, hits, strict=True) if hit and hit == max(hits)]
    return best if len(best) <= MAX_ROWS_LIKELY else []


def _found(rows: Sequence[NamedRow], found: Sequence[str]) -> list[NamedRow]:
    return [row for name in found[:MAX_FOUND] for row in rows if row.name == name]


def _likeliest(rows: Sequence[NamedRow], said: str) -> list[NamedRow]:
    wanted = set(content_stems(said))
    hits = [len(wanted & set(content_stems(f"{row.name} {_text(row.cells)}"))) for row in rows]
    best = max(hits, default=0)
    if best and hits.count(best) <= 2:
        return [row for row, hit in zip(rows, hits, strict=True) if hit == best]
    return list(rows[:MAX_ROWS])


def _text(cells: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{header} {value}" for header, value in cells)


def chosen_cells(row: NamedRow, said: str, found: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return the cells of a row that answer `said`: those whose header it names, else of the kind it wants.

    If a named cell denies, the others of a short row are told too. `found` is that of `chosen_rows`: in a
    table by plan, they are headers.

    >>> row = NamedRow(name="Team", cells=(("Seats", "25"), ("Storage", "100 GB"), ("Price", "€9")))
    >>> chosen_cells(row, "How much storage do we have?"), chosen_cells(row, "What does it cost?")
    ((('Storage', '100 GB'),), (('Price', '€9'),))
    """
    filled = row.filled
    named = named_cells(filled, said)
    if any(_DENIED.match(value) for _, value in named) and len(filled) < MAX_CELLS:
        return filled
    if named:
        prices = _of_kind(filled, said, ("price",))
        return tuple(named) if any(cell in prices for cell in named) else (*named, *prices)
    hinted = tuple(cell for name in found[:1] for cell in filled if cell[0] == name)
    return hinted or _of_kind(filled, said) or filled[:MAX_CELLS]


def named_cells(cells: Sequence[tuple[str, str]], said: str) -> list[tuple[str, str]]:
    """Return the cells whose header shares most words with `said`, words of a single header only."""
    counts = Counter(stem for header, _ in cells for stem in set(content_stems(header)))
    wanted = {stem for stem in content_stems(said) if counts[stem] == 1}
    hits = [len(wanted & set(content_stems(header))) for header, _ in cells]
    named = [cell for cell, hit in zip(cells, hits, strict=True) if hit]
    kinds = _of_kind(named, said) if len(named) > 1 else ()
    return [*kinds] if kinds else named


def _of_kind(
    cells: Sequence[tuple[str, str]], said: str, kinds: Sequence[Wanted] = _TOLD_BY_CELLS
) -> tuple[tuple[str, str], ...]:
    """Return the cells that say a price or a time if `said` wants one; () if that are none or all."""
    for kind in kinds:
        if kind in wanted_in(said):
            found = tuple(cell for cell in cells if says_wanted(cell[1], kind))
            if 0 < len(found) < len(cells):
                return found
    return ()
