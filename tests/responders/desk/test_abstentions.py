"""Every reason for which a ticket has no draft has sentences for a person."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.desk.abstentions import REASONS, ROUTES, NoDraft, no_draft
from responders.policy.reasons import TEAMS

ROUTED = list(TEAMS)
SENTENCES = re.compile(r"[A-Z“].*[.?]")


def said(words: NoDraft) -> list[str]:
    return [words.why, words.next, words.taker, *([words.question] if words.question else [])]


@given(
    st.sampled_from([*REASONS, *(f"needs_a_person: {route}" for route in ROUTED), "needs_a_person", "new"])
    | st.text(max_size=40),
    st.lists(st.text(min_size=1, max_size=400), max_size=5),
    st.none() | st.just("Maya Rao"),
)
def test_every_reason_is_told_in_sentences_without_its_code(
    reason: str, asks: list[str], owner: str | None
) -> None:
    words = no_draft(reason, asks=asks, owner=owner)
    for sentence in said(words):
        assert SENTENCES.fullmatch(sentence), sentence
    if "_" in reason.strip("_"):
        assert all(reason not in sentence for sentence in said(no_draft(reason)))


@pytest.mark.parametrize("route", ROUTED)
def test_every_route_of_the_policy_has_words_of_its_own(route: str) -> None:
    assert no_draft(f"needs_a_person: {route}").why == ROUTES[route].why


def test_the_owner_of_the_account_is_named_only_where_the_owner_should_take_it() -> None:
    assert "Maya Rao" in no_draft("needs_a_person: leaving", owner="Maya Rao").taker
    assert "Maya Rao" not in no_draft("needs_a_person: billing_dispute", owner="Maya Rao").taker


def test_several_open_questions_are_quoted_in_one_sentence_and_long_ones_are_cut() -> None:
    why = no_draft("no_source", asks=["Is it free?", "word " * 100]).why
    assert why.startswith("Nobody has written down an answer to “Is it free?” and “word word")
    assert len(why) < 300


def test_the_drafters_own_question_goes_before_the_usual_one() -> None:
    assert no_draft("no_source", question="Which project?").question == "Which project?"
