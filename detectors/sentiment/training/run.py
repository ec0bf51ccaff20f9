"""The whole training: fit in folds, calibrate on the messages that folds left out, fit on all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float64, Int64
from detectors.sentiment.calibration import Calibration, confidences, fitted
from detectors.sentiment.corpus.messages import learned_messages
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.scores import mood_of
from detectors.sentiment.training.describing import described
from detectors.sentiment.training.goemotions import TrainingDataError, read_folder
from detectors.sentiment.training.judged import judged_under
from detectors.sentiment.training.network import predict
from detectors.sentiment.training.plan import Plan, Trained, folds_of, some_of
from detectors.sentiment.training.row import Judged, TrainingRow
from detectors.sentiment.training.rows import comment_rows, corpus_rows
from detectors.sentiment.training.school import School
from detectors.sentiment.weights_file import MoodWeights

_COMMENTS_WEIGH: Final = 0.25
"""Weight of all comments against all messages when confidences are taken. Chosen by hand."""


def train_from_folder(data: Path, plan: Plan, *, progress: Callable[[str], None]) -> Trained:
    """Train on the corpus and on GoEmotions in folder `data`; calibrate on messages that folds left out.

    Raises TrainingDataError if the folder is not GoEmotions or a mood is missing.
    """
    splits = {name: some_of(comment_rows(rows), plan) for name, rows in read_folder(data).items()}
    messages = corpus_rows(some_of([*learned_messages()], plan))
    if any(len({row.mood for row in rows}) < 3 for rows in (messages, *splits.values())):
        raise TrainingDataError("every mood needs rows")
    school = School.of(plan.recipe, progress)
    epochs = school.epochs(messages, splits["train"])
    plain, dev = school.maker.plain(messages), school.maker.plain(splits["dev"])
    logits = np.zeros((len(messages), len(OUTPUTS)))
    comment_logits = np.zeros((len(dev), len(OUTPUTS)))
    folds = folds_of(messages, plan.folds)
    for number, writers in enumerate(folds, start=1):
        progress(f"fold {number} of {plan.folds} leaves out {', '.join(writers)}")
        network = school.taught(epochs, without=writers)
        inside = [place for place, row in enumerate(messages) if row.writer in writers]
        logits[inside] = predict(network, [plain[place] for place in inside])
        comment_logits = predict(network, dev)
    calibration = _calibration(messages, logits, splits["dev"], comment_logits)
    progress("final fit on all messages")
    network = school.taught(epochs)
    description = described(data, network.heads(), calibration, options=_options(plan))
    weights = MoodWeights(network.adapters(), network.heads(), description)
    test_logits = predict(network, school.maker.plain(splits["test"]))
    return Trained(
        weights,
        _left_out(messages, logits, folds),
        judged_under(calibration, splits["test"], test_logits),
    )


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
    said = np.array([mood_of(row, calibration.least_positive) for row in moods])
    sure, wrong = moods[np.arange(len(said)), said], (said != truth).astype(np.int64)
    by_mood = [
        confidences(sure[said == mood], wrong[said == mood], weights[said == mood]) for mood in range(MOODS)
    ]
    return replace(calibration, confidences=tuple(by_mood))


def _left_out(messages: Sequence[TrainingRow], logits: Float64, folds: Sequence[Sequence[str]]) -> Judged:
    """Calibrate each fold's messages by the messages of the other folds."""
    moods, signs = np.zeros((len(messages), MOODS)), np.zeros((len(messages), len(OUTPUTS) - MOODS))
    floors = np.zeros(len(messages))
    for writers in folds:
        inside = np.array([row.writer in writers for row in messages])
        others = [row for row in messages if row.writer not in writers]
        calibration = fitted(logits[~inside], *_targets(others))
        moods[inside], signs[inside] = calibration.moods(logits[inside]), calibration.signs(logits[inside])
        floors[inside] = calibration.least_positive
    return Judged(tuple(messages), moods, signs, floors)


def _targets(messages: Sequence[TrainingRow]) -> tuple[Int64, Float64]:
    moods = np.array([row.mood for row in messages], dtype=np.int64)
    return moods, np.array([row.signs for row in messages], dtype=np.float64)


def _options(plan: Plan) -> str:
    limit = "" if plan.limit is None else f" --limit {plan.limit}"
    return f"--seed {plan.recipe.seed}{limit}"
