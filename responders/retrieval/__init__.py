"""Finding the passage that answers: ranked by meaning and by words, with a calibrated confidence."""

from responders.retrieval.confidence import answer_probability
from responders.retrieval.embedding import Embedder, EmbeddingArray, embed_chunks, embedding_parts
from responders.retrieval.index import ArticleIndex
from responders.retrieval.ranking import Passage, chunk_terms, fuse, query_terms, rank

__all__ = [
    "ArticleIndex",
    "Embedder",
    "EmbeddingArray",
    "Passage",
    "answer_probability",
    "chunk_terms",
    "embed_chunks",
    "embedding_parts",
    "fuse",
    "query_terms",
    "rank",
]
