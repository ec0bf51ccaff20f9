"""The baselines of retrieval: full text only, and meaning only, over chunks in memory."""

from collections.abc import Sequence

import numpy as np

from detectors.sentiment.arrays import Float64
from responders.chunks.chunk import KnowledgeChunk
from responders.retrieval.embedding import EmbeddingArray
from responders.retrieval.ranking import AVERAGE_TERMS, BM25_LENGTH, BM25_SATURATION, chunk_terms, query_terms


class WordIndex:
    """The stems of some chunks, for a search by BM25 alone; the scores are those of `ranking.bm25`."""

    def __init__(self, chunks: Sequence[KnowledgeChunk]) -> None:
        counts = [chunk_terms(chunk) for chunk in chunks]
        relative = np.array([count.total() for count in counts], dtype=float) / AVERAGE_TERMS
        self._softeners = BM25_SATURATION * (1 - BM25_LENGTH + BM25_LENGTH * relative)
        self._places: dict[str, list[tuple[int, int]]] = {}
        for place, count in enumerate(counts):
            for term, times in count.items():
                self._places.setdefault(term, []).append((place, times))

    def scores(self, query: str) -> Float64:
        """Return the BM25 score of each chunk (chunks,), in their order."""
        found = np.zeros(len(self._softeners))
        for term in query_terms(query):
            places = self._places.get(term)
            if places:
                rows, times = np.array(places).T
                rarity = np.log(1 + (len(found) - len(rows) + 0.5) / (len(rows) + 0.5))
                found[rows] += rarity * times * (BM25_SATURATION + 1) / (times + self._softeners[rows])
        return found

    def share_found(self, query: str, chunk: int) -> float:
        """Return the share of the query's stems that a chunk has, in [0, 1]; 0 without stems."""
        terms = query_terms(query)
        held = sum(any(place == chunk for place, _ in self._places.get(term, ())) for term in terms)
        return held / len(terms) if terms else 0.0


def best_sources(scores: Float64 | EmbeddingArray, sources: Sequence[str]) -> tuple[str, ...]:
    """Return the sources of the chunks in order of their scores (chunks,), each once, best first.

    >>> best_sources(np.array([0.1, 0.9, 0.5]), ["a", "b", "a"])
    ('b', 'a')
    """
    order = np.argsort(-scores, kind="stable")
    return tuple(dict.fromkeys(sources[place] for place in order))
