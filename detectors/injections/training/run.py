"""The whole training: fits that leave out writers give the limits, and a last fit learns all rows."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from detectors.injections.model import OrderItem
from detectors.injections.training.fitting import LearnedSentences, fit, predict, spelt_matrix
from detectors.injections.training.rows import FOLDER, OrderRow, folds_of, read_rows
from detectors.injections.weights_file import OrderDescription, OrderLimits, OrderWeights
from detectors.routes.layered import LayeredEncoder, unit_layers
from detectors.routes.model import pooled_layers
from detectors.routes.training.rows import FOLDER as ROUTES
from detectors.sentiment.arrays import Float32, Float64
from detectors.sentiment.corpus.messages import FOLDER as MOODS

FALSE_MARKS: Final = 0.001
"""Share of ordinary left-out messages that may be marked. From the brief of the product."""

DROPPED_FALSE: Final = 0.005
"""Share of ordinary messages of which a sentence counts as an order once the message is marked. By hand."""

DOUBTED: Final = 0.15
"""Share of the left-out attacks that sound less like an order than `doubted`. Chosen by hand: with this doubt
phrases and model together mark .0015 of the ordinary messages, without it .0042."""

_AT_ONCE: Final = 64
"""Texts of similar length that are read at once: bounds the memory. Chosen by hand."""

_LIBRARIES: Final = ("scipy", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class TrainedOrders:
    """The weights, the rows, and the highest score of each row by a fit that did not see its writer."""

    weights: OrderWeights
    rows: tuple[OrderRow, ...]
    left_out: Float64


def train_orders(encoder: LayeredEncoder, seed: int, *, progress: Callable[[str], None]) -> TrainedOrders:
    """Train on the corpora; the same seed gives the same weights on one machine."""
    rows = read_rows(seed)
    learned = learned_sentences(rows, encoder, progress=progress)
    scores = np.zeros(len(learned.owners))
    for writers in folds_of(rows):
        progress(f"fit without {', '.join(sorted(writers))}")
        inside = np.array([row.writer in writers for row in rows])[learned.owners]
        scores[inside] = predict(fit(learned, ~inside), learned)[inside]
    highest = np.full(len(rows), -np.inf)
    np.maximum.at(highest, learned.owners, scores)
    progress("fit on all rows")
    description = OrderDescription(
        encoder="all-MiniLM-L6-v2",
        command=f"rapport train injections --out FOLDER --seed {seed}",
        limits=limits_of(rows, highest),
        data=_digests(),
        versions={name: version(name) for name in _LIBRARIES},
    )
    head = fit(learned, np.ones(len(learned.owners), dtype=bool))
    return TrainedOrders(OrderWeights(head, description), tuple(rows), highest)


def limits_of(rows: list[OrderRow], highest: Float64) -> OrderLimits:
    """Return the limits by the highest scores (n,) of left-out rows."""
    ordinary = highest[np.array([row.ordinary for row in rows])]
    attacks = highest[np.array([bool(row.orders) for row in rows])]
    marked = float(np.quantile(ordinary, 1 - FALSE_MARKS, method="higher")) + 1e-4
    dropped = min(marked, float(np.quantile(ordinary, 1 - DROPPED_FALSE)))
    doubted = min(dropped, float(np.quantile(attacks, DOUBTED)))
    return OrderLimits(round(marked, 4), round(dropped, 4), round(doubted, 4))


def learned_sentences(
    rows: list[OrderRow], encoder: LayeredEncoder, *, progress: Callable[[str], None]
) -> LearnedSentences:
    """Return the sentences of rows, in order; each row must have a token."""
    tokens = encoder.pieces([row.text for row in rows])
    items = [OrderItem(row.text, found) for row, found in zip(rows, tokens, strict=True)]
    owners = np.repeat(np.arange(len(rows)), [len(item.sentences) for item in items])
    told = [
        -1 if (found := row.is_order(sentence)) is None else int(found)
        for row, item in zip(rows, items, strict=True)
        for sentence in item.sentences
    ]
    return LearnedSentences(
        states=np.concatenate(_states(items, encoder, progress)),
        spelt=spelt_matrix([sentence for item in items for sentence in item.sentences]),
        owners=owners,
        orders=np.array(told, dtype=np.int64),
        weights=np.array([row.weight for row in rows])[owners],
    )


def _states(
    items: list[OrderItem], encoder: LayeredEncoder, progress: Callable[[str], None]
) -> list[Float32]:
    """Return the unit states of each item's sentences, in order."""
    order = sorted(range(len(items)), key=lambda place: len(items[place].text))
    found: list[Float32] = [np.zeros(0, dtype=np.float32)] * len(items)
    for start in range(0, len(order), _AT_ONCE):
        places = order[start : start + _AT_ONCE]
        pooled = pooled_layers(encoder, [items[place].tokens.pieces for place in places])
        states = unit_layers(pooled.sentences)
        for row, place in enumerate(places):
            found[place] = states[pooled.owners == row]
        if start % (_AT_ONCE * 20) == 0:
            progress(f"read {start + len(places):,} of {len(items):,} messages")
    return found


def _digests() -> dict[str, str]:
    files = [*sorted(FOLDER.glob("*.jsonl")), *sorted(ROUTES.glob("*.jsonl")), *sorted(MOODS.glob("*.csv"))]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
