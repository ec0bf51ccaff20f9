"""The fit of the order head: two logistic regressions of sentences, on their states and on their grams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

from detectors.injections.grams import BUCKETS, grams
from detectors.injections.head import OrderHead
from detectors.sentiment.arrays import Bools, Float32, Float64, Int64

STATE_DECAY: Final = 5e-5
"""Penalty on squared weights of states. Chosen by left-out writer among three."""

GRAM_DECAY: Final = 5e-6
"""The same for grams."""

_ORDER_WEIGHT: Final = 3.0
"""What a sentence that gives orders weighs; there are many others. Chosen by hand."""

_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class LearnedSentences:
    """The sentences of all rows: unit states (s, d), grams (s, BUCKETS), the row of each in `owners` (s,).

    `orders` (s,) is 1 for an order, 0 for none, -1 for a sentence that teaches nothing; `weights` are (s,).
    """

    states: Float32
    spelt: Any
    owners: Int64
    orders: Int64
    weights: Float64


def spelt_matrix(sentences: Sequence[str]) -> Any:
    """Return the grams of sentences as a sparse matrix (s, BUCKETS) whose rows have length 1."""
    buckets = [grams(sentence) for sentence in sentences]
    counts = np.array([len(found) for found in buckets])
    values = np.repeat(1.0 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return csr_matrix((values, np.concatenate(buckets), starts), shape=(len(buckets), BUCKETS))


def fit(learned: LearnedSentences, kept: Bools) -> OrderHead:
    """Return the head fitted on the sentences of `kept` (s,) that teach something."""
    told = kept & (learned.orders >= 0)
    wanted = learned.orders[told].astype(np.float64)
    weights = learned.weights[told] * np.where(wanted > 0, _ORDER_WEIGHT, 1.0)
    states = _regression(learned.states[told], wanted, weights, STATE_DECAY)
    spelt = _regression(learned.spelt[told], wanted, weights, GRAM_DECAY)
    return OrderHead(*states, *spelt)


def predict(head: OrderHead, learned: LearnedSentences) -> Float64:
    """Return the (s,) scores of all sentences."""
    read = learned.states @ head.state_weight + head.state_bias[0]
    return np.asarray(read + learned.spelt @ head.gram_weight + head.gram_bias[0], dtype=np.float64)


def _regression(read: Any, wanted: Float64, weights: Float64, decay: float) -> tuple[Float32, Float32]:
    """Return the weight (d,) and the bias (1,) of the least cross-entropy with a penalty."""
    shares = weights / weights.sum()

    def loss(point: Float64) -> tuple[float, Float64]:
        logits = read @ point[:-1].astype(np.float32) + point[-1]
        missed = shares * (expit(logits) - wanted)
        cost = (shares * (np.logaddexp(0.0, logits) - wanted * logits)).sum()
        slope = np.append(read.T @ missed.astype(np.float32) + 2 * decay * point[:-1], missed.sum())
        return float(cost + decay * point[:-1] @ point[:-1]), slope

    start = np.zeros(read.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return found[:-1].astype(np.float32), found[-1:].astype(np.float32)
