"""Ranking chunks for a query: similarity (meaning) and BM25 (words) in one score.

Pure: the caller finds the candidates and passes their similarities and how rare the query's words are.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from pydantic import Field

from responders.chunks.chunk import KnowledgeChunk
from responders.retrieval.embedding import PART_STEPS, PartArray
from responders.retrieval.query import AROUND_WEIGHT, Query
from responders.retrieval.word_vectors import nearness
from responders.words import content_stems
from schemas.base import Record

SIMILARITY_WEIGHT: Final = 1.15
"""Weight of the similarity in a score.

The weights are scaled so that the best passage leads by as much as when the weight of words was .2, because
limits of the lead and of close scores are in these points.
"""

LEXICAL_WEIGHT: Final = 0.115
"""Points that the best BM25 score adds, a tenth of the weight of similarity; lower ones add their share.

Customers seldom use the words of the section that answers. By `python -m tests.responders.ranking_weights` on
c5 and c6 of `detectors/matching/corpus` the right section is first for .54 and .55 of the questions, with
twice the weight for .50 and .49, with half of it for .53 and .57.
"""

WORDS_WEIGHT: Final = 1.44
"""Weight of the nearness by words in a score.

Measured on the asks of three help centres before the encoder was trained, with a similarity of weight 1: 0
ranks the right article first for .68 of the asks, 0.5 for .71, 1 to 1.5 for .73.
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

AVERAGE_TERMS: Final = 32
"""Stems of a chunk of usual length, title and heading twice; a longer chunk is discounted.

The mean of 262 chunks of a help centre. It is a constant, so that a score does not depend on which other
chunks are candidates.
"""

CONTRAST_FROM, CONTRAST_TO = 5, 30
"""Places of the passages that show how near chunks come to a query by chance."""

USUAL_CONTRAST: Final = 0.3
"""The contrast if there are too few other passages: that of a passage that answers. Measured."""

MAX_TERM_CHARS: Final = 100
"""Characters of a stem of a query. A longer run of letters is no word, and PostgreSQL refuses a query with
a word of more than 2,046 bytes."""

MAX_QUERY_TERMS: Final = 64
"""Distinct stems of a query that are used, first ones first; bounds the time of a search."""

_IDENTIFIER = re.compile(r"\b(?:[A-Za-z]{1,10}[-_]?\d[\w-]*|\d{3})\b", re.ASCII)


