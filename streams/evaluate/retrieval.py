"""How well the right article is found, and how well the confidence tells what the articles do not answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pydantic import Field

from detectors.sentiment.arrays import Bools, Float64
from detectors.sentiment.weighted import areas_under_curve, calibration_errors
from responders.chunks.chunk import KnowledgeChunk
from responders.retrieval.embedding import EmbeddingArray
from streams.evaluate.bootstrap import Resampling, sampled
from streams.evaluate.examples import LabelledExample
from streams.evaluate.measured import EvaluationReport, Measured, by_group
from streams.evaluate.word_search import WordIndex, best_sources

HIT_AMONG: Final = 5
"""Articles among which a right one counts as found: as many as an agent looks at."""

SEED: Final = 13
"""The seed of the draws: the same results give the same intervals."""


class QueryExample(LabelledExample):
    """A question and the ids of the articles that answer it; none if it is out of scope."""

    query: str = Field(min_length=1)
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryFound:
    """A question, the ids of the articles that were found, best first, and the confidence in [0, 1]."""

    example: QueryExample
    ranked: tuple[str, ...]
    confidence: float

    @property
    def is_first_right(self) -> bool:
        """Whether the first article answers the question."""
        return bool(set(self.ranked[:1]) & set(self.example.sources))

    @property
    def is_found(self) -> bool:
        """Whether an article among the first HIT_AMONG answers the question."""
        return bool(set(self.ranked[:HIT_AMONG]) & set(self.example.sources))

    def as_json(self) -> dict[str, Any]:
        """Return what was decided, as one line of the output file."""
        told = {"id": self.example.id, "ranked": list(self.ranked)}
        return {**told, "confidence": round(self.confidence, 6)}


def retrieval_figures(found: Sequence[QueryFound]) -> dict[str, Measured]:
    """Return the figures of questions that were searched for.

    `r_at_1` and `hit_at_5` are shares of the questions in scope. `auroc` is the probability that a question
    in scope has a higher confidence than one out of scope; `ece` is the calibration error of the confidence
    that the first article answers.
    """
    inside = [one for one in found if one.example.sources]
    return {
        "r_at_1": Measured.share(one.is_first_right for one in inside),
        "hit_at_5": Measured.share(one.is_found for one in inside),
        **_confidence_figures(found),
    }


def _confidence_figures(found: Sequence[QueryFound]) -> dict[str, Measured]:
    confidence = np.array([one.confidence for one in found], dtype=float)
    in_scope = np.array([bool(one.example.sources) for one in found], dtype=bool)
    right = np.array([one.is_first_right for one in found], dtype=bool)

    def measures(weights: Float64) -> dict[str, Float64]:
        return _measures(weights, confidence, in_scope, right)

    drawn = sampled(measures, len(found), Resampling(SEED))
    return {name: Measured.drawn(sample, len(found)) for name, sample in drawn.items()}


def _measures(weights: Float64, confidence: Float64, in_scope: Bools, right: Bools) -> dict[str, Float64]:
    return {
        "auroc": areas_under_curve(weights, confidence, in_scope),
        "ece": calibration_errors(weights, confidence, right),
    }


def by_words(
    examples: Sequence[QueryExample], chunks: Sequence[KnowledgeChunk], sources: Sequence[str]
) -> list[QueryFound]:
    """Search by full text only; `sources` are the articles of the chunks.

    The confidence is the share of the question's stems that the best chunk has.
    """
    index = WordIndex(chunks)
    found = []
    for example in examples:
        scores = index.scores(example.query)
        share = index.share_found(example.query, int(scores.argmax())) if len(scores) else 0.0
        found.append(QueryFound(example, best_sources(scores, sources), share))
    return found


def by_meaning(
    examples: Sequence[QueryExample],
    vectors: EmbeddingArray,
    chunks: EmbeddingArray,
    sources: Sequence[str],
) -> list[QueryFound]:
    """Search by cosine only: unit `vectors` of the questions, unit vectors and articles of the chunks.

    The confidence is the cosine of the best chunk, at least 0.
    """
    found = []
    for example, vector in zip(examples, vectors, strict=True):
        scores = chunks @ vector
        best = float(np.clip(scores.max(initial=0.0), 0.0, 1.0))
        found.append(QueryFound(example, best_sources(scores, sources), best))
    return found


def retrieval_report(
    found: Sequence[QueryFound], words: Sequence[QueryFound], meaning: Sequence[QueryFound]
) -> EvaluationReport:
    """Return the figures of the questions, by kind, beside full text only and cosine only."""
    baselines = {"full_text_only": retrieval_figures(words), "cosine_only": retrieval_figures(meaning)}
    groups = {"kind": by_group(found, lambda one: one.example.kind, retrieval_figures)}
    return EvaluationReport(len(found), retrieval_figures(found), baselines, groups)
