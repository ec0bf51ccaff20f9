"""Finds where the signature of an unquoted stretch begins."""

import re
from collections.abc import Sequence
from typing import Final

from schemas.reading.courtesies import folded, is_closing, is_farewell, is_thanks, last_sentence
from schemas.reading.lines import SIGNATURE_MARK, Line, Role

_MAX_LINES: Final = 12
_MAX_WIDTH: Final = 100
_MAX_NAME_WORDS: Final = 6
_SEARCHED_LINES: Final = 30

_DELIMITER: Final = re.compile(r"\s{0,3}(?:--|—|__)\s{0,3}$")
_UNDERLINE: Final = re.compile(r"\s{0,3}[_-]{3,}\s{0,3}$")
_ALSO_WORDS: Final = frozenset(("best", "yours", "take care", "att"))
"""Farewells that are also ordinary words, so that a comma or a name must follow them."""

_NAME_WORD: Final = (
    r"(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]{0,25}|de|da|do|dos|del|della|di|van|von|der|den|ten|la|le|zu|bin|al|y|e)"
)
_NAME: Final = re.compile(
    rf"\s{{0,8}}[*_]{{0,2}}(?:dr\.? |prof\.? |herr |frau |mr\.? |mrs\.? "
    rf"|ms\.? )?{_NAME_WORD}(?:[ ,/]{{1,3}}{_NAME_WORD}){{0,4}}[*_,.]{{0,2}}\s*$"
)
_NAME_END: Final = re.compile(r"\s*[|·•,/]\s*|\s+[-–—]\s+")
_CAPITALISED: Final = re.compile(
    r"\s{0,8}[*_]{0,2}(?:[^\W\d_a-zß-öø-ÿ][^.!?:;=()\[\]{}<>]{1,80}|\+?[\d ()/.-]{7,30})$"
)
_SENTENCE: Final = re.compile(r"[^\s.!?]{2,60}[.!?…)\"”]\s*$")
_REQUEST: Final = re.compile(
    r"\b(?:please|bitte|por favor|per favore|s'il (?:vous|te)|merci de|alstublieft|graag)\b", re.IGNORECASE
)
_DASHED_NAME: Final = re.compile(
    r"\s{0,8}[-–—~/]{1,2}\s?[^\W\d_a-z][\w.'’-]{1,20}(?: [^\W\d_a-z][\w.'’-]{1,20})?\s*$"
)
_CONTACT: Final = re.compile(
    r"\+?\d[\d\s()./-]{6,}\d|@\w|\bwww\.|https?://|\b(?:tel|fax|phone|mobile|mob|cell|telefon|tél|tlf"
    r"|telefono|teléfono|m|t|p)\b\s?[.:]"
    r"|\b(?:gmbh|ltd|limited|llc|inc|corp|ag|kg|s\.?a\.?r?\.?l|s\.l|s\.r\.l|bv|b\.v|ab|a/s|oy|plc|ltda"
    r"|sp\. z o\.o|pty)\b"
    r"|\b(?:manager|director|head of|engineer|officer|ceo|cto|cfo|coo|founder|lead|leiter\w{0,2}"
    r"|geschäftsführ\w{2,4}|responsable"
    r"|directeur|gerente|responsabile|consultant|assistant|team)\b",
    re.IGNORECASE,
)
_POSTSCRIPT: Final = re.compile(
    r"\s{0,8}(?:p\.?\s?p?\.?\s?s\.?|post scriptum|n\.?b\.?)\s?[:.\-–]?\s+\S", re.IGNORECASE
)


def signature_lines(lines: Sequence[Line]) -> set[int]:
    r"""Return the numbers of the lines of the signature, without a P.S. below it.

    >>> from schemas.reading.lines import lines_of
    >>> sorted(signature_lines(lines_of("It fails.\n\nBest regards,\nAda Vogel\nNorthbay Ltd")))
    [2, 3, 4]
    >>> signature_lines(lines_of("I tried two things\n--\nHow do I export my reports?"))
    set()
    """
    marked = {number for number, line in enumerate(lines) if line.role is Role.SIGNATURE}
    filled = [number for number, line in enumerate(lines) if not line.blank and number not in marked]
    if not filled:
        return marked
    for place, start in enumerate(filled[-_SEARCHED_LINES:], start=max(0, len(filled) - _SEARCHED_LINES)):
        tail = filled[place:]
        until = next((at for at in tail[1:] if _POSTSCRIPT.match(lines[at].text)), None)
        block = [lines[at].text for at in tail if until is None or at < until]
        before = lines[filled[place - 1]].text if place else None
        apart = start > 0 and lines[start - 1].blank
        if len(block) <= _MAX_LINES + 1 and _begins(block, before, apart=apart):
            return marked | set(range(start, len(lines) if until is None else until))
    return marked


