"""The rows that the order head learns from: attacks and look-alikes, and ordinary messages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from detectors.routes.training.rows import FOLDER as ROUTES
from detectors.sentiment.corpus.messages import read_messages

FOLDER: Final = Path(__file__).parents[1] / "corpus"

READ_LANGUAGE: Final = "en"
"""The encoder reads English: rows in other languages teach it that a foreign word is an attack."""

MOODS_READ: Final = 3_000
"""Messages of the mood corpus at most, drawn by the seed. Chosen by hand: more cost time."""

_ORDINARY_WEIGHT: Final = 0.4
"""What a sentence of an ordinary message weighs. Chosen by hand."""

_SHARED: Final = 16
"""Letters that a sentence shares with the marked part of an attack to belong to it. Chosen by hand."""

_SHORTEST: Final = 8
"""A sentence of at most this many letters, such as "Hi.", shows nothing."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A text; `orders` are the parts of it that give orders, () for a harmless one.

    `ordinary` tells that nobody wrote it with attacks in mind.
    """

    row_id: str
    writer: str
    text: str
    orders: tuple[str, ...] = ()
    ordinary: bool = False

    @property
    def weight(self) -> float:
        """Return what a sentence of the row weighs."""
        return _ORDINARY_WEIGHT if self.ordinary else 1.0

    def is_order(self, sentence: str) -> bool | None:
        """Tell whether a sentence gives orders; None if it stands beside an order: it may belong to it."""
        if not self.orders:
            return False
        said = " ".join(sentence.split())
        return True if any(_belongs(said, order) for order in self.orders) else None


def _belongs(said: str, order: str) -> bool:
    if len(said) <= _SHORTEST:
        return said == order
    if said in order or order in said:
        return True
    return any(order[start : start + _SHARED] in said for start in range(0, len(order) - _SHARED + 1, 4))


def read_rows(seed: int) -> list[OrderRow]:
    """Return all rows; the seed draws the messages of moods. Raises OSError, KeyError or ValueError."""
    attacks = [row for path in sorted(FOLDER.glob("*.jsonl")) for row in _labelled(path)]
    asked = [row for path in sorted(ROUTES.glob("*.jsonl")) for row in _ordinary(path)]
    moods = [
        OrderRow(message.message_id, message.writer, message.text, ordinary=True)
        for message in read_messages()
    ]
    Random(seed).shuffle(moods)
    return attacks + asked + moods[:MOODS_READ]


def _labelled(path: Path) -> Iterator[OrderRow]:
    for line in path.read_text(encoding="utf-8").splitlines():
        told: dict[str, Any] = json.loads(line)
        if told["language"] != READ_LANGUAGE:
            continue
        parts = (" ".join(part.split()) for part in told["part"].split("\n"))
        yield OrderRow(told["id"], path.stem, _text(told), tuple(part for part in parts if part))


def _ordinary(path: Path) -> Iterator[OrderRow]:
    for line in path.read_text(encoding="utf-8").splitlines():
        told: dict[str, Any] = json.loads(line)
        yield OrderRow(told["id"], path.stem, _text(told), ordinary=True)


def _text(told: dict[str, Any]) -> str:
    return f"{told['subject']}\n{told['body']}".strip()


def folds_of(rows: list[OrderRow]) -> list[frozenset[str]]:
    """Return the writers that each fold leaves out: one writer of attacks, and a share of the others."""
    attackers = sorted({row.writer for row in rows if not row.ordinary})
    others = sorted({row.writer for row in rows if row.ordinary})
    return [frozenset((writer, *others[number :: len(attackers)])) for number, writer in enumerate(attackers)]
