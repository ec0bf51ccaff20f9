"""How well moods, frustration and threats to leave are found: the figures of scored and labelled messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Bools, Float64, Int64
from detectors.sentiment.scores import LABELS, SentimentScore, mood_of
from detectors.sentiment.weighted import (
    accuracies_at,
    areas_under_curve,
    calibration_errors,
    macro_f1s,
    shares,
)
from streams.evaluate.labelled import LabelledText

COVERAGES: Final = (100, 95, 90, 80, 70, 50)
"""Percent of the rows, the most confident first, at which accuracy is told."""

NO_MOOD: Final = -1
"""The number of the chosen mood if the model gave no probabilities."""

_NEGATIVE, _NEUTRAL, _POSITIVE = range(3)
_PRIOR: Final = (1 / 3, 1 / 3, 1 / 3)
_THREAT_FROM: Final = 0.5
"""Probability from which a threat counts as found."""

_THREAT_REASON: Final = "threat_to_leave"
_SARCASM: Final = "sarcasm"


@dataclass(frozen=True, slots=True)
class JudgedMoods:
    """What a model said about rows and what a reader heard; every array is (rows,) in the order of the file.

    `chosen` is the number of the most probable mood, also of an uncertain row, or NO_MOOD.
    `probabilities` (rows, 3) are a third each if there are none. `reasons` say why a row abstained, "" if it
    did not. `frustrated` and `threatened` are 1 or 0, or -1 if they are not labelled.
    """

    labels: Int64
    chosen: Int64
    probabilities: Float64
    reasons: tuple[str, ...]
    frustration: Float64
    is_threat: Bools
    frustrated: Int64
    threatened: Int64
    is_sarcasm: Bools

    def only(self, rows: Sequence[int]) -> "JudgedMoods":
        """Return the rows with these numbers."""
        return JudgedMoods(
            self.labels[rows],
            self.chosen[rows],
            self.probabilities[rows],
            tuple(self.reasons[row] for row in rows),
            self.frustration[rows],
            self.is_threat[rows],
            self.frustrated[rows],
            self.threatened[rows],
            self.is_sarcasm[rows],
        )


def judged(rows: Sequence[LabelledText], scores: Sequence[SentimentScore]) -> JudgedMoods:
    """Return the rows with their scores as arrays. Raises ValueError if their numbers differ."""
    if len(rows) != len(scores):
        raise ValueError("one score is needed for each row")
    return JudgedMoods(
        labels=np.array([row.label for row in rows], dtype=np.int64),
        chosen=np.array([chosen_mood(score) for score in scores], dtype=np.int64),
        probabilities=np.array([score.probabilities or _PRIOR for score in scores]).reshape(-1, 3),
        reasons=tuple(score.abstained or "" for score in scores),
        frustration=np.array([score.frustration for score in scores], dtype=float),
        is_threat=np.array([threat_of(score) >= _THREAT_FROM for score in scores], dtype=bool),
        frustrated=_flags([row.frustrated for row in rows]),
        threatened=_flags([row.threat for row in rows]),
        is_sarcasm=np.array([row.category == _SARCASM for row in rows], dtype=bool),
    )


def chosen_mood(score: SentimentScore) -> int:
    """Return the number of the score's mood in LABELS; of an uncertain score, of the one it would have.

    Returns NO_MOOD for a score without probabilities.
    """
    if score.label is not None:
        return LABELS.index(score.label)
    return NO_MOOD if score.probabilities is None else mood_of(score.probabilities, score.least_positive)


def threat_of(score: SentimentScore) -> float:
    """Return the probability of a threat to leave; 1 or 0 by the reasons if the model does not tell one."""
    if score.threat is not None:
        return score.threat
    return float(_THREAT_REASON in score.frustration_reasons)


def _flags(said: Sequence[bool | None]) -> Int64:
    return np.array([-1 if flag is None else int(flag) for flag in said], dtype=np.int64)


def figures(weights: Float64, moods: JudgedMoods) -> dict[str, Float64]:
    """Return each figure (draws,) of the rows under `weights` (draws, rows); NaN if no row can show it.

    A row without probabilities is wrong in `accuracy` and `coverage`, has a third of each mood in
    `auc_negative`, and is left out of `ece`. A name with a point is a member of a group of figures.
    """
    found = _mood_figures(weights, moods) | _warning_figures(weights, moods)
    found |= _coverage_figures(weights, moods) | _abstention_figures(weights, moods)
    return found


def _mood_figures(weights: Float64, moods: JudgedMoods) -> dict[str, Float64]:
    labels, chosen, every = moods.labels, moods.chosen, np.ones(len(moods.labels), dtype=bool)
    said, has_mood = moods.probabilities, chosen != NO_MOOD
    found = {
        "accuracy": shares(weights, chosen == labels, every),
        "macro_f1": macro_f1s(weights, chosen, labels, classes=len(LABELS)),
        "auc_negative": areas_under_curve(weights, said[:, _NEGATIVE], labels == _NEGATIVE),
        "recall_negative": shares(weights, chosen == _NEGATIVE, labels == _NEGATIVE),
        "neutral_called_negative": shares(weights, chosen == _NEGATIVE, labels == _NEUTRAL),
        "precision_positive": shares(weights, labels == _POSITIVE, chosen == _POSITIVE),
        "ece": calibration_errors(
            weights[:, has_mood], said[has_mood].max(axis=1, initial=0.0), (chosen == labels)[has_mood]
        ),
    }
    if moods.is_sarcasm.any():
        found["recall_sarcasm"] = shares(weights, chosen == _NEGATIVE, moods.is_sarcasm)
    return found


def _warning_figures(weights: Float64, moods: JudgedMoods) -> dict[str, Float64]:
    """Return the figures of frustration and threats, each over the rows that are labelled for it."""
    told, threatened = moods.frustrated >= 0, moods.threatened == 1
    return {
        "auc_frustration": areas_under_curve(
            weights[:, told], moods.frustration[told], moods.frustrated[told] == 1
        ),
        "recall_threat": shares(weights, moods.is_threat, threatened),
        "precision_threat": shares(weights, threatened, moods.is_threat & (moods.threatened >= 0)),
    }


def _coverage_figures(weights: Float64, moods: JudgedMoods) -> dict[str, Float64]:
    confidence = np.where(moods.chosen == NO_MOOD, 0.0, moods.probabilities.max(axis=1, initial=0.0))
    levels = [percent / 100 for percent in COVERAGES]
    curve = accuracies_at(weights, confidence, moods.chosen == moods.labels, levels)
    return {f"coverage.{percent}": curve[:, place] for place, percent in enumerate(COVERAGES)}


def _abstention_figures(weights: Float64, moods: JudgedMoods) -> dict[str, Float64]:
    reasons = np.array(moods.reasons, dtype=object)
    every, kept = np.ones(len(reasons), dtype=bool), reasons == ""
    found = {"abstained.all": shares(weights, ~kept, every)}
    for reason in sorted(set(moods.reasons) - {""}):
        found[f"abstained.{reason}"] = shares(weights, reasons == reason, every)
    return found | {"error_among_kept": shares(weights, moods.chosen != moods.labels, kept)}
