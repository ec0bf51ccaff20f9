"""The whole training: fit in folds, calibrate on the messages that folds left out, fit on all."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch

from detectors.sentiment.arrays import Float64, Int64
from detectors.sentiment.calibration import Calibration, confidences, fitted
from detectors.sentiment.corpus.messages import FOLDER, read_messages
from detectors.sentiment.encoder import load_pretrained
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.tokens import SentenceTokenizer
from detectors.sentiment.training.fitting import Recipe, fit
from detectors.sentiment.training.goemotions import TrainingDataError, read_folder
from detectors.sentiment.training.lessons import Lesson, LessonMaker
from detectors.sentiment.training.network import TrainedNetwork, predict
from detectors.sentiment.training.row import Judged, TrainingRow
from detectors.sentiment.training.rows import comment_rows, corpus_rows
from detectors.sentiment.weights_file import Description, MoodWeights

_FILES: Final = ("labels.txt", "train.tsv", "dev.tsv", "test.tsv")
_COMMENTS_WEIGH: Final = 0.25
"""Weight of all comments against all messages when confidences are taken. Chosen by hand."""

_LIBRARIES: Final = ("torch", "transformers", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class Trained:
    """The weights, and what was measured on the way.

    `left_out` has every message of the corpus as judged by the fold that did not see its writer;
    `comments` has the test rows of GoEmotions as judged by the final weights.
    """

    weights: MoodWeights
    left_out: Judged
    comments: Judged


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: the recipe, the number of folds of writers, and an upper bound on all rows for a try."""

    recipe: Recipe
    folds: int = 3
    limit: int | None = None


def train_from_folder(data: Path, plan: Plan, *, progress: Callable[[str], None]) -> Trained:
    """Train on the corpus and on GoEmotions in folder `data`; calibrate on messages that folds left out.

    Raises TrainingDataError if the folder is not GoEmotions or a mood is missing.
    """
    splits = {name: _some(comment_rows(rows), plan) for name, rows in read_folder(data).items()}
    messages = _some(corpus_rows(read_messages()), plan)
    if any(len({row.mood for row in rows}) < 3 for rows in (messages, *splits.values())):
        raise TrainingDataError("every mood needs rows")
    tokenizer, encoder = load_pretrained()
    school = _School(LessonMaker(SentenceTokenizer(tokenizer), encoder), plan.recipe, progress)
    epochs = school.epochs(messages, splits["train"])
    plain, dev = school.maker.plain(messages), school.maker.plain(splits["dev"])
    logits = np.zeros((len(messages), len(OUTPUTS)))
    comment_logits = np.zeros((len(dev), len(OUTPUTS)))
    folds = _folds(messages, plan.folds)
    for number, writers in enumerate(folds, start=1):
        progress(f"fold {number} of {plan.folds} leaves out {', '.join(writers)}")
        network = school.taught(epochs, without=writers)
        inside = [place for place, row in enumerate(messages) if row.writer in writers]
        logits[inside] = predict(network, [plain[place] for place in inside])
        comment_logits = predict(network, dev)
    calibration = _calibration(messages, logits, splits["dev"], comment_logits)
    progress("final fit on all messages")
    network = school.taught(epochs)
    weights = MoodWeights(network.adapters(), network.heads(), _description(data, plan, calibration, network))
    test_logits = predict(network, school.maker.plain(splits["test"]))
    return Trained(
        weights,
        _left_out(messages, logits, folds),
        Judged(tuple(splits["test"]), calibration.moods(test_logits), calibration.signs(test_logits)),
    )


def _folds(messages: Sequence[TrainingRow], count: int) -> list[tuple[str, ...]]:
    """Return the writers of each fold; every writer, and so every industry, is in exactly one."""
    writers = sorted({row.writer for row in messages})
    return [tuple(writers[number::count]) for number in range(count)]


