"""Vectors of the words of a text in its context, and how near a text comes to each word of a question.

A customer's "lads" stand near the "technicians" of an article, although the texts as a whole are not near.
Source of the idea: late interaction, Khattab and Zaharia 2020, arXiv 2004.12832.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import load_file, save

from responders.retrieval.embedding import PART_STEPS, EmbeddingArray, PartArray, ReadText, packed
from responders.words import placed_stems

WORD_WIDTH: Final = 64
"""Numbers of the vector of a word: its state of 384 numbers on the directions in which states differ most.

Measured on three help centres before the training: 64, 96 and 384 numbers rank equally well.
"""

MAX_WORDS: Final = 96
"""Words of a text that have a vector, first ones first; a section has 22 on average."""

_PROJECTION: Final = Path(__file__).with_name("words.safetensors")


def _none() -> EmbeddingArray:
    return np.zeros((0, WORD_WIDTH), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The stems of the words of a text, in order, and their unit vectors (n, WORD_WIDTH)."""

    stems: tuple[str, ...] = ()
    vectors: EmbeddingArray = field(default_factory=_none)


def word_vectors(text: str, read: ReadText) -> WordVectors:
    """Return the vectors of the words of `text` that have a meaning of their own, at most MAX_WORDS.

    `read` is the text as the encoder reads it. Words after the encoder's first window are left out.
    """
    starts = np.array([start for start, _ in read.spans])
    ends = np.array([end for _, end in read.spans])
    stems: list[str] = []
    states: list[EmbeddingArray] = []
    for stem, start, end in placed_stems(text):
        inside = (starts >= start) & (ends <= end) & (ends > starts)
        if inside.any() and len(stems) < MAX_WORDS:
            stems.append(stem)
            states.append(read.states[inside].mean(axis=0))
    if not stems:
        return WordVectors()
    return WordVectors(tuple(stems), _unit(np.stack(states) @ projection()))


@cache
def projection() -> EmbeddingArray:
    """Return the matrix (384, WORD_WIDTH) that shortens states, by `rapport train matching`."""
    return read_projection(_PROJECTION)


def read_projection(path: Path) -> EmbeddingArray:
    """Return the projection in a file of `save_projection`; raises OSError if it cannot be read."""
    return np.asarray(load_file(path)["projection"], dtype=np.float32)


def save_projection(path: Path, matrix: EmbeddingArray) -> None:
    """Write a projection (384, WORD_WIDTH) in half precision, as `projection` reads it."""
    path.write_bytes(save({"projection": np.ascontiguousarray(matrix, dtype=np.float16)}))


def _unit(rows: EmbeddingArray) -> EmbeddingArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def packed_words(words: WordVectors) -> PartArray:
    """Return the vectors of words in steps of 1 / PART_STEPS, (n, WORD_WIDTH)."""
    return packed(words.vectors)


def nearness(
    asked: WordVectors, weights: Mapping[str, float], texts: Sequence[PartArray | None]
) -> list[float | None]:
    """Return how near each text comes to the words that are asked for, in [-1, 1]; None if it has no words.

    It is the mean over the words of a question of the cosine of the nearest word of the text. `weights` are
    those of the stems; a stem without one does not count.
    """
    counted = np.array([weights.get(stem, 0.0) for stem in asked.stems], dtype=np.float32)
    lengths = [0 if text is None else len(text) for text in texts]
    if not counted.sum() or not any(lengths):
        return [None] * len(texts)
    rows = np.concatenate([text for text in texts if text is not None and len(text)]).astype(np.float32)
    cosines = (rows / PART_STEPS) @ asked.vectors.T
    starts = np.cumsum([0, *(length for length in lengths if length)])[:-1]
    means = iter((np.maximum.reduceat(cosines, starts, axis=0) @ counted / counted.sum()).tolist())
    return [next(means) if length else None for length in lengths]
