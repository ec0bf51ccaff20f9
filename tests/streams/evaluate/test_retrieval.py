"""Figures of searched questions, and the baselines."""

from datetime import UTC, datetime

import numpy as np
import pytest

from responders.chunks.chunk import KnowledgeChunk
from responders.retrieval.ranking import WordCounts, bm25, chunk_terms, query_terms
from streams.evaluate.retrieval import QueryExample, QueryFound, by_meaning, by_words, retrieval_figures
from streams.evaluate.word_search import WordIndex

BODIES = (
    "Export your labels as CSV. The export takes a minute.",
    "Invite a member to the project.",
    "Pay by card.",
)
CHUNKS = [
    KnowledgeChunk(
        chunk_id=f"article:{name}#0",
        source_id=f"article:{name}",
        source_kind="article",
        title=name,
        body=body,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for name, body in zip("abc", BODIES, strict=True)
]
IN_SCOPE = QueryExample(id=1, query="How do I export labels?", sources=("a",))
OUT_OF_SCOPE = QueryExample(id=2, query="What is the weather?")


def found(example: QueryExample, ranked: str, confidence: float) -> QueryFound:
    return QueryFound(example, tuple(ranked), confidence)


def test_a_right_article_counts_at_its_place() -> None:
    figures = retrieval_figures(
        [found(IN_SCOPE, "ba", 0.9), found(IN_SCOPE, "abc", 0.8), found(OUT_OF_SCOPE, "c", 0.1)]
    )
    assert (figures["r_at_1"].value, figures["hit_at_5"].value, figures["auroc"].value) == (0.5, 1.0, 1.0)


def test_a_right_article_at_the_sixth_place_is_no_hit() -> None:
    assert retrieval_figures([found(IN_SCOPE, "bcdefa", 0.9)])["hit_at_5"].value == 0.0


def test_without_questions_out_of_scope_there_is_no_auroc() -> None:
    assert retrieval_figures([found(IN_SCOPE, "a", 0.9)])["auroc"].value is None


def test_the_index_of_words_gives_the_scores_of_bm25() -> None:
    terms, documents = query_terms(IN_SCOPE.query), [chunk_terms(chunk) for chunk in CHUNKS]
    expected = bm25(terms, documents, WordCounts(len(CHUNKS)).at_least(terms, documents).rarity())
    assert WordIndex(CHUNKS).scores(IN_SCOPE.query) == pytest.approx(expected)


def test_full_text_finds_the_article_with_the_words() -> None:
    inside, outside = by_words([IN_SCOPE, OUT_OF_SCOPE], CHUNKS, ["a", "b", "c"])
    assert (inside.ranked[0], inside.confidence, outside.confidence) == ("a", 1.0, 0.0)


def test_meaning_ranks_by_cosine_alone() -> None:
    vectors = np.array([[1.0, 0.0]], dtype=np.float32)
    chunks = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]], dtype=np.float32)
    [one] = by_meaning([IN_SCOPE], vectors, chunks, ["a", "b", "b"])
    assert (one.ranked, one.confidence) == (("b", "a"), 1.0)
