"""The first days of an account: a recording seldom begins at midnight, or on a Monday."""

from datetime import timedelta

import pytest

from schemas.usage import Anomaly
from tests.detectors.support.usage_streams import MONDAY, Change, hourly, play, steady

DAYS = 16
RATES = {"task.labelled": 1_500.0, "api.call": 600.0, "user.login": 12.0}


def found_from(
    first_day: int, *, seed: int = 1, change: Change = steady, weekend: float = 0.05
) -> list[Anomaly]:
    """Return what is found in two weeks of use that are recorded from the evening of a weekday on."""
    start = MONDAY + timedelta(days=first_day)
    begins = start + timedelta(hours=17, minutes=25)
    events = hourly(
        days=DAYS, seed=seed, change=change, rates=RATES, weekend=weekend, start=start, failure_rate=0.0
    )
    return play([event for event in events if event.occurred_at >= begins], days=first_day + DAYS)


@pytest.mark.parametrize("first_day", range(7))
def test_two_ordinary_weeks_are_quiet_whichever_evening_they_begin_on(first_day: int) -> None:
    assert found_from(first_day) == []


@pytest.mark.parametrize("first_day", [0, 4])
def test_an_account_that_works_on_weekends_is_quiet_too(first_day: int) -> None:
    assert found_from(first_day, weekend=0.5) == []


@pytest.mark.parametrize(("first_day", "falls_on"), [(0, 10), (3, 14), (4, 15)])
def test_a_fall_in_the_second_week_is_found_and_its_hour_of_onset_is_right(
    first_day: int, falls_on: int
) -> None:
    onset = falls_on - first_day + 13 / 24
    found = found_from(first_day, change=lambda day, kind: 0.1 if day >= onset else 1.0)
    assert {anomaly.cause for anomaly in found} == {"drop"}
    began = (found[0].started_at - MONDAY) / timedelta(days=1)
    assert abs(began - falls_on - 13 / 24) <= 1 / 24
    assert found[0].detected_at - found[0].started_at <= timedelta(hours=8)
