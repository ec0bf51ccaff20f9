from datetime import timedelta

import pytest

from responders.drafting import Rules
from schemas import ChurnAlert, Contribution
from tests.responders.support.drafting_samples import ACCOUNT, NOW, SURGE, drafter, situation, ticket

RULES = Rules(metric_names={"training.failed": "failed training runs"})


def alert(cause: str, **given: object) -> ChurnAlert:
    part = Contribution(
        name=f"{cause}: {'sentiment' if cause == 'mood_slide' else 'task.labelled'}",
        summary="task.labelled fell to 12 in 6 h; 40 to 60 expected",
        observed=12,
        expected_low=40,
        expected_high=60,
        share=1.0,
        samples=9,
    )
    fields = {"alert_id": "al-1", "dedup_key": "k", "account_id": "acme", "severity": "warning", "score": 0.7}
    told = {"sentence": "s", "next_action": "call", "rule": "r", "contributions": (part,), "cause": cause}
    times = {"started_at": NOW - timedelta(days=2), "detected_at": NOW, "due_at": NOW + timedelta(days=1)}
    return ChurnAlert.model_validate({**fields, **told, **times, **given})


@pytest.mark.parametrize("cause", ["drop", "silence", "error_surge", "mood_slide", "combined"])
def test_an_alert_gives_an_outreach_with_its_facts(cause: str) -> None:
    found = drafter(rules=RULES).outreach(alert(cause), situation(), now=NOW)
    assert (found.kind, found.state, found.ticket_id, found.based_on) == ("outreach", "ready", None, "al-1")
    assert all(claim.supported for claim in found.claims)
    assert found.question
    assert found.body.endswith(f"Best regards,\n{ACCOUNT.owner}")
    assert cause == "mood_slide" or "on your account since 1 March." in found.body


def test_an_anomaly_gives_an_outreach_too() -> None:
    found = drafter(rules=RULES).outreach(SURGE, situation(), now=NOW)
    assert found.subject == "About failed training runs on your account"
    assert "I can see many more failed training runs than usual on your account" in found.body


def test_an_outreach_is_to_the_last_contact_and_mentions_the_open_ticket() -> None:
    waiting = ticket("Please help", subject="Copy of all datasets")
    known = situation(contact="Nadia Haddad", open_ticket=waiting)
    body = drafter(rules=RULES).outreach(alert("drop"), known, now=NOW).body
    assert body.startswith("Hello Nadia,")
    assert "Your ticket “Copy of all datasets”" in body


def test_a_daily_risk_tells_the_customer_nothing_of_its_estimate() -> None:
    term = Contribution(
        name="absence",
        summary="the time since its last use, against its own habit: odds × 4 against the account's usual",
        observed=1.5,
        expected_low=0.1,
        expected_high=0.1,
        share=1.0,
        samples=0,
        log_odds=1.4,
    )
    found = drafter(rules=RULES).outreach(alert("churn_risk", contributions=(term,)), situation(), now=NOW)
    assert (found.state, found.facts) == ("abstained", ())
    for told in ("absence", "odds", "risk", "probability"):
        assert told not in found.body
