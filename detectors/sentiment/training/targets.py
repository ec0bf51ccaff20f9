"""What the network should say of rows, as tensors: moods, signs, hints, and how much each row weighs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
import torch

from detectors.sentiment.arrays import Float64, Int64
from detectors.sentiment.corpus.messages import Category
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.training.goemotions import EMOTIONS
from detectors.sentiment.training.row import TrainingRow

KINDS: Final = get_args(Category)
NO_KIND: Final = -1
"""The number of the kind of a row without one."""


@dataclass(frozen=True, slots=True)
class RowTargets:
    """The targets of n rows.

    `moods` (n,) and `kinds` (n,) are numbers, `signs` (n, k - 3) and `emotions` (n, 28) are in [0, 1];
    `labelled` (n,) tells which rows have signs, `weights` (n,) what the mood of each row weighs.
    """

    moods: torch.Tensor
    signs: torch.Tensor
    kinds: torch.Tensor
    emotions: torch.Tensor
    labelled: torch.Tensor
    weights: torch.Tensor

    def rows(self, rows: Sequence[int]) -> "RowTargets":
        """Return the targets of these rows, in order."""
        picked = torch.tensor(rows)
        return RowTargets(
            self.moods[picked],
            self.signs[picked],
            self.kinds[picked],
            self.emotions[picked],
            self.labelled[picked],
            self.weights[picked],
        )


def targets_of(
    rows: Sequence[TrainingRow], *, comment_weight: float, kind_weights: Mapping[str, float]
) -> RowTargets:
    """Return the targets of rows.

    A message weighs what `kind_weights` says of its category, or 1; a comment `comment_weight` times the
    rarity of its mood.
    """
    unknown = (0.0,) * (len(OUTPUTS) - MOODS)
    moods = np.array([row.mood for row in rows])
    is_comment = np.array([row.signs is None for row in rows])
    messages = np.array([kind_weights.get(row.category, 1.0) for row in rows])
    weights = np.where(is_comment, comment_weight * _rarity(moods, is_comment), messages)
    return RowTargets(
        torch.tensor(moods),
        torch.tensor([row.signs or unknown for row in rows]),
        torch.tensor([KINDS.index(row.category) if row.category in KINDS else NO_KIND for row in rows]),
        _emotions(rows),
        torch.tensor(~is_comment),
        torch.tensor(weights, dtype=torch.float32),
    )


def _emotions(rows: Sequence[TrainingRow]) -> torch.Tensor:
    found = torch.zeros(len(rows), len(EMOTIONS))
    for number, row in enumerate(rows):
        found[number, list(row.emotions)] = 1.0
    return found


def _rarity(moods: Int64, inside: Float64) -> Float64:
    """Return the weight of each mood among the rows `inside`: the root of its inverse share, mean about 1."""
    counts = np.bincount(moods[np.asarray(inside, dtype=bool)], minlength=MOODS) + 1.0
    return np.asarray(np.sqrt(counts.sum() / counts / MOODS)[moods], dtype=np.float64)
