"""The watch over the hours of all accounts: a fall of many is one outage, from its first to its last hour."""

import json

import numpy as np
import pytest

from detectors.churn.outages.affected import fall_of
from detectors.churn.outages.hour import AccountHours
from detectors.churn.outages.watch import RECENT_HOURS, REVIEW_HOURS, OutageWatch
from detectors.usage.hour_use import HourUse
from detectors.usage.policy import moment
from tests.detectors.support.hours_of_accounts import ONSET, WatchedCompany, hit, name


@pytest.mark.parametrize("level", [0.7, 0.4, 0.0])
def test_a_fall_of_many_accounts_is_one_outage_found_in_its_first_hour(level: float) -> None:
    watch, changes = WatchedCompany(left=hit(0.6, level, 4, accounts=80)).watched()
    found = changes[-1]
    assert (changes[0].first, changes[0].until) == (ONSET, ONSET + 1)
    assert {change.incident.incident_id for change in changes} == {found.incident.incident_id}
    assert (found.incident.started_at, found.incident.ended_at) == (moment(ONSET), moment(ONSET + 4))
    assert abs(found.level - level) < 0.12
    affected = {name(account) for account in range(48)}
    assert len(affected & set(found.incident.account_ids)) >= 0.7 * len(affected)
    assert watch.open is None


def test_an_outage_goes_on_over_nights_until_its_accounts_are_back() -> None:
    _, changes = WatchedCompany(left=hit(0.6, 0.7, 48, accounts=80)).watched(60)
    assert [change.incident.ended_at for change in changes if change.is_over] == [moment(ONSET + 48)]


def test_quiet_days_are_no_outage() -> None:
    assert WatchedCompany().watched(24 * 4)[1] == []


def test_accounts_that_fall_one_after_the_other_are_no_outage() -> None:
    def left(account: int, hour: int) -> float:
        return 0.2 if account < 20 and hour >= ONSET + account // 2 - 3 else 1.0

    assert WatchedCompany(left=left).watched()[1] == []


def test_the_fall_of_one_huge_account_is_no_outage() -> None:
    def left(account: int, hour: int) -> float:
        return 0.0 if account == 0 and hour >= ONSET else 1.0

    assert WatchedCompany(left=left, sizes={0: 1_000_000.0}).watched()[1] == []


def test_a_large_share_of_too_few_accounts_is_no_outage() -> None:
    assert WatchedCompany(12, hit(0.6, 0.0, 6, accounts=12)).watched()[1] == []


def test_an_account_that_left_at_the_hour_of_a_partial_outage_is_not_among_those_hit() -> None:
    fall = hit(0.6, 0.7, 6, accounts=80)

    def left(account: int, hour: int) -> float:
        return 0.0 if account >= 77 and hour >= ONSET else fall(account, hour)

    _, changes = WatchedCompany(left=left).watched()
    assert not {name(account) for account in range(77, 80)} & set(changes[-1].incident.account_ids)


def test_accounts_that_are_still_down_are_not_told_that_it_is_over() -> None:
    fall = hit(0.6, 0.0, 6, accounts=80)

    def left(account: int, hour: int) -> float:
        return 0.0 if account < 5 and hour >= ONSET else fall(account, hour)

    _, changes = WatchedCompany(left=left).watched()
    assert changes[-1].is_over
    told = changes[-1].incident
    assert not {name(account) for account in range(5)} & set(told.account_ids)
    assert told.sentence.startswith(f"{len(told.account_ids)} accounts ({told.share_of_accounts:.0%} of")


def test_accounts_that_are_still_down_a_day_after_a_total_outage_are_left_behind() -> None:
    fall = hit(0.6, 0.0, 4, accounts=80)
    gone = {3, 4, 79}

    def left(account: int, hour: int) -> float:
        return 0.0 if account in gone and hour >= ONSET else fall(account, hour)

    company = WatchedCompany(left=left)
    watch, _ = company.watched(4 + REVIEW_HOURS - 1)
    assert (company.left_behind, watch.needs_from) == ([], ONSET + 4)
    late, _ = company.watched(4 + REVIEW_HOURS + 6)
    assert late.outages[0].is_reviewed
    [behind] = company.left_behind
    assert behind.outage.behind == behind.account_ids
    assert behind.account_ids == tuple(name(account) for account in sorted(gone))
    assert behind.at == moment(ONSET + 4 + REVIEW_HOURS)


def test_nobody_is_left_behind_because_the_next_outage_hits_them_too() -> None:
    first, again = hit(0.6, 0.0, 4, accounts=80), hit(0.6, 0.0, 40, accounts=80)

    def left(account: int, hour: int) -> float:
        return min(first(account, hour), again(account, hour - 5))

    company = WatchedCompany(left=left)
    watch, _ = company.watched(36)
    assert [outage.first for outage in watch.outages] == [ONSET, ONSET + 5]
    assert [behind.account_ids for behind in company.left_behind] == [()]


def test_a_recalled_hour_is_forgotten_once_nobody_looks_at_it_again() -> None:
    watch, _ = WatchedCompany(left=hit(0.6, 0.0, 4, accounts=80)).watched(4 + REVIEW_HOURS + 1)
    assert watch.needs_from == watch.until - RECENT_HOURS - 1


def test_the_watch_goes_through_json_unchanged() -> None:
    watch, _ = WatchedCompany(left=hit(0.6, 0.4, 4, accounts=80)).watched()
    assert OutageWatch.model_validate(json.loads(json.dumps(watch.to_json()))) == watch


def test_hours_are_the_same_in_every_order_of_accounts() -> None:
    uses = {f"a{number}": HourUse(float(number), 5.0, 0.1, number % 2 == 0) for number in range(6)}
    straight, turned = AccountHours.of(uses), AccountHours.of(dict(reversed(uses.items())))
    assert straight.account_ids == turned.account_ids
    for one, other in zip(straight[1:], turned[1:], strict=True):
        assert np.array_equal(one, other)


@pytest.mark.filterwarnings("error")
def test_one_account_with_the_greatest_numbers_does_not_spoil_the_hour() -> None:
    uses = {f"a{number}": HourUse(5.0, 5.0, 0.1, is_odd=False) for number in range(30)}
    uses["huge"] = HourUse(1e12, 1e12, 1e12, is_odd=False)
    hours = AccountHours.of(uses)
    assert np.isfinite(hours.scores()).all()
    assert np.isfinite(hours.evidence(0.3)).all()
    assert 0.0 <= fall_of(hours).level <= 1.0
