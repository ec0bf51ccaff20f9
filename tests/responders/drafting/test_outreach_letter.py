"""The message that a success manager signs: to a person, in plain words, with one next step."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.drafting.outreach import occasion_of
from responders.drafting.outreach_letter import CALL, SEEN, written
from schemas import ChurnAlert, Contribution, Draft
from tests.responders.support.drafting_samples import NOW, SURGE, situation, ticket

NAMES = {"task.labelled": "labelled tasks", "training.failed": "failed training runs"}


def alert(cause: str = "drop", *metrics: str, observed: float = 12) -> ChurnAlert:
    parts = tuple(
        Contribution(
            name=f"{cause}: {metric}",
            summary="task.labelled fell to 12 in 6 h; 40 to 60 expected (p = 0.001)",
            observed=observed,
            expected_low=40,
            expected_high=60,
            share=0.9 - 0.1 * place,
            samples=9,
        )
        for place, metric in enumerate(metrics or ("task.labelled",))
    )
    fields = {"alert_id": "al-1", "dedup_key": "k", "account_id": "acme", "severity": "warning", "score": 0.7}
    told = {"sentence": "s", "next_action": "call", "rule": "r", "contributions": parts, "cause": cause}
    times = {"started_at": NOW - timedelta(days=2), "detected_at": NOW, "due_at": NOW + timedelta(days=1)}
    return ChurnAlert.model_validate({**fields, **told, **times})


def letter(cause: Any, page: str | None = None, **known: object) -> Draft:
    occasion = occasion_of(cause, names=NAMES, now=NOW)
    empty = Draft(
        draft_id="d",
        kind="outreach",
        ticket_id=None,
        account_id="acme",
        based_on=occasion.based_on,
        channel="email",
        state="abstained",
        model="composer",
        created_at=NOW,
    )
    return written(empty, occasion, situation(**known), signature="The support team", page=page)


def test_a_letter_is_to_a_person_says_what_we_saw_and_has_one_next_step() -> None:
    found = letter(alert(), contact="Nadia Haddad")
    assert found.body == (
        "Hello Nadia,\n\nI can see a clear drop in labelled tasks on your account since 1 March.\n\n"
        f"{CALL}\n\nBest regards,\nIda Okafor"
    )
    assert found.question == CALL
    assert all(claim.supported for claim in found.claims)


def test_the_open_ticket_of_the_account_is_mentioned_with_its_day() -> None:
    waiting = ticket("Please help", subject="Re: Copy of all datasets", occurred_at=NOW - timedelta(days=6))
    found = letter(alert(), open_ticket=waiting)
    assert (
        "Your ticket “Copy of all datasets”, which you sent on 25 February, is still open with us"
        in found.body
    )
    assert "ticket:t-1" in {citation.source_id for citation in found.citations}


@pytest.mark.parametrize("subject", ["", "x" * 200, "see https://evil.example/now"])
def test_an_empty_long_or_linked_subject_is_not_quoted(subject: str) -> None:
    found = letter(alert(), open_ticket=ticket("Please help", subject=subject))
    assert "Your ticket, which you sent today, is still open with us" in found.body


def test_the_ticket_of_another_account_is_refused() -> None:
    with pytest.raises(ValueError, match="another account"):
        letter(alert(), open_ticket=ticket("Please help", account_id="other"))


def test_two_findings_are_said_in_two_different_sentences() -> None:
    body = letter(alert("silence", "task.labelled", "training.failed")).body
    assert "I can see hardly any labelled tasks" in body
    assert "I can also see hardly any failed training runs" in body


def test_failures_ask_what_the_customer_sees() -> None:
    found = letter(SURGE)
    assert "many more failed training runs than usual" in found.body
    assert SEEN in found.body


def test_only_failures_come_with_a_page_that_helps() -> None:
    page = "https://help.example.com/runs"
    assert f"{SEEN} This page may help in the meantime: {page}" in letter(SURGE, page).body
    assert page not in letter(alert(), page).body


def test_without_a_sentence_to_say_there_is_no_letter() -> None:
    silent = alert().model_copy(update={"contributions": ()})
    assert letter(silent).state == "abstained"


def test_an_alert_without_contributions_tells_its_cause() -> None:
    bare = alert("error_surge").model_copy(update={"contributions": (), "chart_metric": "training.failed"})
    assert "I can see many more failed training runs than usual" in letter(bare).body


@given(
    st.sampled_from(["drop", "silence", "error_surge", "mood_slide", "combined"]),
    st.floats(0, 1e6),
    st.none() | st.text(max_size=60),
)
def test_no_letter_has_statistics_or_words_of_the_detector(
    cause: str, observed: float, contact: str | None
) -> None:
    body = letter(alert(cause, observed=observed), contact=contact).body
    assert body.startswith("Hello")
    assert not re.search(r"p =|expected|usual in that time|deviation|\d{3}|%|_", body)
    assert body.count("?") == 1
