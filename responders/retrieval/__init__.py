"""Ranking passages by meaning and by words, and the probability that the best one answers a query.

Pure: vectors and candidates are arguments. Imports only chunks, words and schemas.
"""

from responders.retrieval.chunk_vectors import embed_chunks, embedding_parts
from responders.retrieval.confidence import Confidence
from responders.retrieval.embedding import Embedder
from responders.retrieval.index import ArticleIndex
from responders.retrieval.ranking import Passage, fuse

__all__ = [
    "ArticleIndex",
    "Confidence",
    "Embedder",
    "Passage",
    "embed_chunks",
    "embedding_parts",
    "fuse",
]
