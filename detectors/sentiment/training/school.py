"""A school of mood networks: lessons made once, from which several networks are taught."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import torch

from detectors.sentiment.encoder import load_pretrained
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
        return network
