"""Messages for a certain team that also ask what the knowledge answers."""

import pytest

from responders.drafting import Situation
from schemas import Draft
from schemas.tickets import HeardRoute
from tests.responders.support.drafting_samples import NOW, drafter, situation, ticket

LINK = "How do I open an expired download link of my export?"
ASKED = f"Something about the money looks odd to us. {LINK}"
BESIDE = "I have also passed your message to"


def given(reason: str, chance: float = 0.9, strength: str = "likely") -> Situation:
    heard = {"reason": reason, "chance": chance, "strength": strength}
    return situation(heard=HeardRoute.model_validate(heard))


def draft(body: str, told: Situation) -> Draft:
    return drafter().draft(ticket(body), told, now=NOW)


@pytest.mark.parametrize(
    ("reason", "team"),
    [("billing_dispute", "our billing team"), ("wants_person", "a colleague"), ("leaving", "a colleague")],
)
def test_a_question_beside_a_harmless_reason_is_answered_and_the_team_is_named(
    reason: str, team: str
) -> None:
    found, plain = draft(ASKED, given(reason)), draft(LINK, situation())
    assert found.state == "ready"
    assert f"{BESIDE} {team}" in found.body
    assert found.body.endswith("Best regards,\nThe support team")
    assert [claim for claim in plain.claims if claim not in found.claims] == []
    assert any("may need a person too" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    "reason", ["legal_threat", "personal_data", "security_report", "safety", "authority", "press"]
)
def test_nothing_is_answered_beside_a_reason_that_only_a_person_may_touch(reason: str) -> None:
    found = draft(ASKED, given(reason))
    assert (found.abstained, found.claims) == (f"needs_a_person: {reason}", ())


def test_nothing_is_answered_if_the_reason_is_beyond_doubt() -> None:
    assert draft(ASKED, given("billing_dispute", 0.97)).abstained == "needs_a_person: billing_dispute"
    charged = f"You charged us twice. {LINK}"
    assert draft(charged, given("billing_dispute")).abstained == "needs_a_person: billing_dispute"


def test_a_phrase_that_the_model_does_not_hear_leaves_room_for_an_answer() -> None:
    charged = f"You charged us twice. {LINK}"
    found = draft(charged, given("billing_dispute", 0.3, "unlikely"))
    assert (found.state, BESIDE in found.body) == ("ready", True)


def test_a_statement_beside_a_reason_is_left_to_the_person() -> None:
    found = draft(
        "Something about the money looks odd to us. The download link has expired.", given("billing_dispute")
    )
    assert found.abstained == "needs_a_person: billing_dispute"


def test_a_question_that_the_knowledge_does_not_answer_goes_to_the_team() -> None:
    found = draft(
        "You charged us twice. How do I rotate my API key?", given("billing_dispute", 0.3, "unlikely")
    )
    assert found.abstained == "needs_a_person: billing_dispute"
    assert "our billing team" in found.body


def test_a_plain_message_names_nobody_else() -> None:
    assert BESIDE not in draft(ASKED, situation()).body
