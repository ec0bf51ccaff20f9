"""The sentences of a message in order, with the items of its lists; greetings and signatures are left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.reading.courtesies import is_closing, is_greeting

MAX_READ_CHARS: Final = 8_000
"""Characters of a message that are read; later asks would not be answered anyway."""

MAX_SENTENCE_CHARS: Final = 600
"""Characters of a sentence that are read, so that a text without full stops costs little."""

MAX_SIGNATURE_LINES: Final = 4
"""Lines after a farewell that may be a signature."""

_ITEM: Final = re.compile(r"\s*(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-h]\))\s+(?=\S)")
_NUMBER: Final = re.compile(r"(?:^|(?<=\s))\(?([1-9])[.)]\s+(?=\S)")
_BARE_NUMBER: Final = re.compile(r"(?:^|(?<=\s))([1-9])\s+(?=[a-z])")
_PLUS: Final = re.compile(r"\s+\+\s+")
_ASKED: Final = re.compile(
    r"(?:(?:until|since|from|for|to|by|with|in) )?(?:what|how|when|who|whom|where|why|which|whether|can|could"
    r"|do|does|is|are|will|was|wann|wie|was|wo|wer|cuándo|cómo|dónde|quién|cuánto)\b",
    re.IGNORECASE,
)
"""The beginning of a question."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[\"”')\]]*\s+")
_ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|approx|no|nr|mr|mrs|ms|dr|z\. ?b|bzw|ca|vs|etc|incl|a\.m|p\.m|[a-z])\.$",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"\s*(?:hi|hello|hey|hiya|dear|hallo|hola|guten (?:tag|morgen|abend)|buenos días|buenas(?: tardes)?"
    r"|good (?:morning|afternoon|evening|day)|sir or madam)\b[^,!.?:\n]{0,30}[,!.:]\s+",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(
    r"\s*(?i:(?:many |kind |best |with best |warm )?(?:best|thanks|thank you|cheers|regards|wishes|greetings"
    r"|thx|saludos|gracias|grüße|gruß|viele grüße|lg|br)\b(?: (?:again|in advance|so much|very much|team|all"
    r"|to all|everyone|und grüße))*)[\s,!.-]*(?:[A-Z][\w.'-]*\s*){0,3}$"
)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """One sentence; `item` is the number of its list item in the message, from 1, or 0 outside lists."""

    text: str
    item: int = 0


def segments(text: str) -> list[ReadSentence]:
    r"""Return the sentences of a message in order.

    >>> [part.text for part in segments("Hi Ann,\nis it free? Thanks, Bo")]
    ['is it free?']
    >>> segments("1) Is it free? 2) Since when?")
    [ReadSentence(text='Is it free?', item=1), ReadSentence(text='Since when?', item=2)]
    >>> [part.text for part in segments("seat price + when is it billed")]
    ['seat price', 'when is it billed']
    """
    found, items = [], 0
    for line in _said(text[:MAX_READ_CHARS].split("\n")):
        for part, is_item in _parts(line):
            items += is_item
            found += [ReadSentence(sentence, items if is_item else 0) for sentence in _sentences(part)]
    while found and _is_courtesy(found[-1].text):
        found.pop()
    return found


def _said(lines: list[str]) -> Iterator[str]:
    """Yield the lines between the greeting and the signature."""
    last = len(lines)
    for place in range(max(1, last - MAX_SIGNATURE_LINES - 1), last):
        if is_closing(lines[place]) or _SIGNED.match(lines[place]):
            last = place
            break
    for place, line in enumerate(lines[:last]):
        if line.strip() and not (place < 3 and is_greeting(line)):
            yield line


def _parts(line: str) -> list[tuple[str, bool]]:
    """Return a line, or its list items; each with whether it is an item."""
    for pattern in (_NUMBER, _BARE_NUMBER):
        marks = list(pattern.finditer(line))
        if len(marks) > 1 and [int(mark[1]) for mark in marks] == list(range(1, len(marks) + 1)):
            ends = [*(mark.start() for mark in marks[1:]), len(line)]
            items = [(line[mark.end() : end], True) for mark, end in zip(marks, ends, strict=True)]
            before = line[: marks[0].start()]
            return [(before, False), *items] if before.strip() else items
    mark = _ITEM.match(line)
    if mark:
        return [(line[mark.end() :], True)]
    added = _PLUS.split(line)
    is_list = any(_ASKED.match(part) for part in added[1:])
    return [(part, True) for part in added] if is_list else [(line, False)]


def _sentences(part: str) -> list[str]:
    found: list[str] = []
    start = 0
    rest = _GREETING.sub("", part, count=1) if _GREETING.match(part) else part
    for end in _SENTENCE_END.finditer(rest):
        if not _ABBREVIATION.search(rest[: end.start()][-12:]):
            found.append(rest[start : end.end()].strip())
            start = end.end()
    found.append(rest[start:].strip())
    cut = (sentence[:MAX_SENTENCE_CHARS] for sentence in found)
    return [sentence for sentence in cut if any(char.isalnum() for char in sentence)]


def _is_courtesy(sentence: str) -> bool:
    return is_closing(sentence) or _SIGNED.match(sentence) is not None
