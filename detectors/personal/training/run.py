"""The whole training: fits that leave out a writer give the limits, and a last fit learns all rows."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from detectors.personal.decoding import PersonalLimits
from detectors.personal.head import LAYERS, scaled_layers
from detectors.personal.model import PersonalItem, UnitEncoder, prepared, unit_states
from detectors.personal.signs import WordLists
from detectors.personal.training.fitting import LearnedText, fit
from detectors.personal.training.rows import FOLDER, PersonalRow, outputs_of, read_rows
from detectors.personal.weights_file import PersonalDescription, PersonalWeights
from detectors.sentiment.arrays import Float32, Float64

_AT_ONCE: Final = 64
"""Texts of similar length that are read at once: bounds the memory. Chosen by hand."""

_LIBRARIES: Final = ("torch", "tokenizers", "numpy", "faker")


@dataclass(frozen=True, slots=True)
class LeftOutText:
    """A row with its units' chances (units, len(OUTPUTS)) by a fit that did not see its writer."""

    row: PersonalRow
    item: PersonalItem
    chances: Float64


ChooseLimits = Callable[[Sequence[LeftOutText]], PersonalLimits]


@dataclass(frozen=True, slots=True)
class TrainedPersonal:
    """The weights, and the rows of all writers that were left out once, in the order of the corpus."""

    weights: PersonalWeights
    left_out: tuple[LeftOutText, ...]


@dataclass(frozen=True, slots=True)
class PersonalReader:
    """What reads the texts: the encoder, and the lists of names."""

    encoder: UnitEncoder
    lists: WordLists


def train_personal(
    reader: PersonalReader, seed: int, choose: ChooseLimits, *, progress: Callable[[str], None]
) -> TrainedPersonal:
    """Train on the corpus; the same seed gives the same weights on one machine.

    `choose` gives the limits by the rows of left-out writers.
    """
    rows = read_rows()
    items = prepared([row.text for row in rows], reader.encoder, reader.lists)
    texts = learned_texts(rows, items, reader.encoder, progress=progress)
    left_out = [
        one for writer in writers_of(rows) for one in _judged_without(writer, rows, items, texts, seed)
    ]
    progress("fit on all rows")
    description = PersonalDescription(
        encoder="all-MiniLM-L6-v2",
        command=f"rapport train privacy --out FOLDER --seed {seed}",
        limits=choose(left_out),
        data=_digests(),
        versions={name: version(name) for name in _LIBRARIES},
    )
    return TrainedPersonal(PersonalWeights(fit(texts, seed), description), tuple(left_out))


def writers_of(rows: Sequence[PersonalRow]) -> list[str]:
    """Return the writers that are left out in turn, sorted."""
    return sorted({row.writer for row in rows})


def learned_texts(
    rows: Sequence[PersonalRow],
    items: Sequence[PersonalItem],
    encoder: UnitEncoder,
    *,
    progress: Callable[[str], None],
) -> list[LearnedText]:
    """Return what is learned from rows, in order."""
    return [
        LearnedText(scaled_layers(states), item.signs, outputs_of(row, item.units))
        for row, item, states in zip(rows, items, _states(items, encoder, progress), strict=True)
    ]


def _judged_without(
    writer: str,
    rows: Sequence[PersonalRow],
    items: Sequence[PersonalItem],
    texts: Sequence[LearnedText],
    seed: int,
) -> list[LeftOutText]:
    head = fit([text for text, row in zip(texts, rows, strict=True) if row.writer != writer], seed)
    return [
        LeftOutText(row, item, head.chances(text.states, text.signs))
        for row, item, text in zip(rows, items, texts, strict=True)
        if row.writer == writer
    ]


def _states(
    items: Sequence[PersonalItem], encoder: UnitEncoder, progress: Callable[[str], None]
) -> list[Float32]:
    """Return the states of each item's units, in order."""
    order = sorted(range(len(items)), key=lambda place: len(items[place].text))
    found: list[Float32] = [np.zeros((0, 0), dtype=np.float32)] * len(items)
    for start in range(0, len(order), _AT_ONCE):
        places = order[start : start + _AT_ONCE]
        chosen = [items[at] for at in places]
        means = encoder.run_means([piece for item in chosen for piece in item.tokens.pieces], LAYERS)
        for place, states in zip(places, unit_states(chosen, means), strict=True):
            found[place] = states
        if start % (_AT_ONCE * 8) == 0:
            progress(f"read {start + len(places):,} of {len(items):,} messages")
    return found


def _digests() -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(FOLDER.glob("*.jsonl"))
    }
