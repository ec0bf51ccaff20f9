"""The fit of the mood network: epochs over dressed messages and comments, in batches of similar length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
import torch

from detectors.sentiment.arrays import Float64
from detectors.sentiment.batching import padded_batches
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.training.lessons import Batch, Lesson, batch_of
from detectors.sentiment.training.network import TrainedNetwork
from detectors.sentiment.training.row import TrainingRow


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of the fit, chosen with the messages of writers w09 and w10 in view.

    `epochs` passes over the corpus, each with `comments` other rows of GoEmotions, which weigh
    `comment_weight`; `batch_tokens` padded tokens per step; `adapter_rate` and `head_rate` are the highest
    learning rates; `smoothing` moves the targets of the moods towards equal; `sign_weight` weighs the loss of
    the signs against the loss of the mood.
    """

    epochs: int = 3
    comments: int = 12_000
    comment_weight: float = 0.5
    batch_tokens: int = 1_200
    adapter_rate: float = 1e-3
    head_rate: float = 3e-3
    smoothing: float = 0.05
    sign_weight: float = 4.0
    seed: int = 0


_SORTED_ROWS: Final = 1_024
"""Rows that are sorted by length together: batches stay random and padding small. Chosen by hand."""

_CLIP: Final = 1.0
"""Largest norm of a step's gradient. Common choice."""

_WARM_UP: Final = 0.1
"""Share of the steps in which the learning rate rises. Common choice."""


@dataclass(frozen=True, slots=True)
class _Targets:
    moods: torch.Tensor
    signs: torch.Tensor
    labelled: torch.Tensor
    weights: torch.Tensor

    def rows(self, rows: Sequence[int]) -> "_Targets":
        picked = torch.tensor(rows)
        return _Targets(self.moods[picked], self.signs[picked], self.labelled[picked], self.weights[picked])


def fit(
    network: TrainedNetwork,
    epochs: Sequence[Sequence[Lesson]],
    recipe: Recipe,
    *,
    progress: Callable[[str], None],
) -> None:
    """Fit `network` in place, once over each of `epochs`.

    The same arguments give the same weights on one machine.
    """
    random = Random(recipe.seed)
    batches = [_batches([len(lesson.piece.window) for lesson in epoch], recipe, random) for epoch in epochs]
    steps = sum(map(len, batches))
    optimiser = torch.optim.AdamW(
        [
            {"params": network.adapter_parameters(), "lr": recipe.adapter_rate},
            {"params": network.head_parameters(), "lr": recipe.head_rate},
        ],
        weight_decay=0.01,
    )
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.adapter_rate, recipe.head_rate], total_steps=steps + 1, pct_start=_WARM_UP
    )
    parameters = [*network.adapter_parameters(), *network.head_parameters()]
    for number, (epoch, groups) in enumerate(zip(epochs, batches, strict=True), start=1):
        targets = _targets_of([lesson.row for lesson in epoch], recipe)
        for rows in groups:
            loss = _loss(network, batch_of([epoch[row] for row in rows]), targets.rows(rows), recipe)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
            optimiser.step()
            rates.step()
        progress(f"epoch {number} of {len(epochs)}: {len(groups)} steps")


def _targets_of(rows: Sequence[TrainingRow], recipe: Recipe) -> _Targets:
    unknown = (0.0,) * (len(OUTPUTS) - MOODS)
    moods = np.array([row.mood for row in rows])
    is_comment = np.array([row.signs is None for row in rows])
    weights = np.where(is_comment, recipe.comment_weight * _rarity(moods, is_comment), 1.0)
    return _Targets(
        torch.tensor(moods),
        torch.tensor([row.signs or unknown for row in rows]),
        torch.tensor(~is_comment),
        torch.tensor(weights, dtype=torch.float32),
    )


def _rarity(moods: "np.ndarray[tuple[int], np.dtype[np.int64]]", inside: Float64) -> Float64:
    """Return the weight of each mood among the rows `inside`: the root of its inverse share, mean about 1."""
    counts = np.bincount(moods[np.asarray(inside, dtype=bool)], minlength=MOODS) + 1.0
    return np.asarray(np.sqrt(counts.sum() / counts / MOODS)[moods], dtype=np.float64)


def _batches(lengths: Sequence[int], recipe: Recipe, random: Random) -> list[list[int]]:
    order = list(range(len(lengths)))
    random.shuffle(order)
    batches = []
    for start in range(0, len(order), _SORTED_ROWS):
        rows = order[start : start + _SORTED_ROWS]
        groups = padded_batches([lengths[row] for row in rows], recipe.batch_tokens)
        batches += [[rows[place] for place in group] for group in groups]
    random.shuffle(batches)
    return batches


def _loss(network: TrainedNetwork, batch: Batch, targets: _Targets, recipe: Recipe) -> torch.Tensor:
    logits = network(batch)
    moods = torch.nn.functional.cross_entropy(
        logits[:, :MOODS], targets.moods, reduction="none", label_smoothing=recipe.smoothing
    )
    signs = torch.nn.functional.binary_cross_entropy_with_logits(
        logits[:, MOODS:], targets.signs, reduction="none"
    ).mean(dim=1)
    total = moods * targets.weights + recipe.sign_weight * signs * targets.labelled
    return total.mean()
