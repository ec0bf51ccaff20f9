"""The packed detector on streams of counts: what it finds, how early, and what it leaves alone."""

from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from detectors.usage.counts import failures, judging, learning
from detectors.usage.counts.budget import CAUSES
from detectors.usage.counts.rows import COUNTS, FAILURES, Bucket, fresh_counts, fresh_failures
from tests.benchmarks.usage_detection.replay import Alert, CountReplay, replayed
from tests.benchmarks.usage_detection.streams import (
    DAYS,
    ONSET_DAY,
    ONSET_HOUR,
    QUIET,
    VACATION_DAYS,
    StreamKind,
    counts_of,
    fall,
    more_failures,
    off,
    weekly_job,
)

ACCOUNTS = 16
ONSET = ONSET_DAY * 24 + ONSET_HOUR
LOW, FAILED = CAUSES.index("low"), CAUSES.index("failures")


@lru_cache(maxsize=16)
def alerts_of(name: str, per_month: float = 0.02) -> tuple[Alert, ...]:
    counts, failed = counts_of(QUIET[name], ACCOUNTS, 77)
    return tuple(replayed(counts, failed, per_month=per_month).alerts)


def delays(kind: StreamKind, *, frozen_from: int = ONSET_DAY) -> list[float]:
    """Return per account the hours from the onset of a fall to the first alert within a week."""
    counts, failed = counts_of(kind, ACCOUNTS, 5)
    return hours_to(replayed(counts, failed, frozen_from=frozen_from).alerts, LOW)


def hours_to(alerts: list[Alert], cause: int) -> list[float]:
    found = [float("inf")] * ACCOUNTS
    for alert in alerts:
        if alert.cause == cause and ONSET <= alert.hour < ONSET + 168:
            found[alert.account] = min(found[alert.account], alert.hour - ONSET + 1)
    return found


@pytest.mark.parametrize(("level", "median"), [(0.0, 6), (0.2, 12)])
def test_a_deep_fall_of_a_busy_account_is_found_within_hours(level: float, median: int) -> None:
    found = delays(StreamKind(300.0, 0.15, fall(level)))
    assert max(found) < 168
    assert np.median(found) <= median


def test_a_fall_by_half_is_found_within_days() -> None:
    found = delays(StreamKind(300.0, 0.15, fall(0.5)))
    assert np.mean([hours < 168 for hours in found]) >= 0.8
    assert np.median(found) <= 72


def test_an_account_with_few_events_is_judged_too() -> None:
    found = delays(StreamKind(12.0, 0.15, fall(0.0)))
    assert np.mean([hours < 168 for hours in found]) >= 0.9


def test_a_missing_day_is_found_on_that_day() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, off(ONSET_DAY)), ACCOUNTS, 6)
    alerts = replayed(counts, failed, frozen_from=ONSET_DAY).alerts
    same_day = {alert.account for alert in alerts if alert.hour // 24 == ONSET_DAY and alert.cause == LOW}
    assert len(same_day) >= ACCOUNTS - 1


def test_a_vacation_does_not_blind_an_account() -> None:
    after = delays(StreamKind(300.0, 0.15, fall(0.0, after_vacation=True)), frozen_from=VACATION_DAYS[0])
    before = delays(StreamKind(300.0, 0.15, fall(0.0)), frozen_from=VACATION_DAYS[0])
    assert np.median(after) <= 1.5 * max(np.median(before), 2)


def test_nobody_is_reported_for_coming_back() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, off(*range(28, 35))), ACCOUNTS, 9)
    alerts = replayed(counts, failed).alerts
    back = [alert for alert in alerts if alert.cause == LOW and 35 * 24 <= alert.hour < 38 * 24]
    assert len(back) <= 1


def test_three_times_the_failures_are_mostly_found_within_a_day() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, failures=20.0), ACCOUNTS, 7)
    alerts = replayed(counts, more_failures(failed, 20.0, 3.0, 8), frozen_from=ONSET_DAY).alerts
    assert np.mean([hours <= 24 for hours in hours_to(alerts, FAILED)]) >= 0.6