def _begins(block: Sequence[str], before: str | None, *, apart: bool) -> bool:
    """Tell whether the lines of `block` are a signature.

    `before` is the line above the block, None at the top; `apart` says that a blank line is between them.
    """
    first, below = block[0], block[1:]
    if not all(_fits(line) for line in below):
        return False
    if is_farewell(first):
        named = bool(below) and _may_sign(below[0])
        return named or (not below and ("," in first or folded(first) not in _ALSO_WORDS))
    if is_thanks(first):
        ends = first.rstrip().endswith((".", "!"))
        return not ends and bool(below) and _is_name(below[0])
    if before is None:
        return False
    return _begins_below(block, before) or (apart and _is_name_block(block, before))


def _begins_below(block: Sequence[str], before: str) -> bool:
    """Tell whether lines below other words are a signature without a closing line."""
    first, below = block[0], block[1:]
    if first == SIGNATURE_MARK or _farewell_and_name(first):
        return True
    if _DELIMITER.match(first):
        return not below or _may_sign(below[0])
    if _UNDERLINE.match(first):
        return bool(below) and _is_contact_block(below)
    if is_thanks(last_sentence(before)):
        return _fits(first) and _is_name(first)
    if _DASHED_NAME.match(first):
        dash = first.lstrip()[0]
        is_item = any(line.lstrip().startswith(dash) for line in (before, *below))
        return not is_item and not before.rstrip().endswith((":", "："))
    return _is_contact_block(block) and not before.rstrip().endswith((":", "：", ","))


def _farewell_and_name(text: str) -> bool:
    """Tell whether a line is a farewell with the name after it: "Regards, Ruth"."""
    if len(text) > _MAX_WIDTH or text.rstrip().endswith("?"):
        return False
    words = text.split()
    for count in range(1, min(6, len(words))):
        head, name = " ".join(words[:count]), " ".join(words[count:])
        if is_farewell(head) and _NAME.match(name):
            return head.endswith((",", ".", "!")) or folded(head) not in {
                "best",
                "yours",
                "att",
                "saludos a",
            }
    return False


def _is_name(text: str) -> bool:
    return _NAME.match(text) is not None and not is_closing(text) and len(text) <= _MAX_WIDTH


def _may_sign(text: str) -> bool:
    """Tell whether a line may be a name, a role or a company: few words, and not all in lower case."""
    words = text.split()
    if _CONTACT.search(text[:_MAX_WIDTH]):
        return True
    return len(words) <= _MAX_NAME_WORDS and (
        len(words) <= 2 or any(word[:1].isupper() for word in words[1:])
    )


def _is_contact_block(block: Sequence[str]) -> bool:
    """Tell whether lines are only a name with contact details."""
    name = _NAME_END.split(block[0][:_MAX_WIDTH], maxsplit=1)[0].strip()
    is_named = _is_name(name) and len(name.split()) >= 2
    return is_named and len(block) >= 2 and any(_CONTACT.search(line[:_MAX_WIDTH]) for line in block[1:])


def _is_name_block(block: Sequence[str], before: str) -> bool:
    """Tell whether lines below a blank line are a name, alone or with role and company."""
    short = all(len(line.split()) <= _MAX_NAME_WORDS and _CAPITALISED.match(line) for line in block)
    ends = _SENTENCE.search(before) or _POSTSCRIPT.match(before)
    return short and _is_name(block[0]) and ends is not None


def _fits(text: str) -> bool:
    """Tell whether a line may be part of a signature: short, and not a sentence."""
    stripped = text.strip()
    if len(stripped) > _MAX_WIDTH or stripped.endswith(("?", "？", ":", "：")):
        return False
    words = len(stripped.split())
    ends = stripped.endswith((".", "!", "。")) and not _CONTACT.search(stripped)
    asks = ends and _REQUEST.search(stripped) is not None
    return not asks and not (ends and words >= 5) and words <= 16
