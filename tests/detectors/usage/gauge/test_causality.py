"""Scores of the gauge detector follow from the past alone, in any unit, at any pace."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage.gauge.detector import GaugeDetector, GaugeScorer, RefusedValue
from tests.detectors.usage.gauge.made import PER_DAY, START, Series, changed, rhythm, verdicts

DAYS = 10
finite = st.floats(allow_nan=False, allow_infinity=False)


def scores(series: Series) -> list[float]:
    return [verdict.score for verdict in verdicts(series)]


def eventful(days: int = DAYS) -> Series:
    series = changed(rhythm(days), 4.0, 6.0, lambda value: value + 40.0)
    return changed(series, 7.0, 3.0, lambda _: 90.0)


@given(kept=st.integers(1, DAYS * PER_DAY - 1), later=finite)
@settings(max_examples=8, deadline=None)
def test_rows_that_come_later_change_no_score(kept: int, later: float) -> None:
    whole = scores(eventful())
    assert scores([*eventful()[:kept], *[later] * 5])[:kept] == whole[:kept]


@pytest.mark.parametrize("power", [-40, -3, 5, 60])
def test_the_unit_of_measurement_changes_no_score(power: int) -> None:
    """A power of 2, because it alone rounds no value."""
    assert scores([value * 2.0**power for value in eventful()]) == scores(eventful())


def test_a_series_upside_down_and_from_another_zero_has_the_same_alarms() -> None:
    turned = scores([1_000.0 - value for value in eventful()])
    assert turned == pytest.approx(scores(eventful()), abs=1e-6)


@given(rows=st.lists(st.tuples(st.integers(-(10**7), 10**7), finite), max_size=120))
@settings(max_examples=60, deadline=None)
def test_any_finite_values_at_any_times_score_within_range(rows: list[tuple[int, float]]) -> None:
    detector = GaugeDetector()
    for minute, value in rows:
        verdict = detector.observe(START + timedelta(minutes=minute), value)
        assert 0.0 <= verdict.score <= 1.0
        assert math.isfinite(verdict.surprise)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_refused_in_a_sentence_and_changes_nothing(value: float) -> None:
    refused, calm = GaugeDetector(), GaugeDetector()
    for row, one in enumerate(rhythm(3)):
        at = START + timedelta(minutes=10 * row)
        with pytest.raises(RefusedValue, match=r"^The value (nan|-?inf) is no finite number\.$"):
            refused.observe(at, value)
        assert refused.observe(at, one) == calm.observe(at, one)


def test_missing_rows_and_irregular_times_hide_no_large_excursion() -> None:
    rng, detector = random.Random(6), GaugeDetector()
    series = changed(rhythm(28), 20.0, 6.0, lambda value: value + 40.0)
    found = []
    for row, value in enumerate(series):
        if rng.random() < 0.4:
            continue
        at = START + timedelta(minutes=10 * row, seconds=rng.uniform(-200, 200))
        if detector.observe(at, value).score >= 0.5:
            found.append(row / PER_DAY)
    assert [day for day in found if 20.0 <= day < 20.25]
    assert len([day for day in found if 7.0 <= day < 20.0]) <= 1


def test_a_gap_of_days_raises_no_alarm_after_it() -> None:
    detector, series = GaugeDetector(), rhythm(28)
    rows = [row for row in range(len(series)) if not 14 * PER_DAY <= row < 18 * PER_DAY]
    found = [detector.observe(START + timedelta(minutes=10 * row), series[row]).score for row in rows]
    assert max(found[14 * PER_DAY : 15 * PER_DAY]) < 0.5


def test_a_row_that_comes_twice_raises_no_second_alarm() -> None:
    detector = GaugeDetector()
    series = changed(rhythm(10), 8.0, 0.17, lambda value: value + 50.0)
    first = second = 0
    for row, value in enumerate(series):
        at = START + timedelta(minutes=10 * row)
        alarms = [detector.observe(at, value).score >= 0.5 for _ in range(2)]
        first, second = first + alarms[0], second + alarms[1]
    assert first >= 1
    assert second == 0


def test_a_late_row_moves_no_clock() -> None:
    detector, series = GaugeDetector(), rhythm(10)
    for row, value in enumerate(series):
        detector.observe(START + timedelta(minutes=10 * row), value)
    late = detector.observe(START, series[0])
    assert late.step.passed == 0.0
    assert detector.observe(START + timedelta(minutes=10 * len(series)), 100.0).step.passed == pytest.approx(
        1 / 6
    )


def test_the_scorer_gives_the_scores_of_the_detector() -> None:
    scorer = GaugeScorer()
    found = [scorer.score(START + timedelta(minutes=10 * row), value) for row, value in enumerate(eventful())]
    assert found == scores(eventful())
