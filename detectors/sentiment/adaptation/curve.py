"""What corrections do to a file of labelled messages: probabilities, accuracy and AUC before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.adaptation.corrections import Correction
from detectors.sentiment.adaptation.learner import DeskLearner
from detectors.sentiment.arrays import Float32, Float64, Int64
from detectors.sentiment.measures import measures
from detectors.sentiment.scores import LABELS

COUNTS: Final = (0, 10, 25, 50, 100, 200, 500)
"""The numbers of corrections of a curve."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Messages: their labels (n,), and the states (n, d) and probabilities (n, 3) of the shipped model."""

    states: Float32
    probabilities: Float64
    labels: Int64

    def corrections(self, rows: Int64) -> list[Correction]:
        """Return the rows as corrections, in the order of `rows`."""
        return [
            Correction(
                event_id=str(row),
                mood=LABELS[self.labels[row]],
                states=self.states[row],
                probabilities=_triple(self.probabilities[row]),
            )
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class Adapted:
    """The messages that were not corrected: their numbers in ascending order, probabilities before and after.

    `version` counts the promotions; at 0 the desk kept the shipped model and both probabilities are equal.
    """

    rows: Int64
    before: Float64
    after: Float64
    version: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Figures (accuracy, macro_f1, auc_negative, ece) on the held messages after `corrections`."""

    seed: int
    corrections: int
    before: dict[str, float]
    after: dict[str, float]
    version: int


def adapt(messages: Labelled, count: int, *, seed: int) -> Adapted:
    """Correct `count` messages chosen at random, one after another, and score the others with the champion.

    Raises ValueError if no message would be left.
    """
    order = _order(messages, seed)
    if not 0 <= count < len(order):
        raise ValueError(f"{count} corrections leave none of {len(order)} messages to judge")
    learner = DeskLearner.fresh(messages.states.shape[1], sampled=True)
    learner.learn_all(messages.corrections(order[:count]))
    return _judged(messages, np.sort(order[count:]), learner)


def adaptation_curve(
    messages: Labelled, *, seeds: Sequence[int], counts: Sequence[int] = COUNTS
) -> list[CurvePoint]:
    """Return the figures after each number of corrections, for each seed, always on the same held messages.

    The held messages of a seed are those that the greatest number of corrections leaves. `counts` ascend.
    Raises ValueError if no message would be left.
    """
    points = []
    for seed in seeds:
        order = _order(messages, seed)
        if not max(counts) < len(order):
            raise ValueError(f"{max(counts)} corrections leave none of {len(order)} messages to judge")
        held = np.sort(order[max(counts) :])
        learner = DeskLearner.fresh(messages.states.shape[1], sampled=True)
        done = 0
        for count in counts:
            learner.learn_all(messages.corrections(order[done:count]))
            done = count
            points.append(_point(seed, count, messages, _judged(messages, held, learner)))
    return points


def _order(messages: Labelled, seed: int) -> Int64:
    return np.asarray(np.random.default_rng(seed).permutation(len(messages.labels)), dtype=np.int64)


def _judged(messages: Labelled, held: Int64, learner: DeskLearner) -> Adapted:
    before = messages.probabilities[held]
    after = learner.probabilities(messages.states[held], before)
    return Adapted(held, before, after, learner.state.version)


def _point(seed: int, count: int, messages: Labelled, adapted: Adapted) -> CurvePoint:
    truth = messages.labels[adapted.rows]
    before, after = measures(adapted.before, truth), measures(adapted.after, truth)
    return CurvePoint(seed, count, before, after, adapted.version)


def _triple(row: Float64) -> tuple[float, float, float]:
    return float(row[0]), float(row[1]), float(row[2])
