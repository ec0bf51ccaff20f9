"""The sentences of a text, and the sentence of each of its tokens."""

import re
from collections.abc import Sequence
from typing import Final

SentenceSpan = tuple[int, int]
"""The first character of a sentence and the character after its last."""

MAX_SENTENCES: Final = 128
"""Sentences told apart in one text; the last takes the rest. Bounds the work. Chosen by hand."""

_END: Final = re.compile(r"(?<=[.!?…])[\"')\]]{0,3}\s+|\n+")


def sentence_spans(text: str) -> tuple[SentenceSpan, ...]:
    r"""Return the spans of the sentences of `text`, in order; together they cover every word.

    A sentence ends at a full stop, question or exclamation mark before a blank, and at a line end. At most
    MAX_SENTENCES spans; a text without a word has none.

    >>> text = "It failed. Why?\nThanks"
    >>> [text[first:end] for first, end in sentence_spans(text)]
    ['It failed. ', 'Why?\n', 'Thanks']
    """
    spans: list[SentenceSpan] = []
    start = 0
    for match in _END.finditer(text):
        if len(spans) == MAX_SENTENCES - 1:
            break
        if text[start : match.start()].strip():
            spans.append((start, match.end()))
            start = match.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    return tuple(spans)


def sentence_numbers(starts: Sequence[int], spans: Sequence[SentenceSpan]) -> tuple[int, ...]:
    """Return the number of the sentence of each token; `starts` are the tokens' first characters, ascending.

    >>> sentence_numbers([0, 3, 9, 11], [(0, 9), (9, 15)])
    (0, 0, 1, 1)
    """
    numbers = []
    current = 0
    for start in starts:
        while current + 1 < len(spans) and start >= spans[current][1]:
            current += 1
        numbers.append(current)
    return tuple(numbers)
