"""From the Markdown of a passage to the sentences and steps that answer, without greeting and sign-off."""

import re
from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import Final

from responders.generation.brief import PartLayout
from responders.generation.slots import slots_of
from responders.generation.tables import NamedRow, chosen_rows, is_table_line, rows_of, told_row
from responders.markup.code import without_code
from responders.markup.tags import has_tags
from responders.words import content_stems, sentences
from schemas.base import Record

MAX_ANSWER_CHARS: Final = 900
MAX_ANSWER_UNITS: Final = 10
"""Characters, and sentences and items, of an answer. A longer passage is cut to its best blocks."""

MAX_BULLETS: Final = 4
"""A longer list without numbers is cut to the items that share words with the query."""

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
_CODE = re.compile(r"\b[A-Za-z]{1,6}-\d{1,6}\b")
_ADDRESS = re.compile(
    r"(?:^|(?<=\n))[ \t]*(?:hi|hello|hey|dear)\s+\{\s*(?:requester|customer"
    r"|first)_?(?:name)?\s*\}[ \t]*[,!.:]?[ \t]*"
    r"|,?[ \t]*\{\s*(?:requester|customer|first)_?(?:name)?\s*\}(?=[ \t]*[,.!?:\n]|[ \t]*$)",
    re.IGNORECASE,
)


class Unit(Record):
    """One sentence or list item of a passage, as plain text; `block` numbers paragraphs and lists.

    `is_own` tells that it is the row of a table for the account's own plan.
    """

    text: str
    layout: PartLayout
    block: int
    is_own: bool = False


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


def units_of(body: str, said: str = "", plan: str | None = None, around: str = "") -> tuple[Unit, ...]:
    """Return the sentences and list items of a body in order, without greeting, sign-off and courtesies.

    Of a table only the rows remain that answer `said`, an ask of the message `around`, on the account's
    `plan`. Blocks of code are left out, because a reply names the source, which shows them.
    """
    units: list[Unit] = []
    for block, text in enumerate(
        re.split(r"\n[ \t]*\n", _tight(without_code(unaddressed(body), fenced_only=True)))
    ):
        lines = _joined([line for line in text.splitlines() if line.strip()])
        if lines and _SIGN_OFF.match(lines[0].strip()):
            break
        for rows, run in _runs(lines):
            chosen = chosen_rows(rows, said, plan, around) if rows else ()
            units += _row_units(chosen, block, said, plan) if rows else _block_units(run, block)
    return tuple(units)


def _runs(lines: Sequence[str]) -> list[tuple[tuple[NamedRow, ...], list[str]]]:
    """Return the runs of lines of a block, each with the rows of its table; () for other lines."""
    runs = [list(run) for _, run in groupby(lines, key=is_table_line)]
    return [(rows_of(run), run) for run in runs]


def _row_units(chosen: Sequence[NamedRow], block: int, said: str, plan: str | None) -> list[Unit]:
    layout: PartLayout = "sentence" if len(chosen) == 1 else "bullet"
    owned = [(row, plan is not None and row.name.casefold() == plan.casefold()) for row in chosen]
    return [
        Unit(text=plain(told_row(row, said, is_own=own)), layout=layout, block=block, is_own=own)
        for row, own in owned
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


def of_named_codes(units: Sequence[Unit], said: str) -> list[Unit]:
    """Return the units without list items about other codes, if an item is about a code that `said` names.

    >>> codes = [Unit(text=f"{code}: wait.", layout="bullet", block=0) for code in ("HY-301", "HY-312")]
    >>> [unit.text for unit in of_named_codes(codes, "It says hy-312")], len(of_named_codes(codes, "Help"))
    (['HY-312: wait.'], 2)
    """
    asked = _codes_of(said)
    codes = [_codes_of(unit.text) if unit.layout == "bullet" else set[str]() for unit in units]
    if not any(own & asked for own in codes):
        return list(units)
    return [unit for unit, own in zip(units, codes, strict=True) if own & asked or not own]


def _codes_of(text: str) -> set[str]:
    return {code.upper() for code in _CODE.findall(text)}


def best_units(units: Sequence[Unit], query: str) -> tuple[Unit, ...]:
    """Return the units that answer `query`, in reading order, within MAX_ANSWER_CHARS and MAX_ANSWER_UNITS.

    A short passage stays whole. A longer passage keeps the blocks that share most words with the query, each
    block whole, and a list together with the block that introduces it.
    """
    wanted = set(content_stems(query))
    units = _without_unrelated_bullets(units, wanted)
    if _fits(units):
        return tuple(units)
    blocks = sorted({unit.block for unit in units})
    by_block = {block: [unit for unit in units if unit.block == block] for block in blocks}
    ranked = sorted(blocks, key=lambda block: (-_hits(by_block[block], wanted), block))
    chosen: list[int] = []
    for block in ranked:
        group = _with_lead(block, blocks, by_block)
        together = [unit for unit in units if unit.block in {*chosen, *group}]
        if _fits(together):
            chosen = sorted({*chosen, *group})
    kept = [unit for unit in units if unit.block in chosen]
    return tuple(kept) if kept else _cut(by_block[ranked[0]])


def _without_unrelated_bullets(units: Sequence[Unit], wanted: set[str]) -> list[Unit]:
    """Return the units; of a long list with dashes only the items that share most words with the query."""
    bullets = [unit for unit in units if unit.layout == "bullet"]
    if len(bullets) <= MAX_BULLETS:
        return list(units)
    hits = {unit.text: len(wanted & set(content_stems(unit.text))) for unit in bullets}
    enough = max(hits.values()) / 2
    return [
        unit for unit in units if unit.layout != "bullet" or hits[unit.text] >= max(enough, 0.5) or not enough
    ]


def _fits(units: Sequence[Unit]) -> bool:
    return len(units) <= MAX_ANSWER_UNITS and sum(len(unit.text) for unit in units) <= MAX_ANSWER_CHARS


def _hits(units: Sequence[Unit], wanted: set[str]) -> float:
    held = set(content_stems(" ".join(unit.text for unit in units)))
    steps = any(unit.layout != "sentence" for unit in units)
    return len(held & wanted) / (1 + len(wanted)) + (0.25 if steps else 0.0)


def _with_lead(block: int, blocks: Sequence[int], by_block: dict[int, list[Unit]]) -> list[int]:
    place = blocks.index(block)
    lead = (
        place > 0
        and by_block[block][0].layout == "item"
        and by_block[blocks[place - 1]][-1].text.endswith(":")
    )
    return [blocks[place - 1], block] if lead else [block]


def _cut(units: Sequence[Unit]) -> tuple[Unit, ...]:
    kept: list[Unit] = []
    for unit in units:
        if kept and not _fits([*kept, unit]):
            break
        kept.append(unit)
    return tuple(kept)
