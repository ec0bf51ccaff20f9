"""The findings of the usage detector and their delay: planted trouble in simulated accounts."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from statistics import median

import pytest

from schemas.usage import Anomaly
from tests.detectors.support.usage_streams import MONDAY, OFFICE, PLATFORM, Change, hourly, play

SEEDS = range(3)


def found_for(change: Change, *, days: int) -> list[list[Anomaly]]:
    return [play(hourly(days=days, seed=seed, change=change), days=days) for seed in SEEDS]


def delay_days(anomaly: Anomaly, onset: float) -> float:
    return (anomaly.detected_at - MONDAY) / timedelta(days=1) - onset


def labelling_drops(day: float, kind: str) -> float:
    return 0.2 if day >= 8 and kind == "task.labelled" else 1.0


def everything_drops(day: float, kind: str) -> float:
    return 0.2 if day >= 8 else 1.0


def goes_silent(day: float, kind: str) -> float:
    return 0.0 if day >= 8.4 else 1.0


def training_fails(day: float, kind: str) -> float:
    return 20.0 if day >= 9.4 and kind == "training.failed" else 1.0


def halves(day: float, kind: str) -> float:
    return 0.5 if day >= 22 else 1.0


def test_a_fall_of_labelling_alone_is_found_in_the_second_week_and_names_labelling() -> None:
    runs = found_for(labelling_drops, days=14)
    causes = Counter((anomaly.cause, anomaly.metric) for run in runs for anomaly in run)
    assert causes.keys() == {("drop", "task.labelled")}
    assert sum(bool(run) for run in runs) >= len(runs) - 1
    assert median(delay_days(run[0], 8) for run in runs if run) < 3


def test_a_fall_of_everything_is_named_after_activity() -> None:
    runs = found_for(everything_drops, days=14)
    assert [(run[0].cause, run[0].metric) for run in runs] == [("drop", "activity")] * len(runs)
    assert {anomaly.cause for run in runs for anomaly in run} == {"drop"}
    assert median(delay_days(run[0], 8) for run in runs) < 2.5


def test_silence_is_found_without_any_event_and_is_not_called_a_drop() -> None:
    runs = found_for(goes_silent, days=14)
    assert [{anomaly.cause for anomaly in run} for run in runs] == [{"silence"}] * len(runs)
    assert median(delay_days(run[0], 8.4) for run in runs) < 2.5
    assert all(anomaly.observed == 0.0 for run in runs for anomaly in run)


def test_a_surge_of_failed_training_is_found_within_hours() -> None:
    runs = found_for(training_fails, days=14)
    assert all({anomaly.cause for anomaly in run} == {"error_surge"} for run in runs)
    assert median(delay_days(run[0], 9.4) for run in runs) < 0.3


def test_a_fall_by_half_is_found_after_three_weeks_of_baseline() -> None:
    runs = found_for(halves, days=36)
    assert sum(any(anomaly.cause == "drop" for anomaly in run) for run in runs) >= len(runs) * 0.6


def test_nothing_is_found_during_the_warm_up() -> None:
    def early(day: float, kind: str) -> float:
        return 0.0 if day >= 3 else 1.0

    assert all(run == [] for run in found_for(early, days=7))


def test_a_fall_that_lasts_is_not_learned_and_is_told_again_more_and_more_rarely() -> None:
    def two_weeks_down(day: float, kind: str) -> float:
        return 0.1 if 15 <= day < 26 else 1.0

    for run in found_for(two_weeks_down, days=45):
        told = [delay_days(anomaly, 15) for anomaly in run]
        assert 2 <= len(told) <= 5
        assert told[-1] < 12
        assert all(second >= 2 * first - 1e-9 for first, second in pairwise(hours_of(run)))


def hours_of(run: list[Anomaly]) -> list[float]:
    """Return the hours from the first report to the others."""
    return [(anomaly.detected_at - run[0].detected_at) / timedelta(hours=1) for anomaly in run[1:]]


def test_an_account_that_came_back_is_not_told_of_again() -> None:
    def one_day_away(day: float, kind: str) -> float:
        return 0.0 if 15 <= day < 16 else 1.0

    assert all(len(run) == 1 for run in found_for(one_day_away, days=24))


def test_an_account_may_be_silent_for_as_long_as_its_own_rhythm_allows() -> None:
    def every_third_day(day: float, kind: str) -> float:
        return 1.0 if int(day) % 3 == 0 else 0.0

    runs = [play(hourly(days=60, seed=seed, change=every_third_day, weekend=1.0), days=60) for seed in SEEDS]
    assert sum(len(run) for run in runs) <= 2


def test_a_low_volume_account_is_judged_too() -> None:
    rates = {"task.labelled": 10.0, "user.login": 2.0}

    def stops(day: float, kind: str) -> float:
        return 0.2 if day >= 20 else 1.0

    runs = [play(hourly(days=40, seed=seed, rates=rates, change=stops), days=40) for seed in SEEDS]
    found = [[(anomaly.detected_at - MONDAY).days for anomaly in run] for run in runs]
    assert all(days and min(days) >= 20 for days in found)


def test_failures_that_grow_with_the_attempts_are_no_surge() -> None:
    def import_day(day: float, kind: str) -> float:
        return 25.0 if int(day) == 15 else 1.0

    assert all(run == [] for run in found_for(import_day, days=24))


@pytest.mark.parametrize("change", [labelling_drops, goes_silent, training_fails])
def test_an_anomaly_contains_its_evidence(change: Change) -> None:
    anomaly = found_for(change, days=14)[0][0]
    assert anomaly.expected_low <= anomaly.expected <= anomaly.expected_high
    assert not anomaly.expected_low <= anomaly.observed <= anomaly.expected_high
    assert (anomaly.deviation > 2) if anomaly.cause == "error_surge" else (anomaly.deviation < -2)
    assert anomaly.started_at < anomaly.detected_at
    assert anomaly.baseline_days >= 7
    assert anomaly.sample_count > 100
    assert 7 <= len(anomaly.chart) <= 14
    assert "expected" in anomaly.summary


def test_a_daily_batch_is_judged_by_days() -> None:
    midnight = (OFFICE > 2).astype(float)
    midnight[0] = 1.0

    def gone(day: float, kind: str) -> float:
        return 0.0 if day >= 22 else 1.0

    runs = [
        play(hourly(days=30, seed=seed, shape=midnight, rates=PLATFORM, change=gone), days=30)
        for seed in SEEDS
    ]
    assert [{anomaly.cause for anomaly in run} for run in runs] == [{"silence"}] * len(runs)
