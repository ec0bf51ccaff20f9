"""The fit of the matching network: each step chooses among all sections of one file of help centres."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import torch

from detectors.matching.training.lessons import CentreLesson
from detectors.matching.training.losses import lesson_loss
from detectors.matching.training.network import MatchingNetwork

_CLIP: Final = 1.0
"""Largest norm of a step's gradient. Common choice."""

_DECAY: Final = 0.01
"""Weight decay. Common choice."""

_WARM_UP: Final = 0.05
"""Share of the steps in which the learning rate rises. Common choice."""


@dataclass(frozen=True, slots=True)
class MatchingRecipe:
    """The choices of the fit, chosen by hand.

    `epochs` passes over the questions, `questions` of one company in a step, `rate` the highest learning
    rate, `sentences` the share of steps that also choose the sentence.
    """

    epochs: int = 4
    questions: int = 160
    rate: float = 1e-3
    sentences: float = 0.3
    seed: int = 7


Step = tuple[CentreLesson, list[int]]


def fit_matching(
    network: MatchingNetwork,
    lessons: Sequence[CentreLesson],
    recipe: MatchingRecipe,
    *,
    progress: Callable[[str], None],
) -> None:
    """Fit the network in place; the same lessons, recipe and torch seed give the same weights."""
    random = Random(recipe.seed)
    epochs = [steps_of(lessons, recipe, random) for _ in range(recipe.epochs)]
    total = sum(map(len, epochs))
    optimiser = torch.optim.AdamW(network.trained(), lr=recipe.rate, weight_decay=_DECAY)
    done = 0
    for number, steps in enumerate(epochs, start=1):
        losses = []
        for lesson, rows in steps:
            done += 1
            _set_rate(optimiser, recipe.rate * _share_of_rate(done / total))
            loss = lesson_loss(network, lesson, rows, with_sentences=random.random() < recipe.sentences)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.trained(), _CLIP)
            optimiser.step()
            losses.append(float(loss.detach()))
        progress(f"epoch {number} of {recipe.epochs}: loss {sum(losses) / len(losses):.3f}")


def steps_of(lessons: Sequence[CentreLesson], recipe: MatchingRecipe, random: Random) -> list[Step]:
    """Return the steps of one epoch in random order: all questions once, those of one company together."""
    steps: list[Step] = []
    for lesson in lessons:
        rows = list(range(len(lesson.questions)))
        random.shuffle(rows)
        parts = max(1, round(len(rows) / recipe.questions))
        steps += [(lesson, rows[start::parts]) for start in range(parts)]
    random.shuffle(steps)
    return steps


def _share_of_rate(passed: float) -> float:
    """Return the share of the highest rate after a share of all steps: it rises, then falls to zero."""
    return min(passed / _WARM_UP, 1.0) * (1.0 - passed) + 0.01


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
