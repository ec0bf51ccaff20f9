"""Scores of series: in range for every series, and never changed by later rows."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage.gauge.detector import GaugeScorer
from detectors.usage.grading import SeriesScorer
from detectors.usage.scorer import CountScorer
from streams.evaluate.rolling import LEAST_VALUES, RollingScorer
from streams.evaluate.series import (
    NoSeriesError,
    SeriesFigures,
    SeriesRow,
    score_series,
    series_columns,
    series_row,
)

START = datetime(2026, 3, 2, tzinfo=UTC)
SCORERS: list[Callable[[], SeriesScorer]] = [GaugeScorer, CountScorer, RollingScorer]

values = st.none() | st.floats(allow_nan=False, allow_infinity=False)
minutes = st.integers(-60 * 24 * 400, 60 * 24 * 400)


def row(minute: float, value: float | None) -> SeriesRow:
    return SeriesRow("t", "v", START + timedelta(minutes=minute), value)


def scores(rows: list[SeriesRow], scorer: SeriesScorer) -> list[float]:
    return [scored.score for scored in score_series(rows, scorer)]


@pytest.mark.parametrize("make", SCORERS)
@given(rows=st.lists(st.tuples(minutes, values), max_size=40))
@settings(max_examples=40)
def test_any_values_in_any_order_of_time_get_a_score_in_range(
    make: Callable[[], SeriesScorer], rows: list[tuple[int, float | None]]
) -> None:
    found = scores([row(*one) for one in rows], make())
    assert len(found) == len(rows)
    assert all(0.0 <= score <= 1.0 for score in found)


def noisy(days: int, *, fall_at: int, rise_at: int) -> list[SeriesRow]:
    """Return hourly values with a daily shape: two days at a tenth from one day on, then one at 20 times."""
    rows = []
    for hour in range(24 * days):
        level = 40.0 + 20.0 * math.sin(hour * math.tau / 24) + 5.0 * math.sin(hour * 12.9898)
        day = hour // 24
        factor = 0.1 if fall_at <= day < fall_at + 2 else 20.0 if day == rise_at else 1.0
        rows.append(row(60 * hour, level * factor))
    return rows


@cache
def whole_scores(make: Callable[[], SeriesScorer]) -> list[float]:
    return scores(noisy(24, fall_at=18, rise_at=22), make())


@pytest.mark.parametrize("make", SCORERS)
@given(kept=st.integers(1, 24 * 24 - 1), later=st.floats(-1e12, 1e12))
@settings(max_examples=4)
def test_rows_that_come_later_change_no_score(
    make: Callable[[], SeriesScorer], kept: int, later: float
) -> None:
    rows = noisy(24, fall_at=18, rise_at=22)
    others = [row(60 * (kept + place), later) for place in range(len(rows) - kept)]
    whole = whole_scores(make)
    assert scores(rows[:kept], make()) == whole[:kept]
    assert scores([*rows[:kept], *others], make())[:kept] == whole[:kept]


def test_the_detector_of_the_product_reports_a_fall_and_a_rise_and_nothing_else() -> None:
    found = scores(noisy(30, fall_at=18, rise_at=26), CountScorer())
    days = {hour // 24 for hour, score in enumerate(found) if score > 0.0}
    assert days & {18, 19, 20}
    assert days & {26, 27}
    assert not days - {18, 19, 20, 26, 27}


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6])
def test_the_unit_of_measurement_changes_no_score_of_the_product(unit: float) -> None:
    rows = noisy(24, fall_at=18, rise_at=-1)
    scaled = [SeriesRow("t", "v", one.at, (one.value or 0.0) * unit) for one in rows]
    assert max(scores(scaled, CountScorer())) == pytest.approx(max(scores(rows, CountScorer())), abs=0.01)


def test_the_baseline_tells_an_outlier_once_per_excursion() -> None:
    calm = [row(place, 10.0 + place % 3) for place in range(2 * LEAST_VALUES)]
    found = scores([*calm, row(100, 90.0), row(101, 90.0), row(102, 91.0)], RollingScorer())
    assert max(found[: len(calm)]) < 0.3
    assert found[-3] > 0.8
    assert found[-2] == 0.0
    assert found[-1] > found[-3]


def test_a_gap_scores_nothing_and_is_counted_and_a_late_row_too() -> None:
    figures = SeriesFigures()
    for scored in score_series([row(0, 1.0), row(10, None), row(5, 2.0)], RollingScorer()):
        figures.count(scored)
    assert (figures.rows, figures.without_value, figures.late, figures.above_zero) == (3, 1, 1, 0)


def read(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("cell", "value"), [("1e3", 1000.0), (" -2 ", -2.0), ("", None), ("nan", None)])
def test_a_cell_is_a_number_or_a_gap(cell: str, value: float | None) -> None:
    found = series_row({"timestamp": "2026-01-01", "value": cell}, ("timestamp", "value"), read)
    assert (found.value, found.cell) == (value, cell)


@pytest.mark.parametrize(
    ("timestamp", "cell", "reason"),
    [
        ("2026-01-01", "much", "value 'much' is no finite number"),
        ("2026-01-01", "inf", "value 'inf' is no finite number"),
        ("2026-01-01", "1_0", "value '1_0' is no finite number"),
        ("soon", "1", "timestamp 'soon': "),
        ("1999-12-31", "1", "not in the years 2000 to 2199"),
    ],
)
def test_a_cell_that_is_neither_is_refused_with_the_reason(timestamp: str, cell: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        series_row({"timestamp": timestamp, "value": cell}, ("timestamp", "value"), read)


def test_a_file_without_values_is_no_series() -> None:
    with pytest.raises(NoSeriesError, match="has no column value"):
        series_columns(["timestamp", "count"])
