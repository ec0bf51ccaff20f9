"""Finds where a quoted or forwarded message begins: its header lines, in the forms of many programs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.reading.languages import (
    ATTRIBUTION_STARTS,
    ATTRIBUTION_VERBS,
    FORWARD_OPENINGS,
    FORWARD_PREFIXES,
    FORWARDED_MESSAGE,
    HEADER_FIELDS,
    ORIGINAL_MESSAGE,
    REPLY_PREFIXES,
)
from schemas.reading.lines import Line, Role

_MAX_CHARACTERS: Final = 400
_MAX_WRAPPED: Final = 4
_MAX_FIELDS: Final = 14


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_VERB: Final = re.compile(rf"(?<!\w)(?:{_any_of(ATTRIBUTION_VERBS)})(?!\w)|のメール", re.IGNORECASE)
_DATE: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[:.h]\d\d|\d年")
_ADDRESS: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,200}|<\s?$|\(<")
_WRAPPED_START: Final = re.compile(
    r"[<(]?[^\s@<>]{1,64}@[^\s@<>]{1,200}[>)]|\w{2,12}\.?,? .{0,12}\d|\d{4}年|\d{1,2}[./-]\d"
)
_DASHED_ATTRIBUTION: Final = re.compile(r"-{2,10} .{10,300} -{2,10}$")
_RULE: Final = re.compile(r"\s*(?:[_=*\u2500-\u2501\u2013\u2014-]{5,200}|[-\u2013\u2014]{3})\s*$")
_DASHED: Final = r"\s*[-\u2013\u2014_*>]{{2,40}}\s*(?:{words})\s*(?:[-\u2013\u2014_*<:]{{0,40}})\s*$"
_ORIGINAL: Final = re.compile(_DASHED.format(words=_any_of(ORIGINAL_MESSAGE)), re.IGNORECASE)
_FORWARDED: Final = re.compile(
    rf"{_DASHED.format(words=_any_of(FORWARDED_MESSAGE))}|\s*-{{2,40}} ?(?:forwarded by"
    rf"|weitergeleitet von) .{{1,200}}$"
    rf"|\s*(?:{_any_of(FORWARD_OPENINGS)})\s?[:：]?\s*$",
    re.IGNORECASE,
)
_KINDS: Final = {label: kind for kind, labels in HEADER_FIELDS.items() for label in labels}
_FIELD: Final = re.compile(
    r"\s{0,8}[*_]{0,3}([^\W\d_][\w .'’/-]{0,24}?)\s?[*_]{0,3}[:：][*_]{0,3}(?:\s|$|(?<=：))(.*)"
)
_INLINE_FIELD: Final = re.compile(rf"(?<!\w)({_any_of(list(_KINDS))})\s?:\*{{0,2}}\s", re.IGNORECASE)
_NOTES_FIELD: Final = re.compile(
    r"\b(?:to|cc|subject|an|kopie|thema|betreff|pour|objet|para|asunto)\s?:", re.IGNORECASE
)
_NOTES_INDENT: Final = re.compile(r"\s{10,}\S")
_REPLY_SUBJECT: Final = re.compile(
    rf"\s*\[?(?:{_any_of(REPLY_PREFIXES)})\s?(?:\[\d+\])?\s?[:：]", re.IGNORECASE
)
_FORWARD_SUBJECT: Final = re.compile(rf"\s*\[?(?:{_any_of(FORWARD_PREFIXES)})\s?[:：]", re.IGNORECASE)
_AMBIGUOUS_MARKS: Final = frozenset({"r", "i", "ref"})
"""Marks that may also begin a writer's own subject: "R: plot fails", "Ref: 4711"."""

_CLEAR_MARKS: Final = [mark for mark in (*REPLY_PREFIXES, *FORWARD_PREFIXES) if mark not in _AMBIGUOUS_MARKS]
_MARKS: Final = re.compile(
    rf"\s*(?:(?:{_any_of(_CLEAR_MARKS)})"
    r"\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s?[:：]\s*)+",
    re.IGNORECASE,
)


