"""What is compared on the Numenta Anomaly Benchmark: the product, and simple scorers as baselines."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from river.anomaly import GaussianScorer

from detectors.usage.scorer import CountScorer, SeriesScorer
from streams.evaluate.rolling import RollingScorer
from tests.benchmarks.nab_rules import Floats
from tests.benchmarks.nab_series import Series

REST_ROWS: Final = 100
"""Rows after a score in which only a higher score counts, as in `RollingScorer`."""

Make = Callable[[], SeriesScorer]


class RestingGaussian:
    """River's GaussianScorer with the rest of `RollingScorer`, without which it never stops alerting."""

    def __init__(self) -> None:
        self._model = GaussianScorer()
        self._shown: deque[float] = deque(maxlen=REST_ROWS)

    def score(self, timestamp: datetime, value: float) -> float:
        """Return the model's score if none of the last REST_ROWS rows scored as high; then learn the value."""
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


CONTESTANTS: Final = (
    Contestant("product", {"as shipped": CountScorer}),
    Contestant("rolling robust z-score", {"as shipped": RollingScorer}),
    Contestant("River GaussianScorer with rest", {"as shipped": RestingGaussian}),
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
