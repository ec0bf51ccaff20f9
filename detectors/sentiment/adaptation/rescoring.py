"""A score with the probabilities of a desk's model in the place of the shipped model's."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detectors.sentiment.scores import LABELS, UNCERTAIN, Probabilities, SentimentScore


def rescored(score: SentimentScore, probabilities: Sequence[float], *, version: int) -> SentimentScore:
    """Return the score with a desk's probabilities (negative, neutral, positive).

    `version` counts the promotions at the desk and becomes part of the model's name; at 0 the shipped model
    is the desk's, and the score is returned unchanged. A score that abstains as uncertain still does.
    """
    if not version:
        return score
    first, second, third = probabilities
    said: Probabilities = (first, second, third)
    label = None if score.abstained == UNCERTAIN else LABELS[int(np.argmax(said))]
    model = f"{score.model}+desk-{version}"
    return replace(score, probabilities=said, score=third - first, label=label, model=model)
