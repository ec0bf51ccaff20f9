"""What a detector expects of the next day."""

from datetime import datetime, timedelta
from functools import lru_cache

import pytest

from detectors.usage import UsageDetector
from detectors.usage.account import UsageAccount
from detectors.usage.outlook import outlooks
from detectors.usage.policy import UsagePolicy
from tests.detectors.support.usage_streams import MONDAY, hourly

RATE = {"task.labelled": 600.0}


def day_number(day: int) -> int:
    return MONDAY.toordinal() - datetime(1970, 1, 1, tzinfo=MONDAY.tzinfo).toordinal() + day


@lru_cache(maxsize=8)
def after(days: int) -> UsageDetector:
    detector = UsageDetector("acme")
    for event in hourly(days=days, seed=4, rates=RATE, failure_rate=0.0):
        detector.observe(event)
    detector.advance(MONDAY + timedelta(days=days, hours=1))
    return detector


def test_working_days_and_weekends_are_expected_apart_with_a_band_around() -> None:
    account = after(28).account
    (monday,) = outlooks([account], day_number(28))
    (saturday,) = outlooks([account], day_number(33))
    assert monday is not None
    assert saturday is not None
    assert monday.expected == pytest.approx(600.0, rel=0.25)
    assert saturday.expected < 0.4 * monday.expected
    for outlook in (monday, saturday):
        assert 0.0 <= outlook.low < outlook.expected < outlook.high


def test_an_account_in_its_first_week_a_new_one_and_one_that_sleeps_have_none() -> None:
    asleep = UsageDetector("gone")
    for event in hourly("gone", days=14, seed=4, rates=RATE):
        asleep.observe(event)
    asleep.advance(MONDAY + timedelta(days=16 + UsagePolicy().dormant_days))
    found = outlooks(
        [after(5).account, UsageAccount("new"), asleep.account, after(28).account], day_number(28)
    )
    assert [outlook is None for outlook in found] == [True, True, True, False]


def test_no_account_has_no_outlook() -> None:
    assert outlooks([], day_number(1)) == []
