"""An outage explains what it left to accounts, and not what is their own."""

import pytest

from detectors.churn.cases import joined
from detectors.churn.outages.explaining import explained_by, taken_over_by
from detectors.churn.outages.watch import OutageWatch
from detectors.usage.policy import moment
from tests.detectors.support.hours_of_accounts import ONSET, WatchedCompany, alert, hit


@pytest.fixture(scope="module")
def watch() -> OutageWatch:
    """After four hours with 40 % of the use of most accounts."""
    return WatchedCompany(left=hit(0.6, 0.4, 4, accounts=80)).watched(8)[0]


def test_a_fall_to_what_the_outage_left_is_explained(watch: OutageWatch) -> None:
    assert explained_by(watch, alert(120.0)) == watch.outages[0]
    assert explained_by(watch, alert(120.0, account=70)) == watch.outages[0]


def test_a_fall_far_below_what_the_outage_left_is_the_accounts_own(watch: OutageWatch) -> None:
    assert explained_by(watch, alert(0.0)) is None


def test_a_fall_of_many_hours_is_not_explained_by_a_few_of_them(watch: OutageWatch) -> None:
    assert explained_by(watch, alert(30.0, since=-48)) is None


def test_a_fall_before_the_outage_is_not_explained(watch: OutageWatch) -> None:
    early = alert(120.0, since=-5).model_copy(update={"detected_at": moment(ONSET)})
    assert explained_by(watch, early) is None


def test_failures_are_explained_for_accounts_that_the_outage_hit(watch: OutageWatch) -> None:
    affected = int(watch.outages[0].incident.account_ids[0][1:])
    assert explained_by(watch, alert(600.0, account=affected, cause="error_surge")) is not None
    assert explained_by(watch, alert(600.0, account=79, cause="error_surge")) is None


def test_a_mood_is_never_explained(watch: OutageWatch) -> None:
    assert explained_by(watch, alert(120.0, cause="mood_slide")) is None


@pytest.fixture(scope="module")
def total() -> OutageWatch:
    """After four hours in which most accounts could do nothing."""
    return WatchedCompany(left=hit(0.6, 0.0, 4, accounts=80)).watched(8)[0]


def test_an_account_that_was_silent_before_a_total_outage_is_not_explained(total: OutageWatch) -> None:
    assert explained_by(total, alert(0.0, cause="silence")) == total.outages[0]
    assert explained_by(total, alert(0.0, cause="silence", since=-3)) is None


def test_nothing_explains_an_account_that_did_not_come_back(total: OutageWatch) -> None:
    late = total.with_outage(total.outages[0].model_copy(update={"behind": (alert(0.0).account_id,)}))
    assert explained_by(late, alert(0.0)) is None
    assert explained_by(late, alert(0.0, account=2)) is not None


def test_a_case_with_another_cause_is_not_taken_over(total: OutageWatch) -> None:
    fall, sour = alert(0.0), alert(0.0, cause="mood_slide")
    assert taken_over_by(total, total.outages[0], fall)
    assert not taken_over_by(total, total.outages[0], joined(fall, sour))


def test_a_case_from_before_the_outage_is_not_taken_over(total: OutageWatch) -> None:
    early = alert(0.0).model_copy(update={"detected_at": moment(ONSET - 1)})
    assert not taken_over_by(total, total.outages[0], early)
