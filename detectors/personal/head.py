"""From the states and signs of units to the chance that each is part of a personal value."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float32, Float64, Int64
from detectors.sentiment.softmax import softmax

NOTHING: Final = "nothing"
"""The output of a unit that is no part of a personal value."""

OUTPUTS: Final = (NOTHING, "name", "address", "secret", "phone", "number", "birthdate", "format")
"""The outputs in order; they exclude each other.

A `secret` may be a link that carries one; a `number` is that of a person, card or account. A `format` has a
form that patterns know better, such as an e-mail address: it is learned, so that it is taken for nothing
else, and never told.
"""

LAYERS: Final = (2, 4)
"""The encoder's layers whose states are read. By left-out writer these two find as much as the layers 2, 4
and 6, or all six; the layers above are not computed."""

WINDOW: Final = (-2, -1, 0, 1, 2)
"""The neighbours whose hidden states a unit sees, by their distance."""

_SCALE: Final = 5.0
"""Length to which the state of each layer is scaled, so that states weigh like signs. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class PersonalHead:
    """A hidden layer of h numbers from states (d,) and signs (s,), one over WINDOW, and k = len(OUTPUTS).

    `state_weight` is (h, d), `sign_weight` (h, s), `window_weight` (h, len(WINDOW) * h), `output_weight`
    (k, 2 h); biases are (h,), (h,) and (k,).
    """

    state_weight: Float32
    sign_weight: Float32
    hidden_bias: Float32
    window_weight: Float32
    window_bias: Float32
    output_weight: Float32
    output_bias: Float32

    def chances(self, states: Float32, signs: Float32) -> Float64:
        """Return the (n, k) probabilities of the units of one text, in order; each row sums to 1.

        `states` (n, d) are those of `scaled_layers`. A state that is not finite gives rows of NaN.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            hidden = np.maximum(
                states @ self.state_weight.T + signs @ self.sign_weight.T + self.hidden_bias, 0.0
            )
            padded = np.concatenate([hidden, np.zeros((1, hidden.shape[1]), dtype=np.float32)])
            seen = padded[neighbours(len(hidden))].reshape(len(hidden), self.window_weight.shape[1])
            around = np.maximum(seen @ self.window_weight.T + self.window_bias, 0.0)
            logits = np.concatenate([hidden, around], axis=1) @ self.output_weight.T + self.output_bias
            return softmax(logits.astype(np.float64))


def neighbours(units: int) -> Int64:
    """Return the rows of each unit's neighbours, (units, len(WINDOW)); a missing one has the row `units`.

    >>> neighbours(2).tolist()
    [[2, 2, 0, 1, 2], [2, 0, 1, 2, 2]]
    """
    rows = np.arange(units)[:, None] + np.array(WINDOW)
    return np.where((rows >= 0) & (rows < units), rows, units)


def scaled_layers(states: Float32) -> Float32:
    """Return states, (n, len(LAYERS) * width), with the part of each layer scaled to one length."""
    layers = states.reshape(len(states), len(LAYERS), states.shape[1] // len(LAYERS))
    lengths = np.maximum(np.linalg.norm(layers, axis=2, keepdims=True), 1e-6)
    return np.asarray((layers / lengths * _SCALE).reshape(states.shape), dtype=np.float32)
