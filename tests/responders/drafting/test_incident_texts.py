"""One holding reply and one follow-up for the tickets that an incident explains."""

from datetime import timedelta

import pytest

from responders.drafting.incident_texts import explains, follow_up_text, holding_text
from tests.responders.support.drafting_samples import NOW, OUTAGE, ticket

ABOUT_CALLS = ("problem", "The API call times out")


def test_the_holding_reply_tells_the_true_start_and_no_end() -> None:
    text = holding_text(OUTAGE, now=NOW, name="Ada")
    assert text.startswith("Hello Ada,\n\n")
    assert "Since 10:00 UTC there has been a problem on our side (API), and your account is among" in text
    assert "ended" not in text


def test_the_follow_up_tells_start_and_end_with_the_day_if_it_is_another_day() -> None:
    text = follow_up_text(OUTAGE, ended_at=NOW - timedelta(minutes=30), now=NOW + timedelta(days=1))
    assert "it began at 10:00 UTC on 3 March and ended at 11:30 UTC on 3 March" in text


def test_no_text_names_an_account_or_counts_accounts() -> None:
    for text in (holding_text(OUTAGE, now=NOW), follow_up_text(OUTAGE, ended_at=NOW, now=NOW)):
        assert "secret-other-account" not in text
        assert "40" not in text


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="after its start"):
        follow_up_text(OUTAGE, ended_at=OUTAGE.started_at, now=NOW)


def test_an_incident_explains_a_message_about_what_it_measures_or_about_an_outage() -> None:
    assert explains(OUTAGE, ticket("x"), ABOUT_CALLS)
    assert explains(OUTAGE, ticket("x"), ("outage", "Everything is down"))
    assert not explains(OUTAGE, ticket("x"), ("problem", "The invoice is wrong"))
    assert not explains(OUTAGE, ticket("x"), ("thanks", "Thanks for the call"))


def test_an_incident_explains_no_message_of_another_account_or_another_time() -> None:
    assert not explains(OUTAGE, ticket("x", account_id="other"), ABOUT_CALLS)
    early = ticket("x", occurred_at=OUTAGE.started_at - timedelta(hours=2))
    assert not explains(OUTAGE, early, ABOUT_CALLS)
    late = ticket("x", occurred_at=NOW + timedelta(days=2))
    assert not explains(OUTAGE, late, ABOUT_CALLS, ended_at=NOW)
