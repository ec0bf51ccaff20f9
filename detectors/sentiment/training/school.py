"""A school of mood networks: lessons made once, from which several networks are taught."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from random import Random

import numpy as np
import torch

from detectors.sentiment.adapter import Adapter
from detectors.sentiment.arrays import Float32
from detectors.sentiment.heads import Heads
from detectors.sentiment.pretrained import load_pretrained
from detectors.sentiment.tokens import SentenceTokenizer
from detectors.sentiment.training.fitting import Recipe, fit
from detectors.sentiment.training.lessons import Lesson, LessonMaker
from detectors.sentiment.training.network import TrainedNetwork
from detectors.sentiment.training.row import TrainingRow
from detectors.sentiment.weights_file import MoodWeights


@dataclass(frozen=True, slots=True)
class School:
    """Makes the epochs once and teaches networks with them; from `start`, or from the plain encoder."""

    maker: LessonMaker
    recipe: Recipe
    progress: Callable[[str], None]
    start: MoodWeights | None = None

    @classmethod
    def of(
        cls, recipe: Recipe, progress: Callable[[str], None], *, start: MoodWeights | None = None
    ) -> "School":
        """Return a school with the encoder of the package; raises OSError if its files are missing."""
        tokenizer, encoder = load_pretrained()
        return cls(LessonMaker(SentenceTokenizer(tokenizer), encoder), recipe, progress, start)

    def epochs(self, messages: Sequence[TrainingRow], comments: Sequence[TrainingRow]) -> list[list[Lesson]]:
        """Return the lessons of each epoch: every message, and other comments each time."""
        random, found = Random(self.recipe.seed), []
        for number in range(1, self.recipe.epochs + 1):
            chosen = random.sample(comments, min(self.recipe.comments, len(comments)))
            seed = f"{self.recipe.seed}-{number}"
            dressed = self.maker.dressed(messages, seed, self.recipe.twins)
            found.append([*dressed, *self.maker.plain(chosen)])
            self.progress(f"lessons of epoch {number} of {self.recipe.epochs}: {len(found[-1]):,}")
        return found

    def taught(self, epochs: Sequence[Sequence[Lesson]], *, without: Sequence[str] = ()) -> TrainedNetwork:
        """Return a new network, fitted on the lessons that are not of the writers `without`.

        Raises DamagedWeightsError if the weights to start from do not fit.
        """
        torch.manual_seed(self.recipe.seed)
        _, encoder = load_pretrained()
        network = TrainedNetwork(encoder)
        if self.start is not None:
            network.start_from(self.start.adapters, self.start.heads)
        kept = [[lesson for lesson in epoch if lesson.row.writer not in without] for epoch in epochs]
        fit(network, kept, self.recipe, progress=self.progress)
        if self.start is not None:
            network.start_from(*halfway(self.start, network))
        return network


def halfway(start: MoodWeights, network: TrainedNetwork) -> tuple[dict[str, Adapter], Heads]:
    """Return adapters and heads in the middle between where a fit started and where it came.

    Half of the way keeps what the start knew and has most of what was learned (Wortsman et al. 2022,
    arXiv 2109.01903).
    """
    found = network.adapters()
    adapters = {
        name: Adapter(_mean(one.down, found[name].down), _mean(one.up, found[name].up))
        for name, one in start.adapters.items()
    }
    own = network.heads()
    parts = (_mean(getattr(start.heads, part.name), getattr(own, part.name)) for part in fields(Heads))
    return adapters, Heads(*parts)


def _mean(first: Float32, second: Float32) -> Float32:
    return np.asarray((first + second) / 2, dtype=np.float32)
