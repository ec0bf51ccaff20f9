"""Corrections tried on a file of labelled messages: figures before and after, on the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from detectors.sentiment.adaptation.curve import COUNTS, CurvePoint, Labelled, adapt, adaptation_curve
from detectors.sentiment.adaptation.rescoring import rescored
from detectors.sentiment.scores import SentimentScore
from streams.evaluate.labelled import LabelledText

SEEDS: Final = (0, 1, 2, 3, 4)
"""Seeds of the random order in which rows are corrected; predictions are those of the first."""

FIGURES: Final = ("accuracy", "macro_f1", "auc_negative", "ece")


class NothingToLearnError(ValueError):
    """The corrections cannot be tried on these rows; the message is a sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class CountSummary:
    """The mean figures of all seeds after `corrections`, on rows that no seed's corrections touch.

    `below` and `below_auc` are the shares of seeds in which the adapted model has less accuracy, or less area
    under the curve, than the model without corrections. `adapted` is the share in which the desk's model was
    promoted at all.
    """

    corrections: int
    before: dict[str, float]
    after: dict[str, float]
    below: float
    below_auc: float
    adapted: float

    def as_json(self) -> dict[str, Any]:
        """Return the summary as JSON values."""
        return {
            "corrections": self.corrections,
            "before": self.before,
            "after": self.after,
            "seeds_below": {"accuracy": self.below, "auc_negative": self.below_auc},
            "seeds_adapted": self.adapted,
        }


@dataclass(frozen=True, slots=True)
class Adaptation:
    """The curve, and the scores of all rows after the corrections of the first seed.

    `corrected` holds the numbers of the rows that were corrected; their scores are the shipped model's.
    """

    curve: tuple[CountSummary, ...]
    scores: tuple[SentimentScore, ...]
    corrected: frozenset[int]


def adapted_scores(
    rows: Sequence[LabelledText], scores: Sequence[SentimentScore], *, count: int
) -> Adaptation:
    """Correct `count` rows chosen at random, one after another, and judge the others.

    Only rows whose score has states and probabilities take part. Raises NothingToLearnError if the model
    gives no states, or if no row would be left.
    """
    used = [row for row, score in enumerate(scores) if score.states is not None and score.probabilities]
    if not used:
        raise NothingToLearnError("the model gives no states, so it cannot learn from corrections")
    if not 0 < count < len(used):
        raise NothingToLearnError(
            f"{count:,} corrections of {len(used):,} usable rows are impossible: make 1 or more, leave 1"
        )
    messages = Labelled(
        np.array([scores[row].states for row in used], dtype=np.float32),
        np.array([scores[row].probabilities for row in used], dtype=np.float64),
        np.array([rows[row].label for row in used], dtype=np.int64),
    )
    counts = [*(known for known in COUNTS if known < count), count]
    points = adaptation_curve(messages, seeds=SEEDS, counts=counts)
    found = adapt(messages, count, seed=SEEDS[0])
    after = list(scores)
    for place, probabilities in zip(found.rows, found.after, strict=True):
        after[used[place]] = rescored(scores[used[place]], probabilities.tolist(), version=found.version)
    held = {used[place] for place in found.rows}
    return Adaptation(
        tuple(summary(points, known) for known in counts),
        tuple(after),
        frozenset(row for row in used if row not in held),
    )


def summary(points: Sequence[CurvePoint], count: int) -> CountSummary:
    """Return the means over the seeds at one number of corrections."""
    chosen = [point for point in points if point.corrections == count]
    return CountSummary(
        corrections=count,
        before={name: float(np.mean([point.before[name] for point in chosen])) for name in FIGURES},
        after={name: float(np.mean([point.after[name] for point in chosen])) for name in FIGURES},
        below=_share_below(chosen, "accuracy"),
        below_auc=_share_below(chosen, "auc_negative"),
        adapted=float(np.mean([point.version > 0 for point in chosen])),
    )


def _share_below(points: Sequence[CurvePoint], name: str) -> float:
    return float(np.mean([point.after[name] < point.before[name] for point in points]))