def without_reply_marks(subject: str) -> str:
    """Return a subject without the marks of replies and forwarded mails before it, in any language.

    >>> without_reply_marks("RE: Sv: [7] seats"), without_reply_marks("AW[2]: WG: Rechnung")
    ('[7] seats', 'Rechnung')
    >>> without_reply_marks("Recovery: how?"), without_reply_marks("R: plot fails")
    ('Recovery: how?', 'R: plot fails')
    """
    marks = _MARKS.match(subject)
    return subject[marks.end() if marks else 0 :].strip()


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an older message: its width in lines, and whether the message was forwarded.

    `forwarded` is True for a mark of forwarding, False for a reply, None if both are possible.
    """

    width: int
    forwarded: bool | None


def header_at(lines: Sequence[Line], number: int) -> Header | None:
    r"""Return the header that begins at line `number`, or None.

    >>> from schemas.reading.lines import lines_of
    >>> header_at(lines_of("On Mon, 5 Jan 2026 at 09:00, Ann\n<a@x.example> wrote:\n> Hi"), 0)
    Header(width=2, forwarded=False)
    >>> header_at(lines_of("On Monday I wrote: please help"), 0)
    """
    line = lines[number]
    if line.role is Role.HEADER:
        return _marked(lines, number)
    if line.blank or len(line.text) > _MAX_CHARACTERS:
        return None
    if _FORWARDED.match(line.text):
        return Header(1 + _fields_below(lines, number + 1), forwarded=True)
    if _ORIGINAL.match(line.text):
        return _original(lines, number)
    if _RULE.match(line.text):
        return _below_rule(lines, number)
    found = _block(lines, number) or _attribution(lines, number)
    return found or _dashed_attribution(line.text) or _notes_block(lines, number)


def _marked(lines: Sequence[Line], number: int) -> Header:
    """Return the header that the markup marks; its text may say that the message was forwarded."""
    width = 1
    while number + width < len(lines) and lines[number + width].role is Role.HEADER:
        width += 1
    forwarded: bool | None = None
    for place in range(number, number + width):
        if _FORWARDED.match(lines[place].text[:_MAX_CHARACTERS]):
            return Header(width, forwarded=True)
        if _attribution(lines, place):
            forwarded = False
    return Header(width, _direction(lines[number : number + width]) if forwarded is None else forwarded)


def _original(lines: Sequence[Line], number: int) -> Header:
    below = _next_filled(lines, number + 1)
    block = _block(lines, below) if below is not None else None
    if block and below is not None:
        return Header(below - number + block.width, block.forwarded)
    further = _attribution(lines, below) if below is not None else None
    if further and below is not None:
        return Header(below - number + further.width, forwarded=False)
    return Header(1 + _fields_below(lines, number + 1), forwarded=None)


def _below_rule(lines: Sequence[Line], number: int) -> Header | None:
    below = _next_filled(lines, number + 1)
    if below is None or below - number > 3 or lines[below].depth:
        return None
    text = lines[below].text
    if len(text) > _MAX_CHARACTERS or _RULE.match(text):
        return None
    if _signed_date(text):
        return Header(below - number + 1, forwarded=False)
    found = header_at(lines, below)
    return found and Header(below - number + found.width, found.forwarded)


def _signed_date(text: str) -> bool:
    """Tell whether a line below a rule gives writer and date: "Ann L., Feb 18, 2026, 10:31 GMT"."""
    dates = _DATE.findall(text)
    return (
        len(dates) >= 2 and len(text.split()) <= 12 and "," in text and not text.rstrip().endswith(("?", "."))
    )


def _next_filled(lines: Sequence[Line], number: int) -> int | None:
    for place in range(number, min(len(lines), number + 6)):
        if not lines[place].blank:
            return place
    return None


def _field(line: Line) -> tuple[str, str] | None:
    """Return the kind and the value of a header field, or None."""
    if line.blank or len(line.text) > _MAX_CHARACTERS:
        return None
    match = _FIELD.match(line.text)
    kind = _KINDS.get(match.group(1).lower().strip()) if match else None
    return (kind, match.group(2)) if match and kind else None


def _block_width(lines: Sequence[Line], number: int) -> int:
    """Return how many lines of header fields begin at `number`; a value may continue on the next line."""
    width, wrapped = 0, 0
    depth = lines[number].depth if number < len(lines) else 0
    while number + width + wrapped < len(lines) and width < _MAX_FIELDS:
        line = lines[number + width + wrapped]
        if line.depth != depth:
            break
        if _field(line):
            width, wrapped = width + wrapped + 1, 0
        elif width and wrapped < 2 and not line.blank and _goes_on(line):
            wrapped += 1
        else:
            break
    return width


def _goes_on(line: Line) -> bool:
    return "@" in line.text or ";" in line.text or line.text[:1] in " \t"


def _fields_below(lines: Sequence[Line], number: int) -> int:
    """Return the width of the header fields below a separator, with the blank lines before them."""
    below = _next_filled(lines, number)
    if below is None:
        return 0
    width = _block_width(lines, below)
    return below - number + width if width else 0


def _block(lines: Sequence[Line], number: int) -> Header | None:
    """Return a block of header fields such as From, Sent, To, Subject."""
    first = _field(lines[number])
    if first is not None and lines[number].text.lstrip(" *_")[:1].islower():
        return None
    if first is None:
        return _one_line_block(lines[number])
    width = _block_width(lines, number)
    block = lines[number : number + width]
    kinds = {found[0] for line in block if (found := _field(line))}
    is_mail = "from" in kinds and (
        "sent" in kinds or {"to", "subject"} <= kinds or (_has_address(block) and kinds & {"subject", "date"})
    )
    return Header(width, _direction(block)) if is_mail else None


def _one_line_block(line: Line) -> Header | None:
    kinds = {_KINDS[label.lower()] for label in _INLINE_FIELD.findall(line.text)}
    if {"from", "subject"} <= kinds and kinds & {"sent", "date", "to"}:
        return Header(1, forwarded=None)
    return None


def _has_address(block: Sequence[Line]) -> bool:
    return any("@" in line.text for line in block)


def _direction(block: Sequence[Line]) -> bool | None:
    """Return True if the subject of a quoted header says "forwarded", False for a reply, None for neither."""
    for line in block:
        found = _field(line)
        if found and found[0] == "subject":
            if _FORWARD_SUBJECT.match(found[1]):
                return True
            return False if _REPLY_SUBJECT.match(found[1]) else None
    return None


def _attribution(lines: Sequence[Line], number: int) -> Header | None:
    """Return an "On ... wrote:" of one to four lines; a shorter attribution further down is preferred."""
    text = ""
    for width in range(1, _MAX_WRAPPED + 1):
        if number + width > len(lines) or lines[number + width - 1].blank:
            return None
        if width > 1 and (lines[number + width - 1].depth != lines[number].depth):
            return None
        text = f"{text} {lines[number + width - 1].text.strip()}".strip()
        if len(text) > _MAX_CHARACTERS:
            return None
        if text.rstrip(" -–—*_").endswith((":", "：")):
            marked = _is_marked_below(lines, number + width, lines[number].depth)
            own = _says_who_wrote(text, marked_below=marked) and not _ends_shorter(lines, number, width)
            return Header(width + _adjacent_fields(lines, number + width), forwarded=False) if own else None
        if width == 1 and not _may_go_on(text):
            return None
    return None


def _dashed_attribution(text: str) -> Header | None:
    """Return the header of Zoho Mail: "---- On ... wrote ----"."""
    if _DASHED_ATTRIBUTION.match(text) and _VERB.search(text) and _DATE.search(text):
        return Header(1, forwarded=False)
    return None


def _adjacent_fields(lines: Sequence[Line], number: int) -> int:
    """Return the width of the header fields that Lotus Notes writes right below an attribution."""
    return _block_width(lines, number) if number < len(lines) and _block(lines, number) else 0


def _may_go_on(text: str) -> bool:
    first = text.split(" ", 1)[0].strip(".,").lower()
    return first in ATTRIBUTION_STARTS or _WRAPPED_START.match(text) is not None or "<" in text


def _ends_shorter(lines: Sequence[Line], number: int, width: int) -> bool:
    """Tell whether an attribution's last lines are a full attribution, and its first line a sentence."""
    return any(
        _may_go_on(text) and _says_who_wrote(text, marked_below=False) and _DATE.search(text)
        for start in range(1, width)
        if (text := " ".join(line.text.strip() for line in lines[number + start : number + width]))
    )


def _says_who_wrote(text: str, *, marked_below: bool) -> bool:
    starts = text.split(" ", 1)[0].strip(".,").lower() in ATTRIBUTION_STARTS
    dated, addressed = _DATE.search(text) is not None, _ADDRESS.search(text) is not None
    if _VERB.search(text):
        return (dated and (starts or addressed or marked_below)) or addressed or (starts and marked_below)
    return dated and addressed


def _is_marked_below(lines: Sequence[Line], number: int, depth: int) -> bool:
    below = _next_filled(lines, number)
    return below is not None and lines[below].depth > depth


def _notes_block(lines: Sequence[Line], number: int) -> Header | None:
    """Return the indented header of old Lotus Notes, in two columns."""
    if not _NOTES_INDENT.match(lines[number].text):
        return None
    width = 0
    while number + width < len(lines) and width < 10 and not lines[number + width].blank:
        width += 1
    fields = sum(
        len(_NOTES_FIELD.findall(line.text[:_MAX_CHARACTERS])) for line in lines[number : number + width]
    )
    return Header(width, forwarded=None) if fields >= 2 else None
