"""What is compared on the Numenta Anomaly Benchmark: the product, and simple scorers as baselines."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from river.anomaly import GaussianScorer

from detectors.usage.gauge.detector import GaugeScorer
from detectors.usage.gauge.policy import GaugePolicy
from detectors.usage.grading import SeriesScorer
from detectors.usage.scorer import CountScorer
from streams.evaluate.rolling import RollingScorer
from tests.benchmarks.nab_rules import Floats
from tests.benchmarks.nab_series import Series

REST_ROWS: Final = 100
"""Rows after a score in which only a higher score counts, as in `RollingScorer`."""

Make = Callable[[], SeriesScorer]


class RestingGaussian:
    """River's GaussianScorer with the rest of `RollingScorer`, without which it never stops alerting."""

    def __init__(self) -> None:
        self._model: Any = GaussianScorer()  # type: ignore[no-untyped-call]
        self._shown: deque[float] = deque(maxlen=REST_ROWS)

    def score(self, timestamp: datetime, value: float) -> float:
        """Return the model's score if none of the last REST_ROWS rows scored as high; then learn."""
        found = float(self._model.score_one(None, value))
        shown = found if found > max(self._shown, default=0.0) else 0.0
        self._shown.append(shown)
        self._model.learn_one(None, value)
        return shown


@dataclass(frozen=True)
class Contestant:
    """A name and scorers by their settings; the first is the one that is used, the others may be chosen."""

    name: str
    settings: Mapping[str, Make]


def _with(name: str, value: float) -> Make:
    changed: dict[str, Any] = {name: value}
    return lambda: GaugeScorer(replace(GaugePolicy(), **changed))


CHOICES: Final[Mapping[str, tuple[float, ...]]] = {
    "smooth_hours": (1.0, 4.0),
    "level_hours": (12.0, 48.0),
    "tail_memory": (15.0, 60.0),
    "rest_hours": (6.0, 24.0),
    "excursion_discount": (0.0, 0.2),
}
"""Constants of the product and the values that a half of the series may choose: half and twice as shipped."""

CONTESTANTS: Final = (
    Contestant(
        "product",
        {"as shipped": GaugeScorer}
        | {f"{name} {value}": _with(name, value) for name, values in CHOICES.items() for value in values},
    ),
    Contestant("product's counts", {"as shipped": CountScorer}),
    Contestant("rolling z-score", {"as shipped": RollingScorer}),
    Contestant("Gaussian, rest", {"as shipped": RestingGaussian}),
)


@dataclass(frozen=True)
class Run:
    """The scores of each series in the order of the series, and CPU microseconds per row."""

    scores: tuple[Floats, ...]
    microseconds: float


def play(series: Sequence[Series], make: Make) -> Run:
    """Score each series by a scorer of its own, row by row, each row before the next is known."""
    began = time.process_time()
    scores = tuple(_scores(one, make()) for one in series)
    rows = sum(len(one.values) for one in series)
    return Run(scores, (time.process_time() - began) / rows * 1e6)


def _scores(series: Series, scorer: SeriesScorer) -> Floats:
    pairs = zip(series.times, series.values.tolist(), strict=True)
    return np.array([scorer.score(at, value) for at, value in pairs])
