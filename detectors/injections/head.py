"""From the states and the grams of a sentence to how much it sounds like an order to the writer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.injections.grams import grams
from detectors.routes.layered import unit_layers
from detectors.sentiment.arrays import Float32, Float64


@dataclass(frozen=True, slots=True)
class OrderHead:
    """Two linear scores whose sum is the score of a sentence: one of its d states, one of its grams.

    `state_weight` is (d,), `gram_weight` is (BUCKETS,), biases are (1,). A gram counts once in a sentence,
    and the grams of a sentence together have length 1.
    """

    state_weight: Float32
    state_bias: Float32
    gram_weight: Float32
    gram_bias: Float32

    def scores(self, states: Float32, sentences: Sequence[str]) -> Float64:
        """Return the (s,) scores of sentences with states (s, d): log-odds, far above 0 for an order.

        A sentence whose states are not finite has a score of NaN.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            read = unit_layers(states).astype(np.float64) @ self.state_weight.astype(np.float64)
        spelt = np.array([self._spelt(grams(sentence)) for sentence in sentences], dtype=np.float64)
        return np.asarray(read + spelt + self.state_bias[0] + self.gram_bias[0], dtype=np.float64)

    def _spelt(self, buckets: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
        if not len(buckets):
            return 0.0
        return float(self.gram_weight[buckets].astype(np.float64).sum() / np.sqrt(len(buckets)))
