"""The file of predictions: one line per scored row, so that other programs can judge the same scores."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from detectors.sentiment.scores import LABELS, SentimentScore
from streams.evaluate.moods import NO_MOOD, chosen_mood, threat_of

HEADER: Final[tuple[str, ...]] = (
    "negative",
    "neutral",
    "positive",
    "label",
    "abstained",
    "reason",
    "frustration",
    "threat",
)
CORRECTED: Final = "corrected"
"""The last column if corrections were tried: 1 for a corrected row, whose prediction is not adapted."""

_NO_PROBABILITIES: Final = ("", "", "")


def prediction_rows(scores: Iterable[SentimentScore]) -> list[tuple[str, ...]]:
    """Return the cells of HEADER for each score, in order; numbers have six decimals.

    `label` is the most probable mood, also of a row that abstains as uncertain; it is blank, as the
    probabilities are, if there are none. `threat` is a probability, or 1 or 0 if the model tells none.
    """
    return [_cells(score) for score in scores]


def with_corrected(lines: Sequence[tuple[str, ...]], corrected: AbstractSet[int]) -> list[tuple[str, ...]]:
    """Return the lines, each with the cell of CORRECTED; `corrected` holds numbers of rows, from 0.

    >>> with_corrected([("a",), ("b",)], {1})
    [('a', '0'), ('b', '1')]
    """
    return [(*line, "1" if row in corrected else "0") for row, line in enumerate(lines)]


def _cells(score: SentimentScore) -> tuple[str, ...]:
    chosen = chosen_mood(score)
    said = _NO_PROBABILITIES if score.probabilities is None else tuple(map(_decimal, score.probabilities))
    threat = f"{threat_of(score):.0f}" if score.threat is None else _decimal(score.threat)
    return (
        *said,
        "" if chosen == NO_MOOD else LABELS[chosen],
        "0" if score.abstained is None else "1",
        score.abstained or "",
        _decimal(score.frustration),
        threat,
    )


def _decimal(value: float) -> str:
    return f"{value:.6f}"
