"""Ranking chunks for a query: cosine (meaning) and BM25 (words) in one score.

Pure: the caller finds the candidates and passes their cosines.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from pydantic import Field

from responders.chunks.chunk import KnowledgeChunk
from responders.words import content_stems
from schemas.base import Record

LEXICAL_WEIGHT: Final = 0.2
"""Points of cosine that the best BM25 score adds; lower scores add their share of it.

Chosen by hand. On the sample company the right source is first for 246 of 318 tickets at 0, for 253 at 0.2
and for 260 at 0.4: the ranking depends little on it.
"""

IDENTIFIER_BONUS: Final = 0.15
"""Points of cosine for a chunk that contains a code of the query, such as TR-105.

Chosen by hand, so that a code ranks sections that differ in little else. On the sample company,
whose tickets seldom name a code, it changes 2 of 318 first places.
"""

BM25_SATURATION: Final = 1.2
"""BM25's k1: how much repetitions of a word add; 0 for nothing. The usual value."""

BM25_LENGTH: Final = 0.75
"""BM25's b: how much a long document is discounted; 0 for not at all, 1 for fully. The usual value."""

MAX_QUERY_TERMS: Final = 64
"""Distinct stems of a query that are used, first ones first; bounds the time of a search."""

_IDENTIFIER = re.compile(r"\b(?:[A-Za-z]{1,10}[-_]?\d[\w-]*|\d{3})\b", re.ASCII)


class Passage(Record):
    """A chunk with its marks for one query.

    `similarity` is the cosine of both vectors in [-1, 1]. `score` orders the passages: cosine, BM25 and the
    bonus for codes. `coverage` is the share of the query's terms, weighted by rarity, that the chunk has.
    """

    chunk: KnowledgeChunk
    similarity: float
    score: float
    coverage: float = Field(default=0.0, ge=0.0, le=1.0)


def chunk_terms(chunk: KnowledgeChunk) -> Counter[str]:
    """Return how often each stem is in a chunk; title, heading and tags count twice."""
    return _counted(f"{chunk.title}\n{chunk.heading}\n{' '.join(chunk.tags)}", chunk.body)


@lru_cache(maxsize=20_000)
def _counted(named: str, body: str) -> Counter[str]:
    terms = content_stems(named)
    return Counter(terms + terms + content_stems(body))


def query_terms(query: str) -> list[str]:
    """Return the distinct stems of a query, in order, at most MAX_QUERY_TERMS."""
    return list(dict.fromkeys(content_stems(query)))[:MAX_QUERY_TERMS]


def bm25(terms: Sequence[str], documents: Sequence[Counter[str]]) -> list[float]:
    """Return the BM25 score of each document (counted stems) for the query's distinct stems, in order.

    >>> [round(score, 2) for score in bm25(["export"], [Counter(["export", "fail"]), Counter(["label"])])]
    [0.61, 0.0]
    """
    lengths = [document.total() for document in documents]
    average = sum(lengths) / max(1, len(lengths)) or 1.0
    rarity = _rarity(terms, documents)
    return [
        math.fsum(rarity[term] * _saturated(count[term], length / average) for term in terms if count[term])
        for count, length in zip(documents, lengths, strict=True)
    ]


def _saturated(count: int, relative_length: float) -> float:
    softener = BM25_SATURATION * (1 - BM25_LENGTH + BM25_LENGTH * relative_length)
    return count * (BM25_SATURATION + 1) / (count + softener)


def _rarity(terms: Sequence[str], counts: Sequence[Counter[str]]) -> dict[str, float]:
    total = len(counts)
    holding = {term: sum(1 for count in counts if count[term]) for term in terms}
    return {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in holding.items()}


def fuse(similarities: Sequence[float], lexical_scores: Sequence[float]) -> list[float]:
    """Return the fused score of each candidate: its cosine, plus LEXICAL_WEIGHT x its share of the best BM25.

    Scores are added and not reciprocal ranks, because a rank forgets by how much one candidate is nearer.

    >>> fuse([0.5, 0.25], [0.0, 3.0]) == [0.5, 0.25 + LEXICAL_WEIGHT]
    True
    """
    best = max(lexical_scores, default=0.0) or 1.0
    return [
        similarity + LEXICAL_WEIGHT * (score / best)
        for similarity, score in zip(similarities, lexical_scores, strict=True)
    ]


def rank(
    query: str, chunks: Sequence[KnowledgeChunk], similarities: Sequence[float], *, limit: int
) -> list[Passage]:
    """Rank candidate chunks for one query: best first, at most `limit`; equal scores in order of chunk ids.

    `similarities` are the cosines of `chunks` to the query, in the order of `chunks`.
    """
    terms = query_terms(query)
    counts = [chunk_terms(chunk) for chunk in chunks]
    fused = fuse(similarities, bm25(terms, counts))
    scores = [score + bonus for score, bonus in zip(fused, _identifier_bonus(query, chunks), strict=True)]
    rarity = _rarity(terms, counts)
    rows = sorted(range(len(chunks)), key=lambda row: (-scores[row], chunks[row].chunk_id))[:limit]
    return [
        Passage(
            chunk=chunks[row],
            similarity=similarities[row],
            score=scores[row],
            coverage=_coverage(terms, counts[row], rarity),
        )
        for row in rows
    ]


def _identifier_bonus(query: str, chunks: Sequence[KnowledgeChunk]) -> list[float]:
    """Return the bonus of each chunk for having a code of the query: TR-105 is not TR-101."""
    asked = _codes(query)
    if not asked:
        return [0.0] * len(chunks)
    held = [_codes(f"{chunk.title} {chunk.heading} {chunk.body}") for chunk in chunks]
    return [IDENTIFIER_BONUS if codes & asked else 0.0 for codes in held]


def _codes(text: str) -> set[str]:
    return {code.lower() for code in _IDENTIFIER.findall(text)}


def _coverage(terms: Sequence[str], document: Counter[str], rarity: dict[str, float]) -> float:
    total = math.fsum(rarity[term] for term in terms)
    found = math.fsum(rarity[term] for term in terms if document[term])
    return min(1.0, found / total) if total else 0.0
