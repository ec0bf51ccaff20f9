"""Penalised multinomial logistic regression by Newton's method: small, convex and deterministic."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float64, Int64
from detectors.sentiment.softmax import softmax

MOST_STEPS: Final = 25
"""Newton steps at most; a fit of a desk needs 4 to 8. Chosen by hand."""

TOLERANCE: Final = 1e-6
"""The fit ends when no weight moves by more than this. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Penalty:
    """The price of weights: `strength` times the squared distance from `centre`, both (classes, width)."""

    strength: Float64
    centre: Float64


def fit_weights(
    inputs: Float64, labels: Int64, importance: Float64, *, offsets: Float64, penalty: Penalty
) -> Float64:
    """Return the (classes, width) weights with the lowest penalised loss.

    The logits of a row are `offsets` + `inputs` @ weights.T. `inputs` is (n, width), `labels` are class
    numbers, `importance` (n,) multiplies the loss of each row and `offsets` is (n, classes). Every strength
    must be above 0; then there is exactly one best weight. Equal arguments give equal weights.

    >>> rows, labels = np.array([[1.0], [-1.0]]), np.array([0, 1])
    >>> penalty = Penalty(np.ones((2, 1)), np.zeros((2, 1)))
    >>> fit_weights(rows, labels, np.ones(2), offsets=np.zeros((2, 2)), penalty=penalty).round(2).tolist()
    [[0.52], [-0.52]]
    """
    truth = np.eye(offsets.shape[1])[labels]
    weights = penalty.centre.copy()
    for _ in range(MOST_STEPS):
        chances = softmax(offsets + inputs @ weights.T)
        slope = ((chances - truth) * importance[:, None]).T @ inputs
        slope += penalty.strength * (weights - penalty.centre)
        curvature = _curvature(inputs, chances, importance)
        curvature[np.diag_indices(len(curvature))] += penalty.strength.ravel()
        step = np.linalg.solve(curvature, slope.ravel()).reshape(weights.shape)
        weights -= step
        if np.abs(step).max() < TOLERANCE:
            break
    return weights


def _curvature(inputs: Float64, chances: Float64, importance: Float64) -> Float64:
    width, classes = inputs.shape[1], chances.shape[1]
    result = np.zeros((classes, width, classes, width))
    for first in range(classes):
        for second in range(first, classes):
            share = importance * chances[:, first] * ((first == second) - chances[:, second])
            block = (inputs * share[:, None]).T @ inputs
            result[first, :, second, :] = block
            result[second, :, first, :] = block
    return result.reshape(classes * width, classes * width)
