"""The report on labelled messages: all of them, each category and each industry, beside a baseline."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np

from detectors.sentiment.arrays import Int64
from detectors.sentiment.scores import SentimentScore
from streams.evaluate.bootstrap import DRAWS, Resampling, Sampled, sampled
from streams.evaluate.labelled import LabelledText
from streams.evaluate.moods import NO_MOOD, JudgedMoods, figures, judged

LEAST_CLUSTERS: Final = 5
"""Least number of industries for which whole industries are drawn. Chosen by hand."""

SEED: Final = 12
"""The seed of the draws: the same file and scores give the same intervals."""

Figures = Mapping[str, Sampled]


@dataclass(frozen=True, slots=True)
class MoodReport:
    """The figures of a model on labelled messages.

    `baseline` has the figures of a simple model on the same rows, `gain` the differences to it on the same
    draws. `categories` and `industries` have figures and number of rows by name, sorted. `resampled` is
    `industries` if whole industries are drawn, else `rows`. `without_mood` counts by reason the rows that
    have no probabilities.
    """

    rows: int
    resampled: str
    overall: Figures
    baseline: Figures
    gain: Figures
    without_mood: Mapping[str, int]
    categories: Mapping[str, tuple[int, Figures]] = field(default_factory=dict)
    industries: Mapping[str, tuple[int, Figures]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the report in the form of the JSON file; a figure without a value is null."""
        return {
            "rows": self.rows,
            "resampled": self.resampled,
            **figures_as_json(self.overall),
            "without_mood": dict(self.without_mood),
            "categories": _groups_as_json(self.categories),
            "industries": _groups_as_json(self.industries),
            "baseline": figures_as_json(self.baseline),
            "gain": figures_as_json(self.gain),
        }


def mood_report(
    rows: Sequence[LabelledText],
    scores: Sequence[SentimentScore],
    baseline: Sequence[SentimentScore],
    *,
    seed: int = SEED,
    draws: int = DRAWS,
) -> MoodReport:
    """Measure `scores` and the scores of a baseline, each one per row and in order of the rows.

    Whole industries are drawn if there are LEAST_CLUSTERS of them, because messages of one industry resemble
    each other; a row without an industry is drawn by itself. The figures of one industry come from drawn
    rows. Raises ValueError if there is no row.
    """
    moods, simple = judged(rows, scores), judged(rows, baseline)
    industries = [row.industry for row in rows]
    whole = Resampling(seed, draws, _clusters(industries))
    overall, beside = _figures(moods, whole), _figures(simple, whole)
    return MoodReport(
        rows=len(rows),
        resampled="rows" if whole.clusters is None else "industries",
        overall=overall,
        baseline=beside,
        gain={name: overall[name].minus(beside[name]) for name in overall if name in beside},
        without_mood=_without_mood(moods),
        categories={
            name: (len(own), _figures(moods.only(own), Resampling(seed, draws, _clusters(industries, own))))
            for name, own in _rows_by([row.category for row in rows]).items()
        },
        industries={
            name: (len(own), _figures(moods.only(own), Resampling(seed, draws)))
            for name, own in _rows_by(industries).items()
        },
    )


def _figures(moods: JudgedMoods, resampling: Resampling) -> dict[str, Sampled]:
    return sampled(partial(figures, moods=moods), len(moods.labels), resampling)


def _rows_by(names: Sequence[str]) -> dict[str, list[int]]:
    """Return the numbers of the rows of each name that is not "", sorted by name."""
    found: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        found.setdefault(name, []).append(row)
    return {name: found[name] for name in sorted(found) if name}


def _clusters(industries: Sequence[str], rows: Sequence[int] | None = None) -> Int64 | None:
    """Return the number of the industry of each of `rows` (default: all), or None if there are too few."""
    own = [industries[row] for row in rows] if rows is not None else industries
    numbers = {name: number for number, name in enumerate(sorted(set(own) - {""}))}
    if len(numbers) < LEAST_CLUSTERS:
        return None
    return np.array([numbers.get(name, len(numbers) + row) for row, name in enumerate(own)], dtype=np.int64)


def _without_mood(moods: JudgedMoods) -> dict[str, int]:
    counted = Counter(
        reason for reason, chosen in zip(moods.reasons, moods.chosen, strict=True) if chosen == NO_MOOD
    )
    return dict(sorted(counted.items()))


def figures_as_json(found: Figures) -> dict[str, Any]:
    """Return each figure as value, low and high; a name with a point becomes a member of its group.

    >>> figures_as_json({"coverage.80": Sampled(0.5, np.array([0.5]))})
    {'coverage': {'80': {'value': 0.5, 'low': 0.5, 'high': 0.5}}}
    """
    told: dict[str, Any] = {}
    for name, figure in found.items():
        group, _, member = name.partition(".")
        low, high = figure.interval
        numbers = {"value": _number(figure.value), "low": _number(low), "high": _number(high)}
        if member:
            told.setdefault(group, {})[member] = numbers
        else:
            told[name] = numbers
    return told


def _groups_as_json(groups: Mapping[str, tuple[int, Figures]]) -> dict[str, Any]:
    return {name: {"rows": rows, **figures_as_json(found)} for name, (rows, found) in groups.items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
