"""The encoder as the route model reads it: the mean states of several layers."""

from collections.abc import Sequence
from typing import Protocol

from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText


class LayeredEncoder(Protocol):
    """An encoder whose layers can be read; only `run_means` touches the device."""

    def pieces(self, texts: Sequence[str]) -> list[TokenisedText]:
        """Cut texts into windows whose sentences are known, in order."""
        ...

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        """Return the mean states of each run of the pieces' tokens, (runs, len(layers) * width), in order."""
        ...
