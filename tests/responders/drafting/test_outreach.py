from datetime import timedelta

import pytest

from responders.drafting import Rules
from schemas import ChurnAlert, Contribution
from tests.responders.support.drafting_samples import ACCOUNT, NOW, SURGE, drafter, situation

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
    assert cause == "mood_slide" or "12, where 40 to 60 would be usual" in found.body


def test_an_anomaly_gives_an_outreach_too() -> None:
    found = drafter(rules=RULES).outreach(SURGE, situation(), now=NOW)
    assert found.subject == "About failed training runs on your account"
    assert "42, where 0 to 4" in found.body
