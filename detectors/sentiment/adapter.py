"""An adapter of the encoder as arrays, and the error of weights that do not fit."""

from dataclasses import dataclass

from detectors.sentiment.arrays import Float32


class DamagedWeightsError(ValueError):
    """The weights on disk do not match their description, or are out of range."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A change of low rank to a linear layer: weight + up @ down; `down` is (r, in) and `up` is (out, r)."""

    down: Float32
    up: Float32
