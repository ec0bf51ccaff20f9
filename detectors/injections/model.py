"""OrderModel: tells which sentences of a message give orders to whoever writes the reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from detectors.injections.head import OrderHead
from detectors.injections.weights_file import OrderLimits, OrderWeights
from detectors.routes.layered import LAYERS, LayeredEncoder
from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.heads import pool
from detectors.sentiment.pieces import Piece, TokenisedText

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """A text and its tokens."""

    text: str
    tokens: TokenisedText

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences of all pieces, in order; one that is cut in two stands twice."""
        numbers = [number for piece in self.tokens.pieces for number in piece.numbers]
        return tuple(self.text[slice(*self.tokens.spans[number])].strip() for number in numbers)


@dataclass(frozen=True, slots=True)
class HeardOrders:
    """What is heard in a text: the sentences of an order, () for none.

    `doubtful` tells that nothing in the text sounds like an order, whatever words it has.
    """

    sentences: tuple[str, ...] = ()
    doubtful: bool = True


class OrderModel:
    """Reads English texts. Any thread may prepare; the device's thread runs."""

    def __init__(self, encoder: LayeredEncoder, weights: OrderWeights) -> None:
        self._encoder = encoder
        self._head: OrderHead = weights.head
        self._limits: OrderLimits = weights.description.limits

    @classmethod
    def load(cls, encoder: LayeredEncoder, *, weights: Path | None = None) -> Self:
        """Load the weights in a folder (default: the shipped weights); raises as `OrderWeights.load` does."""
        return cls(encoder, OrderWeights.load(SHIPPED_WEIGHTS if weights is None else weights))

    def prepare(self, texts: Sequence[str]) -> list[OrderItem]:
        """Tokenise texts, in order; no text makes it raise."""
        return [
            OrderItem(text, tokens) for text, tokens in zip(texts, self._encoder.pieces(texts), strict=True)
        ]

    def lengths(self, items: Sequence[OrderItem]) -> list[int]:
        """Return the tokens of each item, in order."""
        return [sum(len(piece.window) for piece in item.tokens.pieces) for item in items]

    def run(self, items: Sequence[OrderItem]) -> list[Float64]:
        """Return the scores of each item's sentences, in order; a text without tokens has none."""
        pieces = [piece for item in items for piece in item.tokens.pieces]
        return self.outputs(items, self._encoder.run_means(pieces, LAYERS))

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers whose states are read."""
        return LAYERS

    def pieces_of(self, item: OrderItem) -> tuple[Piece, ...]:
        """Return the windows of an item."""
        return item.tokens.pieces

    def outputs(self, items: Sequence[OrderItem], means: Float32) -> list[Float64]:
        """Return what `run` does, from the mean states of all runs of the items' pieces, in order."""
        read = [item for item in items if item.tokens.pieces]
        found = iter(self._scores(read, means)) if read else iter(())
        return [next(found) if item.tokens.pieces else np.zeros(0) for item in items]

    def decide(self, item: OrderItem, scores: Float64) -> HeardOrders:
        """Return what is heard in an item by the scores of its sentences."""
        highest = float(scores.max()) if len(scores) else -np.inf
        if highest < self._limits.marked:
            return HeardOrders(doubtful=highest < self._limits.doubted)
        told = [
            sentence
            for sentence, score in zip(item.sentences, scores.tolist(), strict=True)
            if score >= self._limits.dropped
        ]
        return HeardOrders(tuple(dict.fromkeys(told)), doubtful=False)

    def _scores(self, items: Sequence[OrderItem], means: Float32) -> list[Float64]:
        pooled = pool(means, [item.tokens.pieces for item in items])
        scores = self._head.scores(pooled.sentences, [part for item in items for part in item.sentences])
        ends = np.cumsum([len(item.sentences) for item in items])
        return np.split(scores, ends[:-1])
