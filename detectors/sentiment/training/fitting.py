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
from detectors.sentiment.pieces import Piece
from detectors.sentiment.training.augmentation import dressed
from detectors.sentiment.training.network import Batch, TrainedNetwork, batch_of, logits_of
from detectors.sentiment.training.rows import TrainingRow

Tokenise = Callable[[Sequence[str]], list[Piece]]
"""Turns texts into their first pieces, one per text, in order."""


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


@dataclass(frozen=True, slots=True)
class Material:
    """The rows to learn from: `messages` in every epoch, a random share of `comments` in each."""

    messages: Sequence[TrainingRow]
    comments: Sequence[TrainingRow]
    tokenise: Tokenise


def fit(
    network: TrainedNetwork, material: Material, recipe: Recipe, *, progress: Callable[[str], None]
) -> None:
    """Fit `network` in place. The same arguments give the same weights on one machine."""
    random = Random(recipe.seed)
    optimiser = torch.optim.AdamW(
        [
            {"params": network.adapter_parameters(), "lr": recipe.adapter_rate},
            {"params": network.head_parameters(), "lr": recipe.head_rate},
        ],
        weight_decay=0.01,
    )
    epochs = [_epoch(material, recipe, random) for _ in range(recipe.epochs)]
    steps = sum(len(batches) for _, _, batches in epochs)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.adapter_rate, recipe.head_rate], total_steps=steps + 1, pct_start=_WARM_UP
    )
    done = 0
    for number, (pieces, targets, batches) in enumerate(epochs, start=1):
        for rows in batches:
            loss = _loss(network, batch_of([pieces[row] for row in rows]), targets.rows(rows), recipe)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*network.adapter_parameters(), *network.head_parameters()], _CLIP)
            optimiser.step()
            rates.step()
            done += 1
        progress(f"epoch {number} of {recipe.epochs}: step {done} of {steps}")


def _epoch(
    material: Material, recipe: Recipe, random: Random
) -> tuple[list[Piece], _Targets, list[list[int]]]:
    comments = random.sample(material.comments, min(recipe.comments, len(material.comments)))
    rows = [*material.messages, *comments]
    texts = [dressed(row.text, random) if row.signs is not None else row.text for row in rows]
    pieces = material.tokenise(texts)
    return pieces, _targets_of(rows, recipe), _batches([len(p.window) for p in pieces], recipe, random)


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


def predict(network: TrainedNetwork, texts: Sequence[str], *, tokenise: Tokenise) -> Float64:
    """Return the (n, k) logits of texts, in order."""
    pieces = tokenise(texts)
    batches = padded_batches([len(piece.window) for piece in pieces], max_tokens=4_096)
    return logits_of(network, pieces, batches)
