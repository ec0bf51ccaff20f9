"""Many gauges at once get the scores that each gets alone, bit for bit."""

import math
import random
from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage.gauge.block import GaugeBlock
from detectors.usage.gauge.detector import GaugeDetector
from tests.detectors.usage.gauge.made import START, Series, changed, rhythm

Rows = list[tuple[float, float]]


def alone(rows: Rows) -> list[float]:
    """Return the scores of one gauge; a value that is NaN is a gap."""
    model, found = GaugeDetector(), []
    for at, value in rows:
        x: dict[Hashable, Any] = {} if math.isnan(value) else {"timestamp": at, "value": value}
        found.append(model.score_one(x))
        model.learn_one(x)
    return found


def together(gauges: list[Rows]) -> list[list[float]]:
    block = GaugeBlock(len(gauges))
    scores = [
        block.observe(np.array([at for at, _ in rows]), np.array([value for _, value in rows]))
        for rows in zip(*gauges, strict=True)
    ]
    return [list(gauge) for gauge in np.array(scores).T]


def timed(series: Series, minutes: float, seed: int) -> Rows:
    """Return rows at about every so many minutes, some late, some doubled, and gaps."""
    rng, start = random.Random(seed), START.timestamp()
    return [
        (
            start + 60.0 * (minutes * row + rng.choice([0.0, 0.0, 0.0, -3.0 * minutes, rng.uniform(-1, 1)])),
            float("nan") if rng.random() < 0.03 else value,
        )
        for row, value in enumerate(series)
    ]


def test_eventful_series_of_every_kind_score_the_same_in_a_block() -> None:
    rng, calm = random.Random(1), rhythm(12)
    series = [
        calm,
        changed(changed(calm, 5.0, 6.0, lambda value: value + 40.0), 8.0, 12.0, lambda _: 90.0),
        [float(rng.random() < 0.1) for _ in calm],
        [rng.lognormvariate(0.0, 2.0) for _ in calm],
        [7.0] * len(calm),
        [1e-9 * value - 5.0 for value in calm],
    ]
    paces = [5.0, 10.0, 10.0, 60.0, 30.0, 1440.0]
    gauges = [
        timed(one, minutes, seed) for seed, (one, minutes) in enumerate(zip(series, paces, strict=True))
    ]
    found = together(gauges)
    assert found == [alone(rows) for rows in gauges]
    assert max(found[1]) > 0.5


values = st.floats(allow_nan=True, allow_infinity=False) | st.sampled_from([0.0, 1.0])


@pytest.mark.filterwarnings("error")
@given(rows=st.lists(st.tuples(st.integers(0, 10**7), values), min_size=1, max_size=90))
@settings(max_examples=30, deadline=None)
def test_any_rows_score_the_same_in_a_block(rows: list[tuple[int, float]]) -> None:
    gauge = [(60.0 * minute, value) for minute, value in rows]
    assert together([gauge, gauge]) == [alone(gauge)] * 2
