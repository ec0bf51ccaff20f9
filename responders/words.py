"""Words, stems and sentences of English text. Retrieval ranks by stems, policy compares them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from snowballstemmer.english_stemmer import EnglishStemmer

STOP_WORDS: Final = frozenset(
    """
    a about after again all also am an and any are as at be because been before being but by can
    cannot could did do does doing done down each else ever few for from further get gets getting
    got had has have having he hello help her here hers hi him his how i if im in into is it its ive
    just kind let like look looks me more most my need no nor not now of off on once one only or
    other our ours out over own please re regards same she should so some such team thank thanks
    than that the their theirs them then there these they thing this those through to too trying
    under until up us use using very want wanted wants was way we were what when where which while
    who whom why will with would yes you your yours dear know one tell anyone someone something
    there's currently really still today able possible question issue problem
    """.split()
)
"""Words without meaning of their own in a support message. They are neither searched nor compared."""

_WORD = re.compile(r"[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')\]]*\s+(?=[\"“'(\[]?[A-Z0-9{])")


def words(text: str) -> list[str]:
    """Return the words of `text` in order, in lower case, with plain apostrophes.

    >>> words("Don’t re-run Export #12!")
    ["don't", 're-run', 'export', '12']
    """
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of a lower-case word by Snowball's English algorithm, as PostgreSQL's `english` does.

    A possessive "'s" and apostrophes are removed first. A word with a digit or a hyphen is its own stem.
    PostgreSQL 18 has Snowball 2, this package Snowball 3: they differ on 7 of the 2,630 words of the sample
    company, such as "paste" and "university".

    >>> stem("exports"), stem("exporting"), stem("exported"), stem("labelled"), stem("queries"), stem("ai")
    ('export', 'export', 'export', 'label', 'queri', 'ai')
    >>> stem("ada's"), stem("re-runs")
    ('ada', 're-runs')
    """
    word = word.removesuffix("'s").replace("'", "")
    # A stemmer keeps the word it works on, so a shared one would mix up the words of two threads.
    return str(EnglishStemmer().stemWord(word)) if word.isalpha() else word


def content_stems(text: str) -> list[str]:
    """Return the stems of all words except STOP_WORDS and single letters, in order, with repetitions.

    >>> content_stems("How can I export my labels to S3?")
    ['export', 'label', 's3']
    """
    return [
        stem(word) for word in words(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


def placed_stems(text: str) -> list[tuple[str, int, int]]:
    """Return the stems of `content_stems` with the first character of each word and the one after its last.

    >>> placed_stems("How do I export it?")
    [('export', 9, 15)]
    """
    placed = [
        (match[0].lower().replace("’", "'"), match.start(), match.end()) for match in _WORD.finditer(text)
    ]
    return [
        (stem(word), start, end)
        for word, start, end in placed
        if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


def sentences(text: str) -> list[str]:
    r"""Split prose into sentences, in order; line breaks end a sentence too.

    >>> sentences("Open Settings. Choose v1.2, e.g. the default!\nSave")
    ['Open Settings.', 'Choose v1.2, e.g. the default!', 'Save']
    """
    lines = (line.strip() for line in text.splitlines())
    return [part.strip() for line in lines if line for part in _SENTENCE_END.split(line) if part.strip()]


def overlap(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the Jaccard overlap of two bags of stems, in [0, 1]; 0 for two empty bags.

    >>> overlap(["export", "label"], ["export", "task", "label", "run"])
    0.5
    """
    union = set(left) | set(right)
    return len(set(left) & set(right)) / len(union) if union else 0.0
