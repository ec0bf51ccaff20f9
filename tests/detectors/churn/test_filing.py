"""What an alert does to the case of its account."""

from datetime import timedelta

import pytest

from detectors.churn.assess import present
from detectors.churn.cases import filing_of, retold
from detectors.churn.health import AccountHealth
from schemas.churn import ClosedCase
from streams.churn import handle
from tests.detectors.churn.test_cases import alert, wrote
from tests.streams.support.samples import WHEN
from tests.streams.test_churn_handler import anomaly

DAY = timedelta(days=1)
CLOSED = ClosedCase(severity="warning", closed_at=WHEN - DAY, outcome="false alarm")


def test_an_alert_opens_a_case_that_tells_what_the_account_wrote() -> None:
    filing = filing_of(alert(), None, None, wrote=wrote(WHEN - timedelta(hours=1)))
    assert filing.change == "opened"
    assert filing.case is not None
    assert filing.case.revision == 1
    assert filing.case.next_action.startswith("They wrote on")


def test_an_alert_joins_retells_or_does_not_change_an_open_case() -> None:
    case = alert()
    assert filing_of(alert("silence", at=WHEN + DAY), case, None, wrote=None).change == "joined"
    assert filing_of(alert("drop", at=WHEN + DAY, score=0.7), case, None, wrote=None).change == "retold"
    unchanged = filing_of(alert(), case, None, wrote=None)
    assert unchanged == ("unchanged", case)


def test_after_a_false_alarm_an_alert_rests_and_a_quiet_rule_opens_nothing() -> None:
    assert filing_of(alert(), None, CLOSED, wrote=None) == ("rested", None)
    assert filing_of(alert(), None, None, wrote=None, is_silenced=True) == ("quietened", None)
    worse = alert(severity="critical")
    assert filing_of(worse, None, CLOSED, wrote=None).change == "opened"


def test_an_alert_of_another_account_is_refused() -> None:
    with pytest.raises(ValueError, match="another account"):
        filing_of(alert(account_id="b"), alert(), None, wrote=None)


def test_a_case_is_told_again_by_newer_signals_of_its_own_causes_only() -> None:
    (case,) = handle({}, [anomaly("a", "drop")], {})
    later = WHEN + DAY
    health = AccountHealth(account_id="a").after(anomaly("a", "drop", at=later))
    newer = retold(case, present(health, account=None, now=later), None)
    assert newer.contributions[0].source_ids != case.contributions[0].source_ids
    assert newer.alert_id == case.alert_id
    failing = AccountHealth(account_id="a").after(anomaly("a", "error_surge", at=later))
    assert retold(case, present(failing, account=None, now=later), None) == case
    assert retold(case, None, wrote(WHEN)).next_action.startswith("They wrote on")
