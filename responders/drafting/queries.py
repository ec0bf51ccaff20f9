"""The vectors of the queries of many drafts, from one call."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from responders.retrieval.embedding import Embedder, EmbeddingArray


def query_vectors(queries: Sequence[Sequence[str]], embedder: Embedder) -> list[EmbeddingArray]:
    """Return the unit vectors of the queries of each draft, in order, shape (n, 384); from one call.

    >>> query_vectors([[]], embedder=None)[0].shape
    (0, 384)
    """
    asked = [query for own in queries for query in own]
    rows = embedder.embed(asked) if asked else np.zeros((0, 384), dtype=np.float32)
    ends = np.cumsum([0, *map(len, queries)])
    return [rows[start:end] for start, end in pairwise(ends)]
