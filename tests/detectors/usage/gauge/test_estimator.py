"""The gauge detector is an estimator of River: it passes River's checks, on gauges of our own."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from river import checks, compose

from detectors.usage.gauge.detector import GaugeDetector
from tests.detectors.usage.gauge.made import PER_HOUR, START, changed, rhythm, verdicts

Row = tuple[dict[str, float], bool]


class Gauge:
    """A week of values with a spike on some days, as a data set of River; rows can be read again."""

    def __iter__(self) -> Iterator[Row]:
        calm = series = rhythm(7)
        for day in (3.2, 4.4, 5.6):
            series = changed(series, day, 1 / PER_HOUR, lambda value: value + 60.0)
        for row, value in enumerate(series):
            yield {"timestamp": 600.0 * row, "value": value}, value != calm[row]


def river_checks() -> list[Callable[..., None]]:
    """Return River's checks of an anomaly detector, those on data with our data instead of CreditCard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "_yield_datasets", lambda *_, **__: iter([Gauge()]))
        return list(checks.yield_checks(GaugeDetector()))


@pytest.mark.parametrize("check", river_checks(), ids=lambda check: check.__name__)
def test_river_checks_pass(check: Callable[..., None]) -> None:
    check(GaugeDetector())


def test_score_and_learn_give_what_observe_gives() -> None:
    model: Any = GaugeDetector()
    found = []
    for row, value in enumerate(rhythm(4)):
        x = {"timestamp": START.timestamp() + 600.0 * row, "value": value}
        found.append(model.score_one(x))
        model.learn_one(x)
    assert found == [verdict.score for verdict in verdicts(rhythm(4))]


def test_it_works_in_a_pipeline() -> None:
    pipeline: Any = compose.Select("timestamp", "value") | GaugeDetector()
    score = partial(pipeline.score_one, {"timestamp": 0.0, "value": 1.0, "other": 3.0})
    assert score() == 0.0
