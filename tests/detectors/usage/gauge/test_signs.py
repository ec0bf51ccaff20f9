"""What the gauge detector finds in made series, and what it leaves alone."""

import random

import pytest

from tests.detectors.usage.gauge.made import (
    PER_DAY,
    PER_HOUR,
    Series,
    alarms,
    changed,
    rhythm,
    verdicts,
)

DAYS = 28
AT = 20.25
"""The day of each planted change."""


def signs_within(series: Series, hours: float) -> set[str]:
    """Return the signs of the alarms in these hours after the change; there is none in the week before."""
    found = [(row / PER_DAY, verdict) for row, verdict in enumerate(verdicts(series)) if verdict.score >= 0.5]
    assert [day for day, _ in found if AT - 7 <= day < AT] == []
    return {verdict.sign for day, verdict in found if AT <= day <= AT + hours / 24}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("height", [0.0, 30.0])
def test_a_calm_series_raises_hardly_anything_after_its_first_week(seed: int, height: float) -> None:
    assert len([day for day in alarms(rhythm(DAYS, height=height, seed=seed)) if day > 7]) <= 1


@pytest.mark.parametrize("step", [35.0, -35.0])
def test_a_spike_of_either_direction_is_found_at_its_row(step: float) -> None:
    series = changed(rhythm(DAYS), AT, 1 / PER_HOUR, lambda value: value + step)
    assert signs_within(series, 1 / PER_HOUR)


def test_a_shift_of_the_level_is_found_within_hours_and_accepted_within_two_weeks() -> None:
    series = changed(rhythm(DAYS * 2), AT, 24 * DAYS * 2, lambda value: value + 10.0)
    assert signs_within(series, 6.0)
    assert [day for day in alarms(series) if day > AT + 14] == []


def test_a_small_shift_that_no_single_value_shows_is_found_within_a_day() -> None:
    series = changed(rhythm(DAYS), AT, 24 * DAYS, lambda value: value + 5.0)
    assert signs_within(series, 24.0)


def test_a_value_that_is_stuck_where_it_often_is_is_found_within_half_a_day() -> None:
    series = changed(rhythm(DAYS, height=0.0), AT, 24.0, lambda _: 100.5)
    assert signs_within(series, 12.0) == {"stuck"}


def test_a_series_that_often_repeats_itself_is_never_stuck() -> None:
    rng = random.Random(3)
    rare = [float(rng.random() < 0.02) for _ in range(DAYS * PER_DAY)]
    assert "stuck" not in {verdict.sign for verdict in verdicts(rare) if verdict.score >= 0.5}


def test_a_spread_that_grows_is_found_within_half_a_day() -> None:
    rng = random.Random(3)
    series = changed(rhythm(DAYS), AT, 48.0, lambda value: value + rng.gauss(0.0, 8.0))
    assert signs_within(series, 12.0)


def test_a_trend_that_begins_is_found_before_the_level_has_moved_by_its_usual_wave() -> None:
    steady = rhythm(DAYS)
    series = [value + max(0.0, row / PER_DAY - AT) * 6.0 for row, value in enumerate(steady)]
    assert signs_within(series, 24 * 30.0 / 6.0)


def test_a_day_without_its_usual_wave_is_found_the_same_day() -> None:
    flat = rhythm(DAYS, height=0.0, seed=2)
    series = [flat[row] if 20 <= row / PER_DAY < 21 else value for row, value in enumerate(rhythm(DAYS))]
    assert [day for day in alarms(series) if 20 <= day < 20.5]


def weekly(weeks: int) -> Series:
    """Return weeks with a wave on five days, and about 60 at weekends."""
    rng = random.Random(4)
    days = rhythm(weeks * 7)
    return [value if row // PER_DAY % 7 < 5 else 60.0 + rng.gauss(0.0, 2.0) for row, value in enumerate(days)]


def test_a_weekend_is_no_news_in_the_fifth_week_but_a_monday_like_one_is() -> None:
    series = weekly(8)
    assert [day for day in alarms(series) if day > 28] == []
    closed = changed(series, 49, 24.0, lambda value: 60.0 + (value - 100.0) / 15)
    assert [day for day in alarms(closed) if 49 <= day < 50]


def test_one_excursion_raises_few_alarms() -> None:
    series = changed(rhythm(DAYS), AT, 8.0, lambda value: value + 40.0)
    assert 1 <= len([day for day in alarms(series) if AT <= day < AT + 0.5]) <= 3


def test_a_spike_that_came_each_night_is_weaker_than_a_new_one() -> None:
    nightly = [value + 30.0 * (row % PER_DAY == 18) for row, value in enumerate(rhythm(DAYS, height=0.0))]
    new = changed(rhythm(DAYS, height=0.0), 20.125, 1 / PER_HOUR, lambda value: value + 30.0)
    row = 20 * PER_DAY + 18
    assert verdicts(nightly)[row].surprise < 0.7 * verdicts(new)[row].surprise
