"""The score of an alert by NAB's rules, on a small made series."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.inputs import MissingDataError
from tests.benchmarks.nab_rules import PROFILES, best_threshold, score_at, steps
from tests.benchmarks.nab_series import DISTURBANCES, Series, read_corpus

START = datetime(2026, 3, 2, tzinfo=UTC)
STANDARD, LOW_FP, LOW_FN = PROFILES
TIMES = tuple(START + timedelta(hours=row) for row in range(200))
SERIES = Series("made.csv", TIMES, np.arange(200.0), ((100, 119), (150, 169)))


def scored(*rows: int, profile_number: int = 0) -> float:
    """Return the score of alerts at these rows."""
    alerts = np.zeros(200)
    alerts[list(rows)] = 1.0
    profile = PROFILES[profile_number]
    return score_at([steps(SERIES, alerts, profile)], 0.5, profile)


def test_no_alert_scores_0_and_an_alert_at_the_first_row_of_each_window_100() -> None:
    assert scored() == 0.0
    assert scored(100, 150) == pytest.approx(100.0)


def test_only_the_earliest_alert_in_a_window_counts_and_a_later_one_earns_less() -> None:
    assert scored(100, 105, 119) == scored(100) == pytest.approx(50.0)
    assert 25.0 < scored(119) < scored(110) < scored(100)


def test_a_false_alarm_costs_its_weight_and_less_soon_after_a_window() -> None:
    assert scored(90) == pytest.approx(-100.0 * STANDARD.false_alarm / 4)
    assert scored(90, profile_number=1) == pytest.approx(2.0 * scored(90))
    assert scored(90) < scored(121) < 0.0


def test_the_first_rows_are_not_judged() -> None:
    assert scored(29) == 0.0
    assert scored(30) < 0.0


def test_the_best_threshold_gives_the_score_of_that_threshold() -> None:
    alerts = np.random.default_rng(3).random(200)
    alerts[[101, 152]] = 2.0
    for profile in PROFILES:
        parts = [steps(SERIES, alerts, profile)]
        best = best_threshold(parts, profile)
        assert best.score == pytest.approx(score_at(parts, best.threshold, profile))
        assert best.score >= max(score_at(parts, float(one), profile) for one in alerts) - 1e-9


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="one finite score per row"):
        steps(SERIES, np.full(200, np.nan), LOW_FN)


def test_a_disturbed_series_keeps_its_windows_at_their_time() -> None:
    for change in DISTURBANCES.values():
        moved = change(SERIES)
        first, last = moved.windows[0]
        assert moved.times[first].hour - SERIES.times[100].hour in (0, 5)
        assert moved.times[last] - moved.times[first] in (timedelta(hours=19), timedelta(hours=18))
        assert len(moved.times) == len(moved.values)


def test_a_corpus_is_read_from_its_windows_and_a_folder_without_them_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"has no windows\.json"):
        read_corpus(tmp_path)
    (tmp_path / "one.csv").write_text("timestamp,value\n2026-03-02 00:00:00,1\n2026-03-02 01:00:00,2\n")
    spans = [["2026-03-02 00:00:00.000000", "2026-03-02 01:00:00.000000"]]
    (tmp_path / "windows.json").write_text(json.dumps({"one.csv": spans, "absent.csv": []}))
    (series,) = read_corpus(tmp_path)
    assert (series.name, series.windows, series.values.tolist()) == ("one.csv", ((0, 1),), [1.0, 2.0])
