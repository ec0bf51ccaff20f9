"""A figure with its interval, and the report of an evaluation: figures, baselines and groups."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from streams.evaluate.bootstrap import Sampled
from streams.evaluate.proportion import Proportion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with the ends of its 95 % interval, and the number of examples that it rests on.

    `value`, `low` and `high` are None if no example can show the figure.
    """

    value: float | None
    low: float | None
    high: float | None
    examples: int

    @classmethod
    def share(cls, hits: Iterable[bool]) -> "Measured":
        """Return the share of hits with its Wilson interval.

        >>> Measured.share([True, False]).value, Measured.share([]).value
        (0.5, None)
        """
        told = list(hits)
        share = Proportion(sum(told), len(told))
        if not told:
            return cls(None, None, None, 0)
        return cls(share.share, *share.interval, len(told))

    @classmethod
    def drawn(cls, sample: Sampled, examples: int) -> "Measured":
        """Return a figure with the interval of its bootstrap."""
        low, high = sample.interval
        if math.isnan(sample.value):
            return cls(None, None, None, examples)
        return cls(sample.value, low, high, examples)

    def as_json(self) -> dict[str, float | int | None]:
        """Return the figure as the file of figures holds it; numbers have six decimals."""
        ends = {"value": self.value, "low": self.low, "high": self.high}
        rounded = {name: None if end is None else round(end, 6) for name, end in ends.items()}
        return {**rounded, "examples": self.examples}


MeasuredFigures = Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The figures of an evaluation, of simple baselines on the same examples, and of groups of examples.

    `baselines` are figures by the name of the baseline; `groups` are figures by a field and its value.
    """

    examples: int
    figures: MeasuredFigures
    baselines: Mapping[str, MeasuredFigures] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, MeasuredFigures]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the report as the file of figures holds it; the groups of a field are in `by_<field>`."""
        told: dict[str, Any] = {"examples": self.examples, **_as_json(self.figures)}
        told["baselines"] = {name: _as_json(figures) for name, figures in self.baselines.items()}
        for name, groups in self.groups.items():
            told[f"by_{name}"] = {group: _as_json(figures) for group, figures in groups.items()}
        return told


def _as_json(figures: MeasuredFigures) -> dict[str, Any]:
    return {name: figure.as_json() for name, figure in figures.items()}


def by_group(
    rows: Sequence[T], key: Callable[[T], str], figures: Callable[[Sequence[T]], MeasuredFigures]
) -> dict[str, MeasuredFigures]:
    """Return the figures of the rows of each group, sorted by its name; rows without a group are left out.

    >>> def figures(rows):
    ...     return {"n": Measured.share([True] * len(rows))}
    >>> groups = by_group(["ab", "b"], lambda row: row[0], figures)
    >>> {name: found["n"].examples for name, found in groups.items()}
    {'a': 1, 'b': 1}
    """
    groups: dict[str, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: figures(groups[name]) for name in sorted(groups) if name}
