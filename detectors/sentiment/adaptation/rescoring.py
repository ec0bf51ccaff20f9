"""A score with the probabilities of a desk's model in the place of the shipped model's."""

from collections.abc import Sequence
from dataclasses import replace

from detectors.sentiment.scores import SentimentScore, with_probabilities


def rescored(score: SentimentScore, probabilities: Sequence[float], *, version: int) -> SentimentScore:
    """Return the score with a desk's probabilities (negative, neutral, positive).

    `version` counts the promotions at the desk and becomes part of the model's name; at 0 the shipped model
    is the desk's, and the score is returned unchanged. A mood is uncertain below the same least confidence.
    """
    if not version:
        return score
    first, second, third = probabilities
    found = with_probabilities(score, (first, second, third))
    return replace(found, model=f"{score.model}+desk-{version}")
