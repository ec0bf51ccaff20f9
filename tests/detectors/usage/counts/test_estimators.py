"""The estimators of River: they pass River's checks, and score as the packed form does."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from river import base, checks

from detectors.usage.counts import judging, learning
from detectors.usage.counts.absence import FIRST_HABITS
from detectors.usage.counts.estimators import HourlyCountScorer, HourlyFailureScorer
from detectors.usage.counts.rows import Bucket, fresh_counts
from detectors.usage.counts.tails import score
from tests.benchmarks.usage_detection.streams import StreamKind, counts_of

MODELS = (HourlyCountScorer(), HourlyFailureScorer())
STREAM = [({"count": n % 5, "failed": n % 3 == 0, "attempts": 4.0}, n % 7 == 0) for n in range(60)]


def general_checks(model: Any) -> Iterator[Callable[[Any], None]]:
    """River's checks that need no data; its checks with data download a data set."""
    for check in checks.yield_checks(model):
        if check.__name__ == "check_learn_one":
            return
        yield check


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_an_estimator_passes_the_general_checks_of_river(model: Any) -> None:
    names = []
    for check in general_checks(model):
        check(model.clone())
        names.append(check.__name__)
    assert len(names) >= 10


@pytest.mark.parametrize(
    "name",
    [
        "check_learn_one",
        "check_pickling",
        "check_shuffle_features_no_impact",
        "check_emerging_features",
        "check_disappearing_features",
        "check_predict_one_pure",
        "check_clone_is_independent",
    ],
)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_an_estimator_passes_the_checks_of_river_on_a_stream(model: Any, name: str) -> None:
    getattr(checks.common, name)(model.clone(), STREAM)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_an_estimator_is_a_detector_that_any_number_leaves_whole(model: base.AnomalyDetector) -> None:
    fresh = model.clone()
    for value in (None, "many", -1, float("nan"), float("inf"), 1e300, True):
        fresh.learn_one({"count": value, "failed": value, "attempts": value})
        assert 0.0 <= fresh.score_one({"count": 1, "failed": 1, "attempts": 1}) <= 30.0


def test_the_scores_are_those_of_the_packed_form() -> None:
    counts, _ = counts_of(StreamKind(30.0), 3, 4)
    models = [HourlyCountScorer() for _ in range(3)]
    block = fresh_counts(3)
    for day in range(10):
        weekday = np.full(3, day % 7)
        working = learning.is_working(block, weekday)
        for hour in range(24):
            bucket = Bucket(np.full(3, hour), np.ones(3, int), counts[:, day, hour])
            passed = judging.passed_by(block, working, bucket)
            judging.count_bucket(block, bucket, passed)
            found = judging.judge(block, passed, FIRST_HABITS)
            packed = np.maximum(score(found.low), score(found.high))
            assert [
                model.score_one({"count": count}) for model, count in zip(models, bucket.count, strict=True)
            ] == packed.tolist()
            for name, chance in (("peak_low", found.low), ("peak_high", found.high)):
                block[name] = np.maximum(block[name], score(chance))
            for model, count in zip(models, bucket.count, strict=True):
                model.learn_one({"count": count})
        learning.close_day(block, weekday, np.full(3, day + 4))
        learning.open_day(block, (weekday + 1) % 7)
