"""The fit of the mood network: epochs over dressed messages and comments, in batches of similar length."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final

import torch

from detectors.sentiment.batching import padded_batches
from detectors.sentiment.training.lessons import Lesson, batch_of
from detectors.sentiment.training.losses import LossWeights, cost, unsteadiness
from detectors.sentiment.training.network import TrainedNetwork
from detectors.sentiment.training.targets import RowTargets, targets_of

_KIND_WEIGHTS: Final = MappingProxyType({"praise": 1.5, "thanks": 1.2, "sarcasm": 1.5})
"""What the mood of messages weighs by their category; 1 for the others. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of the fit, chosen with the messages of writers w09 and w10 in view.

    `epochs` passes over the corpus, each with `comments` other rows of GoEmotions, which weigh
    `comment_weight`; `twins` is the share of messages that are met in two dresses side by side;
    `batch_tokens` padded tokens per step; `adapter_rate` and `head_rate` are the highest learning rates;
    `kind_weights` weigh the moods of messages by category.
    """

    epochs: int = 3
    comments: int = 12_000
    comment_weight: float = 0.5
    twins: float = 0.3
    batch_tokens: int = 1_200
    adapter_rate: float = 1e-3
    head_rate: float = 3e-3
    weights: LossWeights = field(default_factory=LossWeights)
    kind_weights: Mapping[str, float] = field(default_factory=lambda: _KIND_WEIGHTS)
    seed: int = 0


_SORTED_ROWS: Final = 1_024
"""Rows that are sorted by length together: batches stay random and padding small. Chosen by hand."""

_CLIP: Final = 1.0
"""Largest norm of a step's gradient. Common choice."""

_WARM_UP: Final = 0.1
"""Share of the steps in which the learning rate rises. Common choice."""

_SHORT_WARM_UP: Final = 0.3
_SHORT_STEPS: Final = 20
"""The same share for a try of fewer steps: a tenth of ten steps leaves the rate no step to rise."""


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
    batches = [_batches(epoch, recipe, random) for epoch in epochs]
    steps = sum(map(len, batches))
    optimiser = torch.optim.AdamW(
        [
            {"params": network.adapter_parameters(), "lr": recipe.adapter_rate},
            {"params": network.head_parameters(), "lr": recipe.head_rate},
        ],
        weight_decay=0.01,
    )
    warm_up = _WARM_UP if steps >= _SHORT_STEPS else _SHORT_WARM_UP
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.adapter_rate, recipe.head_rate], total_steps=steps + 1, pct_start=warm_up
    )
    parameters = [*network.adapter_parameters(), *network.head_parameters()]
    for number, (epoch, groups) in enumerate(zip(epochs, batches, strict=True), start=1):
        targets = targets_of(
            [lesson.row for lesson in epoch],
            comment_weight=recipe.comment_weight,
            kind_weights=recipe.kind_weights,
        )
        for rows in groups:
            loss = _loss(network, [epoch[row] for row in rows], targets.rows(rows), recipe.weights)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
            optimiser.step()
            rates.step()
        progress(f"epoch {number} of {len(epochs)}: {len(groups)} steps")


def _batches(lessons: Sequence[Lesson], recipe: Recipe, random: Random) -> list[list[int]]:
    """Return the lessons of each step; those with a twin stand together, because each takes two rows."""
    order = list(range(len(lessons)))
    random.shuffle(order)
    batches = []
    for start in range(0, len(order), _SORTED_ROWS):
        rows = order[start : start + _SORTED_ROWS]
        for chosen in (
            [row for row in rows if lessons[row].twin is None],
            [row for row in rows if lessons[row].twin is not None],
        ):
            groups = padded_batches([_padded(lessons[row]) for row in chosen], recipe.batch_tokens)
            batches += [[chosen[place] for place in group] for group in groups]
    random.shuffle(batches)
    return batches


def _padded(lesson: Lesson) -> int:
    return lesson.tokens if lesson.twin is None else 2 * max(lesson.tokens, lesson.twin.tokens)


def _loss(
    network: TrainedNetwork, lessons: Sequence[Lesson], targets: RowTargets, weights: LossWeights
) -> torch.Tensor:
    """Return the cost of lessons that all have a twin, or all have none."""
    twins = [lesson.twin for lesson in lessons if lesson.twin is not None]
    logits, hints = network.with_hints(batch_of([*lessons, *twins]))
    if not twins:
        return cost(logits, hints, targets, weights)
    both = targets.rows([*range(len(lessons)), *range(len(twins))])
    return cost(logits, hints, both, weights) + weights.steadiness * unsteadiness(
        logits[: len(lessons)], logits[len(lessons) :]
    )
