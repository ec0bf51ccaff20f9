"""Words, stems and sentences of English text: what retrieval ranks by and policy compares."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

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

_WORD = re.compile(r"[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')\]]*\s+(?=[\"“'(\[]?[A-Z0-9{])")
_SUFFIXES: Final = (
    ("izations", "iz"),
    ("ization", "iz"),
    ("ations", "at"),
    ("ation", "at"),
    ("ements", ""),
    ("ement", ""),
    ("ments", ""),
    ("ment", ""),
    ("ingly", ""),
    ("edly", ""),
    ("ities", ""),
    ("ing", ""),
    ("ions", ""),
    ("ion", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ers", ""),
    ("er", ""),
    ("ed", ""),
    ("es", ""),
    ("ly", ""),
    ("s", ""),
    ("e", ""),
)


def words(text: str) -> list[str]:
    """Return the words of `text` in order, lower-case, typographic apostrophes made plain.

    >>> words("Don’t re-run Export #12!")
    ["don't", 're-run', 'export', '12']
    """
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a crude stem: the first fitting suffix is cut where four or more letters stay (three for "s").

    >>> stem("exports"), stem("exporting"), stem("exported"), stem("labelled"), stem("labels"), stem("ai")
    ('export', 'export', 'export', 'label', 'label', 'ai')
    """
    word = word.removesuffix("'s").replace("'", "")
    if word.endswith("ss") or not word.isalpha():
        return word
    for suffix, instead in _SUFFIXES:
        kept = len(word) - len(suffix)
        if word.endswith(suffix) and kept + len(instead) >= (3 if len(suffix) == 1 else 4):
            return _undouble(word[:kept] + instead)
    return word


def _undouble(word: str) -> str:
    doubled = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou"
    return word[:-1] if doubled else word


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order, with repetitions.

    >>> content_stems("How can I export my labels to S3?")
    ['export', 'label', 's3']
    """
    return [
        stem(word) for word in words(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


def sentences(text: str) -> list[str]:
    r"""Split prose into sentences, in order; line breaks end a sentence too.

    >>> sentences("Open Settings. Choose v1.2, e.g. the default!\nSave")
    ['Open Settings.', 'Choose v1.2, e.g. the default!', 'Save']
    """
    lines = (line.strip() for line in text.splitlines())
    return [part.strip() for line in lines if line for part in _SENTENCE_END.split(line) if part.strip()]


def overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the Jaccard overlap of two bags of stems, in [0, 1]; two empty ones do not overlap.

    >>> overlap(["export", "label"], ["export", "task", "label", "run"])
    0.5
    """
    union = set(one) | set(other)
    return len(set(one) & set(other)) / len(union) if union else 0.0