@dataclass(frozen=True, slots=True)
class _School:
    """Makes the epochs once and teaches networks with them."""

    maker: LessonMaker
    recipe: Recipe
    progress: Callable[[str], None]

    def epochs(self, messages: Sequence[TrainingRow], comments: Sequence[TrainingRow]) -> list[list[Lesson]]:
        """Return the lessons of each epoch: every message, and other comments each time."""
        random, found = Random(self.recipe.seed), []
        for number in range(1, self.recipe.epochs + 1):
            chosen = random.sample(comments, min(self.recipe.comments, len(comments)))
            seed = f"{self.recipe.seed}-{number}"
            found.append([*self.maker.dressed(messages, seed), *self.maker.plain(chosen)])
            self.progress(f"lessons of epoch {number} of {self.recipe.epochs}: {len(found[-1]):,}")
        return found

    def taught(self, epochs: Sequence[Sequence[Lesson]], *, without: Sequence[str] = ()) -> TrainedNetwork:
        """Return a new network, fitted on the lessons that are not of the writers `without`."""
        torch.manual_seed(self.recipe.seed)
        _, encoder = load_pretrained()
        network = TrainedNetwork(encoder)
        kept = [[lesson for lesson in epoch if lesson.row.writer not in without] for epoch in epochs]
        fit(network, kept, self.recipe, progress=self.progress)
        return network


def _calibration(
    messages: Sequence[TrainingRow],
    logits: Float64,
    comments: Sequence[TrainingRow],
    comment_logits: Float64,
) -> Calibration:
    """Calibrate on left-out messages; take confidences from messages and comments together.

    Comments are a domain that is far from support: all of them together weigh _COMMENTS_WEIGH as much as all
    messages, because a desk lies between the two, and nearer to the messages.
    """
    labels, signs = _targets(messages)
    calibration = fitted(logits, labels, signs)
    moods = np.concatenate([calibration.moods(logits), calibration.moods(comment_logits)])
    truth = np.concatenate([labels, [row.mood for row in comments]])
    weights = np.concatenate(
        [np.full(len(messages), 1 / len(messages)), np.full(len(comments), _COMMENTS_WEIGH / len(comments))]
    )
    said, wrong = moods.argmax(axis=1), moods.argmax(axis=1) != truth
    by_mood = [
        confidences(
            moods[said == mood].max(axis=1), wrong[said == mood].astype(np.int64), weights[said == mood]
        )
        for mood in range(MOODS)
    ]
    return replace(calibration, confidences=tuple(by_mood))


def _left_out(messages: Sequence[TrainingRow], logits: Float64, folds: Sequence[Sequence[str]]) -> Judged:
    """Calibrate each fold's messages by the messages of the other folds."""
    moods, signs = np.zeros((len(messages), MOODS)), np.zeros((len(messages), len(OUTPUTS) - MOODS))
    for writers in folds:
        inside = np.array([row.writer in writers for row in messages])
        others = [row for row in messages if row.writer not in writers]
        calibration = fitted(logits[~inside], *_targets(others))
        moods[inside], signs[inside] = calibration.moods(logits[inside]), calibration.signs(logits[inside])
    return Judged(tuple(messages), moods, signs)


def _targets(messages: Sequence[TrainingRow]) -> tuple[Int64, Float64]:
    moods = np.array([row.mood for row in messages], dtype=np.int64)
    return moods, np.array([row.signs for row in messages], dtype=np.float64)


def _description(data: Path, plan: Plan, calibration: Calibration, network: TrainedNetwork) -> Description:
    recipe = plan.recipe
    heads = network.heads()
    digest = hashlib.sha256(heads.rule_weight.tobytes() + heads.whole_weight.tobytes()).hexdigest()[:8]
    limit = "" if plan.limit is None else f" --limit {plan.limit}"
    return Description(
        version=f"minilm-mood-{digest}",
        encoder="all-MiniLM-L6-v2",
        command=f"rapport train sentiment --data FOLDER --out FOLDER --seed {recipe.seed}{limit}",
        calibration=calibration,
        data=_digests([data / name for name in _FILES]) | _digests(sorted(FOLDER.glob("*.csv"))),
        versions={name: version(name) for name in _LIBRARIES},
    )


def _digests(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _some(rows: Sequence[TrainingRow], plan: Plan) -> list[TrainingRow]:
    if plan.limit is None or plan.limit >= len(rows):
        return list(rows)
    chosen = np.random.default_rng(plan.recipe.seed).choice(len(rows), size=plan.limit, replace=False)
    return [rows[place] for place in sorted(chosen.tolist())]
