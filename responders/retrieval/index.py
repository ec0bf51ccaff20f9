"""An exact index in memory, for tests and evaluation. Production searches in PostgreSQL."""

from collections.abc import Sequence

import numpy as np

from responders.chunks.chunk import KnowledgeSource
from responders.chunks.cutting import chunks_of
from responders.retrieval.embedding import Embedder, EmbeddingArray, embed_chunks
from responders.retrieval.ranking import Passage, rank


class ArticleIndex:
    """The chunks and vectors of some sources in memory. A search is one matrix product over all of them."""

    def __init__(self, sources: Sequence[KnowledgeSource], embedder: Embedder) -> None:
        self._chunks = tuple(chunk for source in sources for chunk in chunks_of(source))
        self._vectors = embed_chunks(self._chunks, embedder)

    def search(self, query: str, vector: EmbeddingArray, *, limit: int) -> list[Passage]:
        """Return at most `limit` passages for a query and its unit vector, best first."""
        similarities = np.clip(self._vectors @ vector, -1.0, 1.0)
        return rank(query, self._chunks, similarities.tolist(), limit=limit)
