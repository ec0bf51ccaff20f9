"""Probabilities from logits."""

import numpy as np

from detectors.sentiment.arrays import Float64


def softmax(logits: Float64) -> Float64:
    """Return the rows as probabilities; a row that is not finite becomes a row of NaN.

    Adding a number to a row changes nothing.

    >>> softmax(np.array([[0.0, 0.0]])).tolist(), softmax(np.array([[1000.0, 1000.0]])).tolist()
    ([[0.5, 0.5]], [[0.5, 0.5]])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), dtype=np.float64)
