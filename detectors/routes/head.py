"""From pooled states to the probability of each reason why a person must answer."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.routes.layered import unit_layers
from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.heads import PooledTexts

NO_ROUTE: Final = "none"
"""The output of a message that needs no certain person."""

OUTPUTS: Final = (
    NO_ROUTE,
    "legal_threat",
    "security_report",
    "personal_data",
    "billing_dispute",
    "authority",
    "press",
    "wants_person",
    "leaving",
    "safety",
)
"""The outputs in order; they exclude each other."""


@dataclass(frozen=True, slots=True)
class RouteHead:
    """Two linear layers over k = len(OUTPUTS) outputs and d states: for the whole text, and for a sentence.

    Weights are (k, d), biases (k,). The logits of a text are those of the whole and the highest of its
    sentences, each against NO_ROUTE, so that one sentence can carry a reason however much is around it.
    """

    whole_weight: Float32
    whole_bias: Float32
    sentence_weight: Float32
    sentence_bias: Float32

    def logits(self, pooled: PooledTexts) -> Float64:
        """Return the (n, k) logits of texts; a text whose states are not finite has logits of NaN."""
        whole = _linear(pooled.whole, self.whole_weight, self.whole_bias)
        sentences = _linear(pooled.sentences, self.sentence_weight, self.sentence_bias)
        return whole + highest(sentences, pooled.owners, len(whole))

    def chances(self, pooled: PooledTexts) -> Float64:
        """Return the (n, k) probabilities of texts; each row sums to 1."""
        return softmax(self.logits(pooled))


def highest(logits: Float64, owners: np.ndarray[tuple[int], np.dtype[np.int64]], texts: int) -> Float64:
    """Return the highest logit of each text's sentences, (texts, k); a text without sentences has zeros.

    >>> highest(np.array([[0.0, 1.0], [0.0, -1.0]]), np.array([1, 1]), 2).tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    found = np.full((texts, logits.shape[1]), -np.inf)
    np.maximum.at(found, owners, logits)
    return np.where(np.isneginf(found), 0.0, found)


def softmax(logits: Float64) -> Float64:
    """Return probabilities, (n, k).

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float64)


def _linear(states: Float32, weight: Float32, bias: Float32) -> Float64:
    """Return logits against NO_ROUTE, (n, k)."""
    logits = unit_layers(states).astype(np.float64) @ weight.T.astype(np.float64) + bias
    return np.asarray(logits - logits[:, :1], dtype=np.float64)
