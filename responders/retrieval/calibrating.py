"""Calibrate the confidence on a desk's own knowledge: questions with a known answer, and without one.

A section's name is a question that the section answers; its own vector of the name does not count then. The
same question without its source has no answer, and so has a question of another business.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from responders.retrieval.chunk_vectors import name_of
from responders.retrieval.confidence import Confidence, Support, probability_of, support_of
from responders.retrieval.embedding import PART_STEPS, PART_WEIGHT, EmbeddingArray, PartArray
from responders.retrieval.query import Query
from responders.retrieval.ranking import Candidate, Passage
from responders.words import content_stems

TRIAL_WEIGHTS: Final = {"answered": 0.5, "withheld": 0.15, "foreign": 0.35}
"""Weight of all trials of a kind together: half of all questions have an answer. Chosen by hand."""

CAUTION: Final = 0.2
"""Strength of the prior, as a share of the weight of all trials; larger keeps the desk nearer to the prior.

Chosen by hand. With 0.2, one round over four knowledge bases, each judged with a prior of the three others,
took the calibration error from .081, .095, .108 and .092 to .084, .139, .063 and .075: better for desks of
short questions, worse for one whose customers write long mails.
"""

FEWEST_TRIALS: Final = 20
"""Questions with an answer below which a desk keeps the prior."""

ROUNDS: Final = 50
"""Newton steps of the fit; it converges in fewer."""

FOREIGN_QUESTIONS: Final = (
    "What is the weather like in Lisbon this weekend?",
    "How do I bake sourdough bread at home?",
    "Who won the football match last night?",
    "Can you recommend a good film for tonight?",
    "What is the capital of Mongolia?",
    "How many calories does a banana have?",
    "Please set an alarm for six in the morning",
    "How do I change the oil of my car?",
    "My landlord does not return my deposit, what can I do?",
    "What does this word mean in Spanish?",
    "How long must an egg boil until it is hard?",
    "Which vaccinations do I need for a trip to Kenya?",
    "How can I get red wine out of a carpet?",
    "What time does the last train to Vienna leave?",
    "Is my cat too old for this food?",
    "How do I file my income tax return?",
    "Tell me a joke about penguins",
    "How far away is the moon?",
    "Which plants grow well in the shade?",
    "My knee hurts when I run, should I rest it?",
    "How do I tie a bow tie?",
    "What is the best way to learn the piano?",
    "When does the post office close today?",
    "Can I take a drill in my hand luggage?",
    "How do I remove a scratch from my sunglasses?",
    "What should I write on a birthday card for my boss?",
    "How much should I tip the hairdresser?",
    "Where can I watch the eclipse next month?",
    "How do you play chess against a beginner?",
    "Is it safe to eat mushrooms from the forest?",
)
"""Questions that hardly any business answers."""


_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CalibrationTrial:
    """The support of the first passage for a question of a kind, and whether that passage answers it."""

    kind: str
    support: Support
    is_right: bool


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """The calibrated rule, the number of trials, and their mean log loss before and after, in nats."""

    confidence: Confidence
    trials: int
    loss_before: float
    loss_after: float


def trial(
    kind: str, question: Query, passages: Sequence[Passage], answer: str | None
) -> CalibrationTrial | None:
    """Return the trial of a question, whose answer is the source `answer`; None if nothing was found."""
    support = support_of(question, passages)
    if support is None:
        return None
    return CalibrationTrial(kind, support, passages[0].chunk.source_id == answer)


def withheld(passages: Iterable[Passage], source_id: str) -> list[Passage]:
    """Return the passages of other sources, in order."""
    return [passage for passage in passages if passage.chunk.source_id != source_id]


def without_name(candidate: Candidate, similarity: float) -> Candidate:
    """Return a candidate as it is ranked without its name; `similarity` is that of its sentences alone."""
    chunk = candidate.chunk
    own = None if candidate.words is None else candidate.words[len(content_stems(name_of(chunk))) :]
    return Candidate(chunk.model_copy(update={"heading": "", "tags": ()}), similarity, own)


def similarity_without_name(parts: PartArray, vector: EmbeddingArray) -> float | None:
    """Return how near the sentences of a chunk are to a query, in [-1, 1]; None if there is no sentence.

    `parts` are all parts of the chunk, of which the first is its name.
    """
    told = parts[1:].astype(np.float32) / PART_STEPS
    if not len(told):
        return None
    mean = told.mean(axis=0)
    cosine = float(mean @ vector) / max(float(np.linalg.norm(mean)), 1e-12)
    return (1 - PART_WEIGHT) * cosine + PART_WEIGHT * float((told @ vector).max())


def calibrated(prior: Confidence, trials: Sequence[CalibrationTrial]) -> CalibrationReport:
    """Return the prior, rescaled and shifted so that its probabilities fit the trials.

    The order of probabilities stays the prior's, so nothing is ranked differently. With fewer than
    FEWEST_TRIALS answered questions the prior is returned.
    """
    odds = np.array([prior.log_odds(one.support) for one in trials])
    right = np.array([one.is_right for one in trials], dtype=float)
    weights = _weights(trials)
    before = _loss(odds, right, weights)
    if sum(one.kind == "answered" for one in trials) < FEWEST_TRIALS:
        return CalibrationReport(prior, len(trials), before, before)
    scale, shift = _fitted(odds, right, weights)
    fitted = prior.rescaled(scale, shift)
    return CalibrationReport(fitted, len(trials), before, _loss(scale * odds + shift, right, weights))


def _weights(trials: Sequence[CalibrationTrial]) -> _Numbers:
    counts = {kind: sum(one.kind == kind for one in trials) for kind in TRIAL_WEIGHTS}
    weights = np.array([TRIAL_WEIGHTS[one.kind] / counts[one.kind] for one in trials])
    return weights / (weights.sum() or 1.0)


def _fitted(odds: _Numbers, right: _Numbers, weights: _Numbers) -> tuple[float, float]:
    """Return scale and shift by Newton's method on the weighted loss and a ridge around (1, 0)."""
    rows = np.stack([odds, np.ones_like(odds)], axis=1)
    start, ridge = np.array([1.0, 0.0]), np.diag([4 * CAUTION, CAUTION])
    point = start.copy()
    for _ in range(ROUNDS):
        chances = np.array([probability_of(value) for value in rows @ point])
        slope = rows.T @ (weights * (right - chances)) - ridge @ (point - start)
        curvature = (rows * (weights * chances * (1 - chances))[:, None]).T @ rows + ridge
        point = point + np.linalg.solve(curvature, slope)
    return max(0.1, float(point[0])), float(point[1])


def _loss(odds: _Numbers, right: _Numbers, weights: _Numbers) -> float:
    told = [
        weight * math.log(chance if answered else 1 - chance)
        for chance, answered, weight in zip(map(probability_of, odds), right, weights, strict=True)
    ]
    return -math.fsum(told)
