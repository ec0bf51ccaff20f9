"""PersonalModel: tells which words of a message are names, addresses, secrets and numbers of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from pathlib import Path
from typing import Final, NamedTuple, Protocol, Self

import numpy as np

from detectors.personal.decoding import JudgedUnits, PersonalLimits, doubted_words, found_values
from detectors.personal.head import LAYERS, OUTPUTS, scaled_layers
from detectors.personal.signs import WordLists, unit_signs
from detectors.personal.units import judged_units, partition
from detectors.personal.weights_file import PersonalWeights
from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.pieces import Piece, TokenisedText
from schemas.reading.units import UnitSpan

SHIPPED_WEIGHTS: Final = Path(__file__).parent / "weights"


class UnitEncoder(Protocol):
    """An encoder whose states of any spans of a text can be read; only `run_means` touches the device."""

    def pieces_of(self, texts: Sequence[str], spans: Sequence[tuple[UnitSpan, ...]]) -> list[TokenisedText]:
        """Cut texts into windows whose runs are the tokens of the given spans, in order."""
        ...

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        """Return the mean states of each run of the pieces' tokens, (runs, len(layers) * width), in order."""
        ...


@dataclass(frozen=True, slots=True)
class PersonalItem:
    """A text, its units with their signs (units, SIGNS), and its tokens, whose runs are units and gaps."""

    text: str
    units: tuple[UnitSpan, ...]
    signs: Float32
    tokens: TokenisedText


class ValueText(NamedTuple):
    """A value as it stands in a text, with its kind, one of TOLD."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class HeardPersonal:
    """The values of a message, each once in order, and the words that are surely no part of one."""

    values: tuple[ValueText, ...] = ()
    doubted: tuple[str, ...] = ()


class PersonalModel:
    """Reads texts of any language; it learned mostly English. Any thread may prepare, the device's runs."""

    def __init__(self, encoder: UnitEncoder, weights: PersonalWeights, lists: WordLists) -> None:
        self._encoder = encoder
        self._head = weights.head
        self._limits = weights.description.limits
        self._version = weights.version
        self._lists = lists

    @classmethod
    def load(cls, encoder: UnitEncoder, lists: WordLists, *, weights: Path | None = None) -> Self:
        """Load the weights in a folder (default: the shipped ones); raises as `PersonalWeights.load` does."""
        return cls(encoder, PersonalWeights.load(SHIPPED_WEIGHTS if weights is None else weights), lists)

    def prepare(self, texts: Sequence[str]) -> list[PersonalItem]:
        """Cut texts into units and tokens, in order; no text makes it raise."""
        return prepared(texts, self._encoder, self._lists)

    def lengths(self, items: Sequence[PersonalItem]) -> list[int]:
        """Return the tokens of each item, in order."""
        return [sum(len(piece.window) for piece in item.tokens.pieces) for item in items]

    def run(self, items: Sequence[PersonalItem]) -> list[Float64]:
        """Return the (units, len(OUTPUTS)) chances of each item's units, in order."""
        pieces = [piece for item in items for piece in item.tokens.pieces]
        return self.outputs(items, self._encoder.run_means(pieces, LAYERS))

    @property
    def version(self) -> str:
        """The id of the weights and limits."""
        return self._version

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers whose states are read."""
        return LAYERS

    def pieces_of(self, item: PersonalItem) -> tuple[Piece, ...]:
        """Return the windows of an item."""
        return item.tokens.pieces

    def outputs(self, items: Sequence[PersonalItem], means: Float32) -> list[Float64]:
        """Return what `run` does, from the mean states of all runs of the items' pieces, in order."""
        states = unit_states(items, means)
        return [
            self._chances(item, own) if item.tokens.pieces else np.zeros((0, len(OUTPUTS)))
            for item, own in zip(items, states, strict=True)
        ]

    def decide(
        self,
        items: Sequence[PersonalItem],
        chances: Sequence[Float64],
        doubting: Sequence[bool] | None = None,
    ) -> HeardPersonal:
        """Return what is heard in the texts of one message by the chances of their units; see `heard_in`."""
        return heard_in(items, chances, self._limits, doubting)

    def _chances(self, item: PersonalItem, states: Float32) -> Float64:
        """Return the chances of an item's units; a unit in a window that was left out has an even chance."""
        read = np.any(states, axis=1, keepdims=True)
        chances = self._head.chances(scaled_layers(states), item.signs)
        return np.where(read, chances, _UNREAD)


def heard_in(
    items: Sequence[PersonalItem],
    chances: Sequence[Float64],
    limits: PersonalLimits,
    doubting: Sequence[bool] | None = None,
) -> HeardPersonal:
    """Return what is heard in the texts of a message by the chances of units, (units, len(OUTPUTS)).

    `doubting` tells in which texts words may be doubted; None for all of them.
    """
    texts = [
        JudgedUnits(item.text, item.units[: len(own)], own) for item, own in zip(items, chances, strict=True)
    ]
    values = {
        ValueText(value.kind, one.text[value.start : value.end]): None
        for one in texts
        for value in found_values(one, limits)
    }
    read = texts if doubting is None else list(compress(texts, doubting))
    return HeardPersonal(tuple(values), doubted_words(read, limits))


_UNREAD: Final = np.array([0.5, *[0.5 / (len(OUTPUTS) - 1)] * (len(OUTPUTS) - 1)])
"""The chances of a unit that was not read: neither a value nor doubted."""


def prepared(texts: Sequence[str], encoder: UnitEncoder, lists: WordLists) -> list[PersonalItem]:
    """Return texts as the head reads them, in order."""
    units = [judged_units(text) for text in texts]
    spans = [partition(text, own) for text, own in zip(texts, units, strict=True)]
    return [
        PersonalItem(text, own, unit_signs(text, own, lists), tokens)
        for text, own, tokens in zip(texts, units, encoder.pieces_of(texts, spans), strict=True)
    ]


def unit_states(items: Sequence[PersonalItem], means: Float32) -> list[Float32]:
    """Return the mean states of each item's units, (units, len(LAYERS) * width), in order; unread ones are 0.

    `means` are those of all runs of the items' pieces, in order. A unit that is cut in two by windows has the
    states of its first part.
    """
    pieces = [(number, piece) for number, item in enumerate(items) for piece in item.tokens.pieces]
    if not pieces:
        return [np.zeros((len(item.units), 0), dtype=np.float32) for item in items]
    found = [np.zeros((len(item.units), means.shape[1]), dtype=np.float32) for item in items]
    ends = list(accumulate(len(piece.runs) for _, piece in pieces))
    for (number, piece), end in zip(pieces, ends, strict=True):
        rows = means[end - len(piece.runs) + 1 : end - 1]
        runs = np.array(piece.numbers, dtype=np.int64)
        is_unit = runs % 2 == 1
        own, read = runs[is_unit] // 2, rows[is_unit]
        new = ~found[number][own].any(axis=1)
        found[number][own[new]] = read[new]
    return found