def test_ten_times_the_failures_are_found_within_hours() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, failures=4.0), ACCOUNTS, 7)
    alerts = replayed(counts, more_failures(failed, 4.0, 10.0, 8), frozen_from=ONSET_DAY).alerts
    assert max(hours_to(alerts, FAILED)) <= 12


@pytest.mark.parametrize("name", ["300 a day", "5 a day", "noise 30 %", "growth 2 % a day", "summer time"])
def test_a_quiet_stream_makes_hardly_a_low_alert(name: str) -> None:
    assert sum(alert.cause == LOW for alert in alerts_of(name)) <= 2


@pytest.mark.parametrize(
    "name", ["weekly job", "weekly job, any day", "only a weekly job", "only a monthly job", "import bursts"]
)
def test_an_account_is_not_reported_for_the_jobs_of_its_own_past(name: str) -> None:
    assert len(alerts_of(name)) <= 2


def test_a_job_once_a_month_is_no_growth() -> None:
    assert [alert for alert in alerts_of("monthly job") if alert.cause == CAUSES.index("high")] == []


def test_a_fall_beside_a_weekly_job_is_found() -> None:
    def change(mean: Any, chance: np.random.Generator) -> None:
        weekly_job(mean, chance)
        fall(0.2)(mean, chance)

    found = delays(StreamKind(300.0, 0.15, change))
    assert max(found) < 168
    assert np.median(found) <= 24


def test_growth_that_lasts_is_seen_on_its_second_day() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15), ACCOUNTS, 5)
    counts[:, ONSET_DAY:] *= 5.0
    alerts = [alert for alert in replayed(counts, failed, frozen_from=ONSET_DAY).alerts if alert.cause == 1]
    assert {alert.hour // 24 for alert in alerts} <= {ONSET_DAY + 1, ONSET_DAY + 2}
    assert len({alert.account for alert in alerts}) == ACCOUNTS


def test_the_budget_is_the_knob() -> None:
    few, many = (len(alerts_of("noise 50 %", per_month)) for per_month in (0.002, 1.0))
    assert few < many


def test_a_new_level_is_accepted_after_a_week_or_two() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, fall(0.3)), ACCOUNTS, 5)
    replay = CountReplay(ACCOUNTS, 0.02)
    levels = []
    for number in range(DAYS):
        replay.day(number, counts[:, number], failed[:, number])
        levels.append(np.median(replay.counts["level"]))
    assert levels[ONSET_DAY + 3] > 200
    assert levels[-1] < 150


def judged(counts: Any, order: Any) -> bytes:
    """Return the rows after all days, with accounts in another order and judged in blocks of three."""
    blocks = []
    for part in np.array_split(order, len(order) // 3):
        block = fresh_counts(len(part))
        for day in range(counts.shape[1]):
            weekday = np.full(len(part), day % 7)
            learning.open_day(block, weekday)
            working = learning.is_working(block, weekday)
            for hour in range(24):
                place = np.full(len(part), hour)
                bucket = Bucket(place, np.ones(len(part), int), counts[part, day, hour])
                passed = judging.passed_by(block, working, bucket)
                judging.count_bucket(block, bucket, passed)
            learning.close_day(block, weekday, np.full(len(part), day))
        blocks.append(block)
    whole = np.concatenate(blocks)
    return whole[np.argsort(order, kind="stable")].tobytes()


def test_the_accounts_beside_an_account_do_not_change_its_row() -> None:
    counts, _ = counts_of(StreamKind(30.0), 9, 3)
    short = counts[:, :12]
    assert judged(short, np.arange(9)) == judged(short, np.array([4, 8, 0, 2, 1, 7, 5, 3, 6]))


def test_a_row_is_small() -> None:
    assert (COUNTS.itemsize, FAILURES.itemsize) == (348, 167)


def test_a_share_that_is_not_known_yet_says_nothing_of_clusters() -> None:
    block = fresh_failures(1)
    for day in range(8):
        for hour in range(24):
            bucket = Bucket(np.array([hour]), np.array([1]), np.array([1.0 if hour == 12 else 0.0]))
            failures.count_failures(block, bucket, np.array([500.0]))
        failures.close_failures(block, np.array([day]))
    assert failures.cluster_of(block)[0] < 3.0
