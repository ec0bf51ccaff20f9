"""Logistic regression on wide states with few rows: fitted in its dual form, one weight per row and class."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float64, Int64
from detectors.sentiment.softmax import softmax

MOST_STEPS: Final = 60
"""Steps at most; most fits need 10 to 30. Chosen by hand."""

TOLERANCE: Final = 1e-3
"""The fit ends when no logit moves by more than this. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class StateFit:
    """A regression on the states: its start and its penalty on squared weights.

    `from_shipped` says that it learns a change of the shipped log-probabilities.
    """

    from_shipped: bool
    strength: float

    def offsets(self, logs: Float64) -> Float64:
        """Return the start of the logits, given the shipped log-probabilities."""
        return logs if self.from_shipped else np.zeros_like(logs)


def fit_dual(
    similarities: Float64, labels: Int64, importance: Float64, *, offsets: Float64, strength: float
) -> Float64:
    """Return the (n, classes) dual weights; the logits of the rows are offsets + similarities @ weights.

    `similarities` (n, n) are the inner products of the rows. Each step solves an upper bound of the loss with
    the same matrix (Böhning 1992, "Multinomial logistic regression algorithm"), so that a step never
    overshoots and one inverse serves all steps.

    >>> alike = np.array([[1.0, -1.0], [-1.0, 1.0]])
    >>> dual = fit_dual(alike, np.array([0, 1]), np.ones(2), offsets=np.zeros((2, 2)), strength=1.0)
    >>> (alike @ dual).round(2).tolist()
    [[0.52, -0.52], [-0.52, 0.52]]
    """
    truth = np.eye(offsets.shape[1])[labels]
    dual = np.zeros_like(offsets)
    bound = np.linalg.inv(0.5 * importance[:, None] * similarities + strength * np.eye(len(labels)))
    for _ in range(MOST_STEPS):
        chances = softmax(offsets + similarities @ dual)
        step = bound @ ((chances - truth) * importance[:, None] + strength * dual)
        dual -= step
        if np.abs(similarities @ step).max(initial=0.0) < TOLERANCE:
            break
    return dual
