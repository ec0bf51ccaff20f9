"""What the accounts of a partition have in common: found in the hour after, and never by a few of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.usage.counts.budget import AlertBudget, from_bytes, to_bytes
from detectors.usage.counts.cohort import CohortEffects, HourShares
from tests.benchmarks.usage_detection.replay import CountReplay, replayed
from tests.benchmarks.usage_detection.streams import ONSET_DAY, QUIET, StreamKind, apart, counts_of, outage

FIRST = 1_000
ACCOUNTS = 20


def hour_of(number: int, ratios: list[float], expected: float = 50.0) -> HourShares:
    """Return the buckets of accounts of which each has this share of its expectation."""
    size = len(ratios)
    observed = expected * np.array(ratios)
    chance = np.where(np.array(ratios) < 0.6, 1e-4, 0.4)
    return HourShares(np.full(size, number), observed, np.full(size, expected), chance, np.zeros(size))


def lived(hours: list[HourShares]) -> CohortEffects:
    cohort = CohortEffects()
    cohort.fold(FIRST)
    for number, shares in enumerate(hours, FIRST):
        cohort.add(shares)
        cohort.fold(number + 1)
    return cohort


def test_a_fall_of_most_accounts_is_known_from_the_next_hour_on() -> None:
    cohort = lived([hour_of(FIRST, [1.0] * 20), hour_of(FIRST + 1, [0.3] * 12 + [1.0] * 8)])
    assert cohort.left_since(FIRST + 1, FIRST + 2) == pytest.approx(0.3)
    assert cohort.left_since(FIRST, FIRST + 1) == 1.0


@pytest.mark.parametrize("ratios", [[0.0] * 5 + [1.0] * 15, [0.0] * 4, [1.0] * 20])
def test_a_few_leavers_and_a_few_accounts_share_nothing(ratios: list[float]) -> None:
    assert lived([hour_of(FIRST, ratios)]).left_since(FIRST, FIRST + 1) == 1.0


def test_a_night_beside_a_missed_day_is_like_the_day() -> None:
    night = hour_of(FIRST, [0.0] * 20, expected=0.5)
    day = hour_of(FIRST + 1, [0.0] * 20)
    cohort = lived([night, day, night._replace(hour=night.hour + 2), hour_of(FIRST + 3, [1.0] * 20)])
    assert [cohort.left[hour % 216] < 0.1 for hour in range(FIRST, FIRST + 4)] == [True, True, True, False]


@given(st.permutations(range(12)))
def test_the_order_of_accounts_changes_nothing(order: list[int]) -> None:
    ratios = [0.1 * number for number in range(12)]
    alone = [hour_of(FIRST, [ratios[place]], expected=31.7) for place in order]
    one, other = CohortEffects(), CohortEffects()
    for cohort in (one, other):
        cohort.fold(FIRST)
    one.add(hour_of(FIRST, ratios, expected=31.7))
    for shares in alone:
        other.add(shares)
    assert all((a == b).all() for a, b in zip(one.parts(), other.parts(), strict=True))


def test_a_restored_cohort_goes_on_alike() -> None:
    budget = AlertBudget(0.02)
    budget.cohort = lived([hour_of(FIRST, [0.3] * 12), hour_of(FIRST + 1, [0.2] * 12)])
    budget.cohort.add(hour_of(FIRST + 2, [0.1] * 12))
    again = from_bytes(0.02, to_bytes(budget))
    for each in (budget, again):
        each.cohort.fold(FIRST + 3)
    assert to_bytes(again) == to_bytes(budget)
    assert again.cohort.left_since(FIRST, FIRST + 3) == budget.cohort.left_since(FIRST, FIRST + 3) < 0.4


def test_a_budget_of_an_older_build_knows_nothing_of_the_cohort() -> None:
    data = to_bytes(AlertBudget(0.02))
    newer = (sum(part.size for part in CohortEffects().parts()) + AlertBudget(0.02).realised().size) * 8
    assert to_bytes(from_bytes(0.02, data[:-newer])) == data


def low_alerts(replay: CountReplay) -> set[int]:
    return {alert.account for alert in replay.alerts if alert.cause == 0}


def test_a_holiday_is_hardly_an_alert_of_one_account() -> None:
    counts, failed = counts_of(QUIET["holiday"], ACCOUNTS, 7)
    alone, together = (replayed(counts, failed, is_cohort=is_cohort) for is_cohort in (False, True))
    assert len(low_alerts(alone)) >= 0.9 * ACCOUNTS
    assert len(low_alerts(together)) <= 0.25 * ACCOUNTS


def test_leavers_beside_an_outage_have_alerts_of_their_own() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, outage(0.3, 24, 12, 3)), ACCOUNTS, 9)
    replay = replayed(counts, failed, is_cohort=True, frozen_from=ONSET_DAY)
    assert low_alerts(replay) >= set(range(ACCOUNTS - 3, ACCOUNTS))
    assert not low_alerts(replay) & set(range(12))


def test_a_quarter_that_leaves_on_one_day_is_not_swallowed() -> None:
    counts, failed = counts_of(StreamKind(300.0, 0.15, apart(5)), ACCOUNTS, 10)
    assert low_alerts(replayed(counts, failed, is_cohort=True, frozen_from=ONSET_DAY)) >= set(range(5))
