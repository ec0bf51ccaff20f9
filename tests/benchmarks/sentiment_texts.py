"""The texts of the speed comparison: messages cut to a number of tokens, and a real mix."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random

from tokenizers import Tokenizer

CORPUS = Path(__file__).resolve().parents[2] / "detectors/sentiment/corpus"
LONGEST = 256
"""Tokens of a window; the other systems cut there."""

Accepts = Callable[[str, int], bool]
"""Whether our own reading of a text leaves it with so many tokens."""


def corpus_messages() -> list[str]:
    """Return the messages of the corpus in the repository, shuffled with a fixed seed; empty without it."""
    found: list[str] = []
    for file in sorted(CORPUS.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            found += [row["text"] for row in csv.DictReader(rows) if row.get("text")]
    Random(11).shuffle(found)
    return found


def of_length(
    messages: Sequence[str], tokenizer: Tokenizer, tokens: int, count: int, fits: Accepts
) -> list[str]:
    """Return `count` texts of exactly `tokens` tokens with both special ones, cut from joined messages.

    Texts that `fits` refuses are left out; without enough of them, those found are repeated. Without any,
    the texts are words of the tokenizer's vocabulary.
    """
    found = list(islice(_fitting(messages, tokenizer, tokens, fits), count))
    found = found or list(islice(_of_words(tokenizer, tokens), count))
    return [found[number % len(found)] for number in range(count)]


def real_mix(messages: Sequence[str], tokenizer: Tokenizer, count: int) -> list[str]:
    """Return `count` messages as they came; without any, words of the vocabulary, 8 to 256 tokens a text."""
    if messages:
        return [messages[number % len(messages)] for number in range(count)]
    lengths = Random(12)
    sizes = [min(LONGEST, max(8, int(lengths.lognormvariate(3.9, 0.7)))) for _ in range(count)]
    return [next(_of_words(tokenizer, size, seed)) for seed, size in enumerate(sizes)]


def _fitting(messages: Sequence[str], tokenizer: Tokenizer, tokens: int, fits: Accepts) -> Iterator[str]:
    text = ""
    for message in messages:
        text = f"{text} {' '.join(message.split())}".strip()
        encoding = tokenizer.encode(text, add_special_tokens=False)
        if len(encoding.ids) < tokens - 2:
            continue
        cut = text[: encoding.offsets[tokens - 3][1]]
        text = ""
        if len(tokenizer.encode(cut).ids) == tokens and fits(cut, tokens):
            yield cut


def _of_words(tokenizer: Tokenizer, tokens: int, seed: int = 13) -> Iterator[str]:
    words = sorted(word for word in tokenizer.get_vocab() if re.fullmatch("[a-z]{3,}", word))
    chosen = Random(seed)
    while True:
        yield " ".join(chosen.choices(words, k=tokens - 2))
