"""RouteModel: tells which messages a person must answer, and for which reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np

from detectors.routes.head import OUTPUTS
from detectors.routes.layered import LAYERS, LayeredEncoder
from detectors.routes.weights_file import RouteWeights
from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.heads import PooledTexts, pool
from detectors.sentiment.pieces import Piece, TokenisedText

Strength = Literal["likely", "possible", "unlikely"]

_DECIMALS: Final = 6
"""Decimals of a probability: rounding hides the last bits, which depend on the batch."""

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class FoundRoute:
    """The likeliest reason why a person must answer, and the probability in [0, 1] that there is one.

    A `likely` reason is enough for a route whatever the knowledge says, a `possible` one without an answer.
    """

    reason: str
    chance: float
    strength: Strength


class RouteModel:
    """Reads texts of any language; it learned English. Any thread may prepare; the device's thread runs."""

    def __init__(self, encoder: LayeredEncoder, weights: RouteWeights) -> None:
        self._encoder = encoder
        self._head = weights.head
        self._described = weights.description

    @classmethod
    def load(cls, encoder: LayeredEncoder, *, weights: Path | None = None) -> Self:
        """Load the weights in a folder (default: the shipped weights); raises as `RouteWeights.load` does."""
        return cls(encoder, RouteWeights.load(SHIPPED_WEIGHTS if weights is None else weights))

    def prepare(self, texts: Sequence[str]) -> list[TokenisedText]:
        """Tokenise texts, in order; no text makes it raise."""
        return self._encoder.pieces(texts)

    def lengths(self, items: Sequence[TokenisedText]) -> list[int]:
        """Return the tokens of each item, in order."""
        return [sum(len(piece.window) for piece in item.pieces) for item in items]

    def run(self, items: Sequence[TokenisedText]) -> list[Float64]:
        """Return the (k,) probabilities of OUTPUTS of each item, in order; a text without tokens has none."""
        return self.outputs(
            items, self._encoder.run_means([one for own in items for one in own.pieces], LAYERS)
        )

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers whose states are read."""
        return LAYERS

    def pieces_of(self, item: TokenisedText) -> tuple[Piece, ...]:
        """Return the windows of an item."""
        return item.pieces

    def outputs(self, items: Sequence[TokenisedText], means: Float32) -> list[Float64]:
        """Return what `run` does, from the mean states of all runs of the items' pieces, in order."""
        texts = [item.pieces for item in items if item.pieces]
        found = iter(self._head.chances(pool(means, texts)) if texts else ())
        nothing = np.eye(1, len(OUTPUTS), dtype=np.float64)[0]
        return [next(found) if item.pieces else nothing for item in items]

    def decide(self, chances: Float64) -> FoundRoute:
        """Return the likeliest reason by the (k,) probabilities of OUTPUTS."""
        reason = OUTPUTS[1 + int(chances[1:].argmax())]
        chance = min(1.0, max(0.0, round(1.0 - float(chances[0]), _DECIMALS)))
        if chance >= self._described.likely[reason]:
            return FoundRoute(reason, chance, "likely")
        return FoundRoute(
            reason, chance, "possible" if chance >= self._described.possible[reason] else "unlikely"
        )


def pooled_layers(encoder: LayeredEncoder, texts: Sequence[Sequence[Piece]]) -> PooledTexts:
    """Return the pooled states of LAYERS of texts, which each have at least one piece."""
    return pool(encoder.run_means([piece for text in texts for piece in text], LAYERS), texts)
