"""The chunks that a search ranks: those nearest by meaning, and those that are best by words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, func, literal_column, select, text, union
from sqlmodel import Session, col

from responders.chunks.chunk import KnowledgeChunk
from responders.retrieval.embedding import EmbeddingArray, PartArray, similarity
from responders.retrieval.query import Query
from responders.retrieval.ranking import Candidate, WordCounts, query_terms, rank
from responders.retrieval.word_vectors import WORD_WIDTH
from schemas.tables import CHUNK_WORDS, EMBEDDING_DIMENSIONS, ChunkRow, SourceRow

CANDIDATES: Final = 40
"""Chunks found by vectors, and as many by words, that are ranked for one query."""

FEW_CHUNKS: Final = 5_000
"""Up to so many chunks, a search reads all vectors and counts words exactly; both take a few milliseconds.

With more, it uses the index over vectors, which finds nearly all of the nearest, and PostgreSQL's statistics.
"""

MATCHED_ROWS: Final = 2_000
"""Chunks that the words of a query may match together if there are more than FEW_CHUNKS.

The rarest words are searched first. Chosen by hand: ranking so many rows takes about 10 ms.
"""

FOUND_MOST: Final = 8
"""Passages that a search by words alone returns."""

EXAMINED: Final = 100
"""Vectors that the index examines for one query (hnsw.ef_search); more are more exact and slower."""

_CHUNK_COLUMNS: Final = [
    getattr(ChunkRow, name) for name in KnowledgeChunk.model_fields if name in ChunkRow.model_fields
]
_VECTORS: Final = [col(ChunkRow.parts), col(ChunkRow.words)]
_ENGLISH: Final[ColumnElement[str]] = literal_column("'english'::regconfig")
_SIMPLE: Final[ColumnElement[str]] = literal_column("'simple'::regconfig")
_OWNER: Final = col(SourceRow.record)["account_id"].as_string()

_SIZE: Final = text("SELECT count(*) FROM (SELECT 1 FROM chunks LIMIT :most) AS counted")
_ESTIMATED_SIZE: Final = text("SELECT reltuples FROM pg_class WHERE oid = CAST('chunks' AS regclass)")
_COUNTS: Final = text(
    "SELECT term, (SELECT count(*) FROM chunks WHERE search_words @@ CASE WHEN term LIKE '%-%'"
    " THEN phraseto_tsquery('english', term) ELSE CAST(quote_literal(term) AS tsquery) END)"
    " FROM unnest(CAST(:terms AS text[])) AS term"
)
_SHARES: Final = text(
    "SELECT word, share FROM pg_stats, unnest(CAST(CAST(most_common_elems AS text) AS text[]),"
    " most_common_elem_freqs) AS common(word, share)"
    " WHERE schemaname = ANY(current_schemas(false)) AND tablename = 'chunks'"
    " AND attname = 'search_words' AND word = ANY(CAST(:terms AS text[]))"
)
_EXACT: Final = text("SELECT set_config('enable_indexscan', 'off', true)")
_BY_INDEX: Final = text(
    "SELECT set_config('hnsw.ef_search', :examined, true),"
    " set_config('hnsw.iterative_scan', 'strict_order', true)"
)


def counted_words(session: Session, terms: Sequence[str]) -> WordCounts:
    """Return how many chunks there are, and how many hold each stem.

    Up to FEW_CHUNKS both are exact. With more they are PostgreSQL's statistics, which name the common words;
    a stem that they do not name is rare and not in the result.
    """
    bound = {"terms": list(terms)}
    size = int(session.execute(_SIZE, {"most": FEW_CHUNKS + 1}).scalar_one())
    if size <= FEW_CHUNKS:
        found = {str(term): int(count) for term, count in session.execute(_COUNTS, bound)} if terms else {}
        return WordCounts(size, found)
    size = max(size, int(session.execute(_ESTIMATED_SIZE).scalar_one()))
    shares = session.execute(_SHARES, bound)
    return WordCounts(size, {str(word): round(float(share) * size) for word, share in shares})


def candidates(session: Session, query: Query) -> tuple[list[Candidate], WordCounts]:
    """Return the chunks to rank by id, with their similarities to the query, and the word counts."""
    terms = query_terms(query.text)
    counts = counted_words(session, terms)
    found = select(_nearest(session, query.vector, counts).subquery().c.chunk_id)
    searched = _searched(terms, counts)
    wanted: Any = union(found, select(_by_words(searched).subquery().c.chunk_id)) if searched else found
    rows = session.execute(_chosen(query.vector, wanted)).mappings()
    return [_candidate(dict(row), query.vector) for row in rows], counts


def _candidate(row: dict[str, Any], vector: EmbeddingArray) -> Candidate:
    cosine, parts, words = row.pop("cosine"), row.pop("parts"), row.pop("words")
    told, own = unpacked(parts), None if words is None else unpacked(words, WORD_WIDTH)
    near = similarity(_cosine(cosine), told, vector)
    return Candidate(KnowledgeChunk.model_validate(row), near, own, told)


def passages_with(session: Session, chunk_ids: Sequence[str]) -> list[KnowledgeChunk]:
    """Return the passages as they are stored now, in the order of the ids; withdrawn ones are left out."""
    found = {chunk.chunk_id: chunk for chunk in _chunks(session, list(chunk_ids))}
    return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]


def passages_by_words(session: Session, query: str, *, limit: int = FOUND_MOST) -> list[KnowledgeChunk]:
    """Return the passages that share words with a masked query, best first, at most `limit`.

    They are ranked as for a draft, but by words and codes alone, for a process without a model of meaning.
    """
    terms = query_terms(query)
    counts = counted_words(session, terms)
    searched = _searched(terms, counts)
    if not searched:
        return []
    chunks = _chunks(session, select(_by_words(searched).subquery().c.chunk_id))
    asked = Query(query, np.zeros(EMBEDDING_DIMENSIONS, dtype=np.float32))
    return [
        passage.chunk
        for passage in rank(asked, [Candidate(chunk, 0.0) for chunk in chunks], counts, limit=limit)
    ]


def _chunks(session: Session, chunk_ids: Any) -> list[KnowledgeChunk]:
    """Return the stored chunks with these ids (a list, or a query for ids), in order of their ids."""
    wanted = (
        select(*_CHUNK_COLUMNS, _OWNER.label("account_id"))
        .join(SourceRow, col(SourceRow.source_id) == col(ChunkRow.source_id))
        .where(col(ChunkRow.chunk_id).in_(chunk_ids))
        .order_by(col(ChunkRow.chunk_id))
    )
    return [KnowledgeChunk.model_validate(dict(row)) for row in session.execute(wanted).mappings()]


def unpacked(stored: bytes | None, width: int = EMBEDDING_DIMENSIONS) -> PartArray:
    """Return the stored vectors of a chunk, (n, width); none if an older build stored it.

    >>> unpacked(None).shape, unpacked(bytes(768)).shape
    ((0, 384), (2, 384))
    """
    return np.frombuffer(stored or b"", dtype=np.int8).reshape(-1, width)


def _nearest(session: Session, vector: EmbeddingArray, counts: WordCounts) -> Any:
    distance: ColumnElement[float] = ChunkRow.embedding.cosine_distance(vector)
    nearest = select(col(ChunkRow.chunk_id)).limit(CANDIDATES)
    if counts.chunks <= FEW_CHUNKS:
        session.execute(_EXACT)
        return nearest.order_by(distance, col(ChunkRow.chunk_id))
    session.execute(_BY_INDEX, {"examined": str(EXAMINED)})
    return nearest.order_by(distance)


def _searched(terms: Sequence[str], counts: WordCounts) -> list[str]:
    """Return the stems to search for, the rarest first; of many chunks only those that match few of them."""
    if counts.chunks <= FEW_CHUNKS:
        return list(terms)
    return rarest(terms, counts.holding, most=MATCHED_ROWS)


def rarest(terms: Sequence[str], holding: Mapping[str, int], *, most: int) -> list[str]:
    """Return the rarest stems, which are together in at most `most` chunks; an uncounted stem is in few.

    >>> rarest(["export", "sso", "fail"], {"export": 900, "fail": 300}, most=500)
    ['sso', 'fail']
    """
    chosen, matched = [], 0
    for term in sorted(terms, key=lambda term: holding.get(term, 0)):
        matched += holding.get(term, 0)
        if matched > most:
            break
        chosen.append(term)
    return chosen


def _by_words(terms: Sequence[str]) -> Any:
    asked = _asked(terms)
    best = func.ts_rank_cd(CHUNK_WORDS, asked).desc()
    found = select(col(ChunkRow.chunk_id)).where(CHUNK_WORDS.op("@@")(asked))
    return found.order_by(best, col(ChunkRow.chunk_id)).limit(CANDIDATES)


def _asked(terms: Sequence[str]) -> ColumnElement[str]:
    """Return the full-text query for any of the stems; a code such as tr-105 is a phrase of its parts."""
    plain = " | ".join(f"'{term}'" for term in terms if "-" not in term)
    phrases = [func.phraseto_tsquery(_ENGLISH, term) for term in terms if "-" in term]
    asked: ColumnElement[str] = func.to_tsquery(_SIMPLE, plain)
    for phrase in phrases:
        asked = asked.op("||")(phrase)
    return asked


def _chosen(vector: EmbeddingArray, wanted: Any) -> Any:
    ids = select(wanted.subquery().c.chunk_id)
    cosine = 1 - ChunkRow.embedding.cosine_distance(vector)
    return (
        select(
            *_CHUNK_COLUMNS,
            *_VECTORS,
            _OWNER.label("account_id"),
            cosine.label("cosine"),
        )
        .join(SourceRow, col(SourceRow.source_id) == col(ChunkRow.source_id))
        .where(col(ChunkRow.chunk_id).in_(ids))
        .order_by(col(ChunkRow.chunk_id))
    )


def _cosine(value: float) -> float:
    return min(1.0, max(-1.0, float(value)))
