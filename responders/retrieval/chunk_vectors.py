"""The vectors of chunks: of the whole chunk, of its name and sentences, and of its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from responders.chunks.chunk import KnowledgeChunk
from responders.retrieval.embedding import (
    MAX_PARTS,
    NAME_WEIGHT,
    QUESTION_WEIGHT,
    Embedder,
    EmbeddingArray,
    PartArray,
    packed,
)
from responders.retrieval.word_vectors import packed_words, word_vectors
from responders.words import sentences

READ_AT_ONCE: Final = 256
"""Texts whose token states are in memory at once: about 40 MB."""


@dataclass(frozen=True, slots=True)
class ChunkVectors:
    """The vectors of chunks, in order.

    `whole` is (n, 384); each chunk has `parts` (1 to MAX_PARTS, 384) and `words` (0 to MAX_WORDS,
    WORD_WIDTH).
    """

    whole: EmbeddingArray
    parts: tuple[PartArray, ...]
    words: tuple[PartArray, ...]


def embedding_parts(chunk: KnowledgeChunk) -> tuple[tuple[float, str], ...]:
    """Return the (weight, text) pairs whose vectors, weighted and added, point along the chunk's vector.

    A section of an article has its name (title and heading) and its text, a macro or a solved ticket has its
    question and its answer.
    """
    if chunk.source_kind == "article":
        name = name_of(chunk)
        return ((NAME_WEIGHT, name), (1 - NAME_WEIGHT, f"{name}. {chunk.body}"))
    return ((QUESTION_WEIGHT, name_of(chunk)), (1 - QUESTION_WEIGHT, f"{chunk.title}. {chunk.body}"))


def part_texts(chunk: KnowledgeChunk) -> list[str]:
    """Return the name of a chunk and its first sentences: each may be what a question is about."""
    return [name_of(chunk), *sentences(chunk.body)[: MAX_PARTS - 1]]


def name_of(chunk: KnowledgeChunk) -> str:
    """Return the title and heading of an article's section, or the question of a macro or solved ticket."""
    if chunk.source_kind == "article":
        return f"{chunk.title}: {chunk.heading}" if chunk.heading else chunk.title
    return chunk.heading or chunk.title


def embed_chunks(chunks: Sequence[KnowledgeChunk], embedder: Embedder) -> ChunkVectors:
    """Return the vectors of `chunks`, in order; texts that repeat are embedded once."""
    weighted = [embedding_parts(chunk) for chunk in chunks]
    parts = [part_texts(chunk) for chunk in chunks]
    if not chunks:
        return ChunkVectors(np.zeros((0, 384), dtype=np.float32), (), ())
    vectors, words = _read_words([row[1][1] for row in weighted], embedder)
    rest = dict.fromkeys([*(row[0][1] for row in weighted), *(text for row in parts for text in row)])
    texts = [text for text in rest if text not in vectors]
    vectors |= dict(zip(texts, embedder.embed(texts) if texts else (), strict=True))
    summed = np.stack([np.sum([weight * vectors[text] for weight, text in row], axis=0) for row in weighted])
    norms = np.linalg.norm(summed, axis=1, keepdims=True)
    return ChunkVectors(
        np.asarray(summed / np.maximum(norms, 1e-12), dtype=np.float32),
        tuple(packed(np.stack([vectors[text] for text in row])) for row in parts),
        tuple(words),
    )


def _read_words(
    texts: Sequence[str], embedder: Embedder
) -> tuple[dict[str, EmbeddingArray], list[PartArray]]:
    """Return the vector of each text by text, and the vectors of the words of each, in order."""
    vectors: dict[str, EmbeddingArray] = {}
    words: list[PartArray] = []
    for start in range(0, len(texts), READ_AT_ONCE):
        part = texts[start : start + READ_AT_ONCE]
        for text, read in zip(part, embedder.read(part), strict=True):
            vectors[text] = read.vector
            words.append(packed_words(word_vectors(text, read)))
    return vectors, words
