"""Who does not come back after an outage gets an alert, once, and only for a fall that was explained."""

from datetime import timedelta

import pytest

from detectors.churn.assess import assess
from detectors.churn.health import AccountHealth
from detectors.churn.outages.left_behind import own_trouble
from detectors.churn.outages.watch import LeftBehind, SharedOutage
from detectors.churn.policy import ChurnPolicy
from schemas.usage import AnomalyCause
from tests.detectors.churn.test_churn import NOW, anomaly
from tests.detectors.support.hours_of_accounts import WatchedCompany, hit

POLICY = ChurnPolicy()
LATER = NOW + timedelta(days=2)
OUTAGE = WatchedCompany(left=hit(0.6, 0.0, 4, accounts=80)).watched(2)[0].outages[0]


def begun(outage: SharedOutage, ago: timedelta) -> LeftBehind:
    incident = outage.incident.model_copy(update={"started_at": NOW - ago})
    return LeftBehind(outage.model_copy(update={"incident": incident}), ("acme",), LATER)


BEHIND = begun(OUTAGE, timedelta(hours=3))


def explained(cause: AnomalyCause) -> AccountHealth:
    """The health of an account whose alert an incident explained."""
    health = AccountHealth(account_id="acme").after(anomaly(cause, shared=True))
    alert = assess(health, account=None, now=NOW)
    assert alert is not None
    return health.after_alert(alert).after_incident(alert)


@pytest.mark.parametrize("cause", ["drop", "silence"])
def test_a_fall_that_was_explained_speaks_when_the_account_is_still_down(cause: AnomalyCause) -> None:
    found = own_trouble(explained(cause), BEHIND, None, POLICY)
    assert found is not None
    assert (found.alert.cause, found.alert.detected_at, found.alert.shared) == (cause, LATER, False)
    assert own_trouble(found.health, BEHIND, None, POLICY) is None


def test_failures_and_falls_that_were_not_explained_say_nothing_more() -> None:
    assert own_trouble(explained("error_surge"), BEHIND, None, POLICY) is None
    assert own_trouble(AccountHealth(account_id="acme").after(anomaly("drop")), BEHIND, None, POLICY) is None


def test_a_fall_that_was_explained_before_the_outage_says_nothing_more() -> None:
    assert own_trouble(explained("drop"), begun(OUTAGE, timedelta(hours=-1)), None, POLICY) is None