class Passage(Record):
    """A chunk with its marks for one query.

    `similarity` is how near query and chunk are in meaning, in [-1, 1], and `nearness` how near the chunk
    comes to each word of the query. `score` orders the passages: similarity, nearness, BM25 and the bonus for
    codes. `coverage` is the share of the query's terms, weighted by rarity, that the chunk has. `contrast` is
    by how much the similarity exceeds that of passages far down the list. `sentences` are the mean
    cosines of ask and message with each of the first sentences of the chunk; empty if they are not known.
    """

    chunk: KnowledgeChunk
    similarity: float
    score: float
    nearness: float = 0.0
    coverage: float = Field(default=0.0, ge=0.0, le=1.0)
    contrast: float = USUAL_CONTRAST
    sentences: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk to rank: its similarity to the query, in [-1, 1], and the vectors of its words and parts.

    The vectors are None if they are not known; the first part is the name of the chunk.
    """

    chunk: KnowledgeChunk
    similarity: float
    words: PartArray | None = None
    parts: PartArray | None = None


@dataclass(frozen=True, slots=True)
class WordCounts:
    """The number of chunks of a knowledge base, and in how many a stem is; a missing stem is in none."""

    chunks: int
    holding: Mapping[str, int] = field(default_factory=dict)

    def at_least(self, terms: Sequence[str], documents: Sequence[Counter[str]]) -> "WordCounts":
        """Return the counts with no stem rarer than in some chunks (counted stems) of the knowledge base."""
        seen = {term: sum(1 for document in documents if document[term]) for term in terms}
        told = {term: max(self.holding.get(term, 0), count) for term, count in seen.items()}
        return WordCounts(max(self.chunks, len(documents)), told)

    def rarity(self) -> dict[str, float]:
        """Return the BM25 rarity of each stem, above 0.

        >>> [round(rarity, 2) for rarity in WordCounts(9, {"export": 8, "sso": 1}).rarity().values()]
        [0.16, 1.9]
        """
        return {term: math.log(1 + (self.chunks - n + 0.5) / (n + 0.5)) for term, n in self.holding.items()}


def chunk_terms(chunk: KnowledgeChunk) -> Counter[str]:
    """Return how often each stem is in a chunk; title, heading and tags count twice."""
    return _counted(f"{chunk.title}\n{chunk.heading}\n{' '.join(chunk.tags)}", chunk.body)


@lru_cache(maxsize=20_000)
def _counted(named: str, body: str) -> Counter[str]:
    terms = content_stems(named)
    return Counter(terms + terms + content_stems(body))


def query_terms(query: str) -> list[str]:
    """Return the distinct stems of a query, in order, at most MAX_QUERY_TERMS.

    Stems longer than MAX_TERM_CHARS are left out.

    >>> query_terms("Exports " + "x" * 5_000)
    ['export']
    """
    stems = (stem for stem in content_stems(query) if len(stem) <= MAX_TERM_CHARS)
    return list(dict.fromkeys(stems))[:MAX_QUERY_TERMS]


def bm25(terms: Sequence[str], documents: Sequence[Counter[str]], rarity: Mapping[str, float]) -> list[float]:
    """Return the BM25 score of each document (counted stems) for the query's distinct stems, in order.

    >>> documents = [Counter(["export", "fail"]), Counter(["label"])]
    >>> [round(score, 2) for score in bm25(["export"], documents, {"export": 0.7})]
    [1.14, 0.0]
    """
    return [
        math.fsum(rarity[term] * saturated(count[term], count.total()) for term in terms if count[term])
        for count in documents
    ]


def saturated(count: int, length: int) -> float:
    """Return the weight of a stem that is `count` times among `length` stems."""
    softener = BM25_SATURATION * (1 - BM25_LENGTH + BM25_LENGTH * length / AVERAGE_TERMS)
    return count * (BM25_SATURATION + 1) / (count + softener)


def fuse(similarities: Sequence[float], lexical_scores: Sequence[float]) -> list[float]:
    """Return the fused score of each candidate: its own, plus LEXICAL_WEIGHT x its share of the best BM25.

    Scores are added and not reciprocal ranks, because a rank forgets by how much one candidate is nearer.

    >>> fuse([0.5, 0.25], [0.0, 3.0]) == [0.5, 0.25 + LEXICAL_WEIGHT]
    True
    """
    best = max(lexical_scores, default=0.0) or 1.0
    return [
        similarity + LEXICAL_WEIGHT * (score / best)
        for similarity, score in zip(similarities, lexical_scores, strict=True)
    ]


def rank(query: Query, candidates: Sequence[Candidate], counts: WordCounts, *, limit: int) -> list[Passage]:
    """Rank candidate chunks for one query: best first, at most `limit`; equal scores in order of chunk ids.

    `counts` are of the whole knowledge base.
    """
    chunks = [candidate.chunk for candidate in candidates]
    terms = query_terms(query.text)
    documents = [chunk_terms(chunk) for chunk in chunks]
    weights = _weights(query, counts.at_least(terms, documents).rarity())
    near = _nearness(query, candidates, weights)
    scores = _scores(query, candidates, near, bm25(terms, documents, weights))
    rows = sorted(range(len(chunks)), key=lambda row: (-scores[row], chunks[row].chunk_id))
    usual = _usual([candidates[row].similarity for row in rows])
    return [
        Passage(
            chunk=chunks[row],
            similarity=candidates[row].similarity,
            score=scores[row],
            nearness=near[row],
            coverage=_coverage(terms, documents[row], weights),
            contrast=USUAL_CONTRAST if usual is None else candidates[row].similarity - usual,
            sentences=_sentences(query, candidates[row]),
        )
        for row in rows[:limit]
    ]


def _sentences(query: Query, candidate: Candidate) -> tuple[float, ...]:
    """Return how near each sentence of a candidate is to the ask and to its message, in order."""
    if candidate.parts is None or len(candidate.parts) < 2:
        return ()
    asked = (query.ask_vector + query.vector) / 2
    near = candidate.parts[1:].astype(np.float32) @ asked / PART_STEPS
    return tuple(near.tolist())


def _weights(query: Query, rarity: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each stem: its rarity, less if the ask does not have it."""
    asked = set(content_stems(query.focus)) if query.focus else set(rarity)
    return {term: rare * (1.0 if term in asked else AROUND_WEIGHT) for term, rare in rarity.items()}


def _nearness(query: Query, candidates: Sequence[Candidate], weights: Mapping[str, float]) -> list[float]:
    """Return how near each candidate comes to the words of a query; its similarity if that is not known."""
    found = nearness(query.words, weights, [candidate.words for candidate in candidates])
    return [
        candidate.similarity if one is None else one for one, candidate in zip(found, candidates, strict=True)
    ]


def _scores(
    query: Query, candidates: Sequence[Candidate], near: Sequence[float], lexical: Sequence[float]
) -> list[float]:
    fused = fuse([SIMILARITY_WEIGHT * candidate.similarity for candidate in candidates], lexical)
    bonus = _identifier_bonus(query.text, [candidate.chunk for candidate in candidates])
    return [
        score + WORDS_WEIGHT * words + more for score, words, more in zip(fused, near, bonus, strict=True)
    ]


def _usual(ranked: Sequence[float]) -> float | None:
    """Return the mean similarity of the passages far down a list; None if the list is too short."""
    far = ranked[CONTRAST_FROM:CONTRAST_TO]
    return math.fsum(far) / len(far) if len(far) > 1 else None


def _identifier_bonus(query: str, chunks: Sequence[KnowledgeChunk]) -> list[float]:
    """Return the bonus of each chunk for having a code of the query: TR-105 is not TR-101."""
    asked = _codes(query)
    if not asked:
        return [0.0] * len(chunks)
    held = [_codes(f"{chunk.title} {chunk.heading} {chunk.body}") for chunk in chunks]
    return [IDENTIFIER_BONUS if codes & asked else 0.0 for codes in held]


def _codes(text: str) -> set[str]:
    return {code.lower() for code in _IDENTIFIER.findall(text)}


def _coverage(terms: Sequence[str], document: Counter[str], rarity: Mapping[str, float]) -> float:
    total = math.fsum(rarity[term] for term in terms)
    found = math.fsum(rarity[term] for term in terms if document[term])
    return min(1.0, found / total) if total else 0.0
