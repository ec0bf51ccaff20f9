"""From the Markdown of a passage to the sentences and steps that answer, without greeting and sign-off."""

import re
from collections.abc import Sequence
from itertools import accumulate, groupby

from responders.generation.brief import PartLayout, Unit
from responders.generation.plans import AccountPlans
from responders.generation.slots import slots_of
from responders.generation.tables import (
    NamedRow,
    by_plan,
    chosen_cells,
    chosen_rows,
    is_of,
    is_table_line,
    named_cells,
    rows_of,
)
from responders.generation.telling import told_row
from responders.markup.code import without_code
from responders.markup.tags import has_tags
from responders.words import sentences
from schemas.base import Record

_ITEM = re.compile(r"^[ \t]*([-*+•]|\d{1,2}[.)])[ \t]+(.+)$")
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good\s+(?:morning|afternoon|day))\b[^.?]{0,60}[,!.]?$", re.IGNORECASE
)
_SIGN_OFF = re.compile(
    r"^(?:(?:best|kind|warm|many)\s+(?:regards|wishes|thanks)|regards|cheers|sincerely|yours\b.*"
    r"|all\s+the\s+best|thanks|thank\s+you)[,.!]?$"
    r"|^(?:--|—|\{(?:agent|signature|sender|team)\w*\})",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"^(?:thanks?\b|thank\s+you|i\s+hope|we\s+hope|hope\s+(?:this|that)|let\s+(?:me|us)\s+know"
    r"|please\s+(?:do\s+not|don't)\s+hesitate"
    r"|feel\s+free|happy\s+to\s+help|if\s+you\s+have\s+any\s+(?:other|more|further)\s+questions)",
    re.IGNORECASE,
)
_SYMPATHY = re.compile(
    r"^(?:(?:i'm|i\s+am|we're|we\s+are)\s+(?:very\s+|so\s+|really\s+)?sorry|sorry\b|apologies"
    r"|i\s+understand|we\s+understand|i\s+apologi|we\s+apologi)",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_MARKS = re.compile(r"(\*\*|__|`{1,3})(?=\S)(.+?)(?<=\S)\1|(?<!\w)[*_](?=\S)([^*_\n]+?)(?<=\S)[*_](?!\w)")
_ADDRESS = re.compile(
    r"(?:^|(?<=\n))[ \t]*(?:hi|hello|hey|dear)\s+\{\s*(?:requester|customer"
    r"|first)_?(?:name)?\s*\}[ \t]*[,!.:]?[ \t]*"
    r"|,?[ \t]*\{\s*(?:requester|customer|first)_?(?:name)?\s*\}(?=[ \t]*[,.!?:\n]|[ \t]*$)",
    re.IGNORECASE,
)


def plain(markdown: str) -> str:
    """Return a line of Markdown as plain text; a link keeps its address in brackets if its label differs.

    >>> plain("Open **Settings**, see [the guide](https://help.example.com/x)")
    'Open Settings, see the guide (https://help.example.com/x)'
    """
    linked = _LINK.sub(_shown_link, markdown)
    return " ".join(_MARKS.sub(_unmarked, linked).split())


def _unmarked(match: re.Match[str]) -> str:
    """Return marked words without their marks; code that shows a tag of HTML keeps its marks."""
    words = str(match[2] or match[3])
    return match.group() if match.group().startswith("`") and has_tags(words) else words


def _shown_link(match: re.Match[str]) -> str:
    label, address = match[1].strip(), match[2]
    if not address or label == address:
        return label or address
    return f"{label} ({address})"


def unaddressed(body: str) -> str:
    """Return a macro's body without the customer's name, because the reply has its own greeting.

    >>> unaddressed("Hello {requester_name}, it is done.")
    'It is done.'
    >>> unaddressed("I am sorry, {requester_name}. Try again.")
    'I am sorry. Try again.'
    """
    kept = _ADDRESS.sub("", body.strip()).lstrip(" ,\n")
    return kept[:1].upper() + kept[1:]


class TableChoice(Record):
    """What chooses the rows and cells of a table: the customer's words, and the account's own plan.

    `plans` are the names of all plans, `found` the names of the rows that the search found, best first.
    """

    said: str = ""
    plan: str | None = None
    plans: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


def units_of(body: str, choice: TableChoice | None = None) -> tuple[Unit, ...]:
    """Return the sentences and list items of a body in order, without greeting, sign-off and courtesies.

    Of a table only the rows and cells remain that answer. Blocks of code are left out, because a reply names
    the source, which shows them.
    """
    chosen = choice or TableChoice()
    units: list[Unit] = []
    for block, text in enumerate(
        re.split(r"\n[ \t]*\n", _tight(without_code(unaddressed(body), fenced_only=True)))
    ):
        lines = _joined([line for line in text.splitlines() if line.strip()])
        if lines and _SIGN_OFF.match(lines[0].strip()):
            break
        for rows, run in _runs(lines):
            units += _row_units(rows, block, chosen) if rows else _block_units(run, block)
    return tuple(units)


def _runs(lines: Sequence[str]) -> list[tuple[tuple[NamedRow, ...], list[str]]]:
    """Return the runs of lines of a block, each with the rows of its table; () for other lines."""
    runs = [list(run) for _, run in groupby(lines, key=is_table_line)]
    return [(rows_of(run), run) for run in runs]


def _row_units(rows: Sequence[NamedRow], block: int, choice: TableChoice) -> list[Unit]:
    turned = by_plan(rows, choice.plans)
    spoken = AccountPlans(names=choice.plans).in_text(choice.said)
    unsaid = [plan for plan in choice.plans if plan not in spoken]
    chosen = chosen_rows(turned or rows, choice.said, choice.plan, choice.found, unsaid)
    told = [(row, chosen_cells(row, choice.said, choice.found)) for row in chosen]
    told = [(row, cells) for row, cells in told if cells]
    layout: PartLayout = "sentence" if len(told) == 1 else "bullet"
    return [
        Unit(
            text=plain(told_row(row, cells, is_own=is_of(row, choice.plan))),
            layout=layout,
            block=block,
            is_own=is_of(row, choice.plan),
            is_row=True,
            is_named=bool(named_cells(row.filled, choice.said)),
        )
        for row, cells in told
    ]


def _tight(body: str) -> str:
    """Return a body without blank lines between the items of a list, so that a list is one block."""
    lines = body.splitlines()
    filled_below = accumulate(
        reversed(lines), lambda below, line: line if line.strip() else below, initial=""
    )
    kept: list[str] = []
    in_list = False
    for line, following in zip(lines, [*filled_below][-2::-1], strict=True):
        goes_on = _ITEM.match(following) is not None or following.startswith(("  ", "\t"))
        if line.strip():
            in_list = _ITEM.match(line) is not None or (in_list and line.startswith(("  ", "\t")))
            kept.append(line)
        elif not (in_list and goes_on):
            kept.append(line)
    return "\n".join(kept)


def sympathy_of(body: str) -> str | None:
    """Return the macro's sentence of sympathy if it begins with a sentence of sympathy without slots."""
    opening = [unit.text for unit in _all_units(body)[:2] if unit.layout == "sentence"]
    return next((text for text in opening if _SYMPATHY.match(text) and not slots_of(text)), None)


def _all_units(body: str) -> list[Unit]:
    first = re.split(r"\n[ \t]*\n", unaddressed(body))[:2]
    lines = _joined([line for text in first for line in text.splitlines() if line.strip()])
    return [unit for line in lines if not _GREETING.match(line.strip()) for unit in _line_units(line, 0)]


def _joined(lines: Sequence[str]) -> list[str]:
    """Join the lines of a wrapped paragraph or item; each list item begins a new line."""
    joined: list[str] = []
    for line in lines:
        begins = (
            not joined
            or is_table_line(line)
            or _ITEM.match(line)
            or _GREETING.match(line.strip())
            or _SIGN_OFF.match(line.strip())
        )
        closes = bool(joined) and bool(_GREETING.match(joined[-1].strip()))
        if begins or closes:
            joined.append(line)
        else:
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
    return joined


def _block_units(lines: Sequence[str], block: int) -> list[Unit]:
    kept: list[Unit] = []
    for line in lines:
        stripped = line.strip()
        if _SIGN_OFF.match(stripped):
            break
        if not _GREETING.match(stripped) and not stripped.startswith(("#", "|", "```")):
            kept += _line_units(line, block)
    return [unit for unit in kept if not _COURTESY.match(unit.text) and not _SYMPATHY.match(unit.text)]


def _line_units(line: str, block: int) -> list[Unit]:
    item = _ITEM.match(line)
    if item:
        layout: PartLayout = "item" if item[1][0].isdigit() else "bullet"
        return [Unit(text=plain(item[2]), layout=layout, block=block)]
    return [Unit(text=text, layout="sentence", block=block) for text in sentences(plain(line.strip("> \t")))]
