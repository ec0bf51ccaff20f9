"""The units of a text: words, numbers, and the single signs of scripts that write no blanks between words."""

from collections.abc import Iterator
from typing import Final

import regex

UnitSpan = tuple[int, int]
"""The first character of a unit and the character after its last."""

_SCRIPTS: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}"
_UNIT: Final = regex.compile(
    rf"[{_SCRIPTS}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}_]--[{_SCRIPTS}]]+", regex.VERSION1 | regex.UNICODE
)


def unit_spans(text: str) -> Iterator[UnitSpan]:
    """Yield the spans of the units of `text`, in order: runs of letters and digits.

    >>> text = "Mail O'Brien, pin 04-15"
    >>> [text[start:end] for start, end in unit_spans(text)]
    ['Mail', 'O', 'Brien', 'pin', '04', '15']
    >>> len(list(unit_spans("我叫张伟")))
    4
    """
    return (match.span() for match in _UNIT.finditer(text))
