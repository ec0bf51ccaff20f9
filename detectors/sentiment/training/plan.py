"""How to train, and what a training gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from detectors.sentiment.training.fitting import Recipe
from detectors.sentiment.training.row import Judged, TrainingRow
from detectors.sentiment.weights_file import MoodWeights

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Trained:
    """The weights, and what was measured on the way.

    `left_out` has every message of the corpus as judged by the fold that did not see its writer;
    `comments` has the test rows of GoEmotions as judged by the final weights. `started_from` is the version
    of the weights from which the training went on, "" if it began with the plain encoder; `left_out` has
    then the messages of the new files only.
    """

    weights: MoodWeights
    left_out: Judged
    comments: Judged
    started_from: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: the recipe, the number of folds of writers, and an upper bound on all rows for a try."""

    recipe: Recipe
    folds: int = 3
    limit: int | None = None


def some_of(rows: Sequence[_Row], plan: Plan) -> list[_Row]:
    """Return the rows, or as many of them as the plan allows, chosen at random; in order."""
    if plan.limit is None or plan.limit >= len(rows):
        return list(rows)
    chosen = np.random.default_rng(plan.recipe.seed).choice(len(rows), size=plan.limit, replace=False)
    return [rows[place] for place in sorted(chosen.tolist())]


def folds_of(rows: Sequence[TrainingRow], count: int) -> list[tuple[str, ...]]:
    """Return the writers of each fold; every writer, and so every industry, is in exactly one."""
    writers = sorted({row.writer for row in rows})
    return [tuple(writers[number::count]) for number in range(min(count, len(writers)))]
