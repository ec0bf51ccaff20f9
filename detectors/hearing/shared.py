"""SharedPass: several heads read messages, and the encoder reads each window once for all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece
from detectors.sentiment.windows import RunReading, Window


class ReadingEncoder(Protocol):
    """An encoder of windows; `read` touches the device."""

    def read(self, windows: Sequence[Window], readings: Sequence[RunReading]) -> list[Float32]:
        """Return the mean states that each reading wants, (runs, len(layers) * width), from one pass."""
        ...


class StateHead(Protocol):
    """A model over mean states of an encoder's layers; its items and outputs are its own.

    Its attributes and methods read no device.
    """

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers whose states are read, ascending from 1."""
        ...

    def pieces_of(self, item: Any) -> Sequence[Piece]:
        """Return the windows of an item with their runs of tokens."""
        ...

    def outputs(self, items: Sequence[Any], means: Float32) -> Sequence[Any]:
        """Return one output per item from the mean states of all runs of the items' pieces, in order."""
        ...


@dataclass(frozen=True, slots=True)
class MessageItem:
    """What each head reads of a message, in the order of the heads; a head may read several texts or none."""

    parts: tuple[tuple[Any, ...], ...]


class SharedPass:
    """Heads over one encoder as a model of messages, for the thread that owns the device.

    Two heads that read the same window share its states, so that a text which all heads read costs one pass.
    A head hears what it would hear alone, within 1e-5.
    """

    def __init__(self, encoder: ReadingEncoder, heads: Sequence[StateHead]) -> None:
        self._encoder = encoder
        self._heads = tuple(heads)

    def lengths(self, items: Sequence[MessageItem]) -> list[int]:
        """Return the tokens of the windows of each message, each window once, in order."""
        plans = [
            _plan_of([self._pieces(place, [item]) for place in range(len(self._heads))]) for item in items
        ]
        return [sum(map(len, plan.windows)) for plan in plans]

    def run(self, items: Sequence[MessageItem]) -> list[tuple[tuple[Any, ...], ...]]:
        """Return the outputs of each head for its texts of each message, shaped as the message's parts."""
        pieces = [self._pieces(place, items) for place in range(len(self._heads))]
        plan = _plan_of(pieces)
        readings = [
            RunReading(rows, [piece.runs for piece in own], head.layers)
            for rows, own, head in zip(plan.rows, pieces, self._heads, strict=True)
        ]
        states = self._encoder.read(plan.windows, readings)
        outputs = [
            iter(head.outputs([part for item in items for part in item.parts[place]], means))
            for place, (head, means) in enumerate(zip(self._heads, states, strict=True))
        ]
        return [
            tuple(tuple(next(found) for _ in parts) for found, parts in zip(outputs, item.parts, strict=True))
            for item in items
        ]

    def _pieces(self, place: int, items: Sequence[MessageItem]) -> list[Piece]:
        head = self._heads[place]
        return [piece for item in items for part in item.parts[place] for piece in head.pieces_of(part)]


class _Plan(NamedTuple):
    """The windows that are read, and for each head the windows of its pieces, each at most once."""

    windows: list[Window]
    rows: list[list[int]]


def _plan_of(pieces: Sequence[Sequence[Piece]]) -> _Plan:
    """Return the plan for each head's pieces: the n-th of equal windows of one is the n-th of another."""
    places: dict[tuple[Window, int], int] = {}
    rows: list[list[int]] = []
    for own in pieces:
        seen: Counter[Window] = Counter()
        row: list[int] = []
        for piece in own:
            key = piece.window, seen[piece.window]
            seen[piece.window] += 1
            row.append(places.setdefault(key, len(places)))
        rows.append(row)
    return _Plan([window for window, _ in places], rows)
