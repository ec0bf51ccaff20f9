"""One day of the hazard: gaps, another budget, and the standing of accounts."""

from datetime import timedelta

import pytest

from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.shipped import load_prior
from detectors.churn.judging import MOST_GAP, end_of_next_day, judge_day, watch_before
from detectors.churn.recovery import standings_of
from tests.detectors.churn.hazard.populations import FIRST_DAY, end_of

RULE = HazardRule(load_prior())
USE = {"a": UseOfDay(5.0, 1.0, 1), "b": UseOfDay(3.0, 0.0, 1)}


def test_a_day_ends_at_its_midnight_and_tells_how_known_accounts_stand() -> None:
    watch = watch_before(None, RULE, FIRST_DAY)
    assert end_of_next_day(watch) == end_of(0)
    day = judge_day(watch, USE, {}, lambda wanted: {})
    assert day.end == end_of(0)
    assert day.alerts == ()
    assert list(standings_of(watch, day.risks, USE, ["b", "unknown", "a"], day.end)) == ["a", "b"]
    assert standings_of(watch, day.risks, USE, ["a"], day.end)["a"].gap == 0


@pytest.mark.parametrize(("gap", "accounts"), [(1, 2), (5, 2), (MOST_GAP, 2), (MOST_GAP + 1, 0)])
def test_days_without_use_are_ended_and_a_long_gap_begins_anew(gap: int, accounts: int) -> None:
    watch = watch_before(None, RULE, FIRST_DAY)
    judge_day(watch, USE, {}, lambda wanted: {})
    later = watch_before(watch, RULE, FIRST_DAY + gap)
    assert end_of_next_day(later) == end_of(0) + timedelta(days=gap)
    assert len(later.book.places) == accounts


def test_another_budget_goes_on_with_what_was_learned() -> None:
    watch = watch_before(None, RULE, FIRST_DAY)
    judge_day(watch, USE, {}, lambda wanted: {})
    changed = watch_before(watch, RULE._replace(alerts_per_month=0.1), FIRST_DAY + 1)
    assert changed is watch
    assert changed.budget.per_month == 0.1
    assert watch_before(None, RULE._replace(alerts_per_month=0.1), FIRST_DAY).budget.per_month == 0.1
