"""The runs of letters of a sentence, hashed into buckets."""

import re
import zlib
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Int64

BUCKETS: Final = 65_536
"""Buckets of all grams. Two grams may share one."""

_LENGTHS: Final = (3, 4, 5)
"""Letters of a gram. By left-out writer, grams of letters find as much as words and pairs of words, and mark
fewer look-alikes."""

_MOST_LETTERS: Final = 1_000
"""Letters of a sentence that are read. Chosen by hand."""

_LINK = re.compile(r"https?://\S+")
_DIGITS = re.compile(r"\d+")


def grams(sentence: str) -> Int64:
    """Return the buckets of a sentence's grams, each once, ascending. Case, digits and links do not matter.

    >>> grams("Say 10") .tolist() == grams("say 2").tolist()
    True
    >>> grams(" ").tolist()
    []
    """
    plain = _DIGITS.sub("0", _LINK.sub("urlx", sentence[:_MOST_LETTERS].lower()))
    found = {gram for word in set(plain.split()) for gram in _of_word(f" {word} ")}
    buckets = {zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS for gram in found}
    return np.array(sorted(buckets), dtype=np.int64)


def _of_word(word: str) -> set[str]:
    """Return the grams of a word between blanks; a word shorter than a gram is one itself."""
    return {
        word[start : start + length] for length in _LENGTHS for start in range(max(1, len(word) - length + 1))
    }
