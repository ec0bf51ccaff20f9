"""An exact index in memory, for tests and evaluation. Production searches in PostgreSQL."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from responders.chunks.chunk import KnowledgeSource
from responders.chunks.cutting import chunks_of
from responders.retrieval.chunk_vectors import embed_chunks
from responders.retrieval.embedding import Embedder, similarity
from responders.retrieval.query import Query
from responders.retrieval.ranking import Candidate, Passage, WordCounts, chunk_terms, query_terms, rank


class ArticleIndex:
    """The chunks and vectors of some sources in memory. A search reads all of them."""

    def __init__(self, sources: Sequence[KnowledgeSource], embedder: Embedder) -> None:
        self._chunks = tuple(chunk for source in sources for chunk in chunks_of(source))
        self._vectors = embed_chunks(self._chunks, embedder)
        self._holding = Counter(term for chunk in self._chunks for term in chunk_terms(chunk))

    def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Return at most `limit` passages for a query, best first."""
        cosines = np.clip(self._vectors.whole @ query.vector, -1.0, 1.0).tolist()
        found = zip(self._chunks, cosines, self._vectors.parts, self._vectors.words, strict=True)
        candidates = [
            Candidate(chunk, similarity(cosine, parts, query.vector), words, parts)
            for chunk, cosine, parts, words in found
        ]
        counts = WordCounts(
            len(self._chunks), {term: self._holding[term] for term in query_terms(query.text)}
        )
        return rank(query, candidates, counts, limit=limit)
