"""The pooled states of rows, computed once for all fits, and which sentences show a reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.routes.layered import LAYERS, LayeredEncoder, unit_layers
from detectors.routes.training.rows import RouteRow
from detectors.sentiment.arrays import Float32, Int64
from detectors.sentiment.heads import pool
from detectors.sentiment.pieces import TokenisedText

_AT_ONCE: Final = 64
"""Texts of similar length that are read at once: bounds the memory. Chosen by hand."""

_SHORTEST: Final = 8
"""Characters of a marked sentence's part at least; a shorter part, such as "Hi.", shows nothing."""


@dataclass(frozen=True, slots=True)
class PooledRows:
    """The unit states of rows: `whole` (n, d), `sentences` (s, d) with the row of each in `owners` (s,).

    `marked` (s,) tells which sentences show the reason of their row.
    """

    whole: Float32
    sentences: Float32
    owners: Int64
    marked: np.ndarray[tuple[int], np.dtype[np.bool_]]


def pool_rows(
    rows: Sequence[RouteRow], encoder: LayeredEncoder, *, progress: Callable[[str], None]
) -> PooledRows:
    """Return the states of rows, in order; each row must have a token."""
    texts = encoder.pieces([row.text for row in rows])
    order = sorted(range(len(rows)), key=lambda place: len(texts[place].pieces[0].window))
    whole: list[Float32] = [np.zeros(0, dtype=np.float32)] * len(rows)
    parts: list[Float32] = list(whole)
    for start in range(0, len(order), _AT_ONCE):
        places = order[start : start + _AT_ONCE]
        firsts = [texts[place].pieces[:1] for place in places]
        pooled = pool(encoder.run_means([piece for text in firsts for piece in text], LAYERS), firsts)
        for row, place in enumerate(places):
            whole[place] = pooled.whole[row]
            parts[place] = pooled.sentences[pooled.owners == row]
        if start % (_AT_ONCE * 20) == 0:
            progress(f"read {start + len(places):,} of {len(rows):,} messages")
    owners = np.repeat(np.arange(len(rows)), [len(part) for part in parts])
    marks = [mark for row, text in zip(rows, texts, strict=True) for mark in _marks(row, text)]
    return PooledRows(
        unit_layers(np.stack(whole)), unit_layers(np.concatenate(parts)), owners, np.array(marks, dtype=bool)
    )


def _marks(row: RouteRow, text: TokenisedText) -> list[bool]:
    """Tell of each sentence of the first piece whether it shows the reason; the only one of a route does."""
    said = [" ".join(row.text[slice(*text.spans[number])].split()) for number in text.pieces[0].numbers]
    if not row.output or not row.sentence:
        return [bool(row.output) and len(said) == 1] * len(said)
    return [len(said) == 1 or _is_same(part, row.sentence) for part in said]


def _is_same(part: str, sentence: str) -> bool:
    return len(part) > _SHORTEST and (part in sentence or sentence in part)
