"""Tone, thanks and language of a draft come from the mood that the sentiment group found."""

from typing import get_args

import pytest

from responders.drafting import Situation
from responders.drafting.message import LEAVING_BY_MOOD
from responders.generation.brief import AskBrief, Brief, Material, Tone
from responders.generation.composer import Composer
from schemas import Draft, Sentiment
from schemas.tickets import HeardRoute
from tests.responders.support.drafting_samples import NOW, drafter, situation, ticket

LINK_QUESTION = "The download link of my export has expired"


def draft(body: str, *, given: Situation | None = None) -> Draft:
    return drafter().draft(ticket(body), given or situation(), now=NOW)


def mood(**given: object) -> Sentiment:
    fields = {"event_id": "ev-1", "ticket_id": "t-1", "account_id": "acme", "model": "m", "label": None}
    times = {"occurred_at": NOW, "scored_at": NOW, "probabilities": None, "score": None}
    return Sentiment.model_validate({**fields, **times, **given})


def material(title: str) -> Material:
    return Material(source_id="m-1", source_kind="macro", title=title, body="Open Settings. Choose Save.")


def test_the_language_that_the_model_found_is_used() -> None:
    told = mood(abstained="unsupported_language", language="da")
    found = draft(LINK_QUESTION, given=situation(mood=told))
    assert (found.abstained, found.language) == ("unsupported_language", "da")


def test_an_angry_customer_gets_an_apology() -> None:
    angry = mood(label="negative", probabilities=(0.9, 0.1, 0.0), score=-0.9, language="en")
    found = draft(LINK_QUESTION, given=situation(mood=angry))
    assert "sorry" in found.body
    assert found.mood == "negative"
    assert "sorry" not in draft(LINK_QUESTION).body


@pytest.mark.parametrize(
    ("told", "apologises"),
    [
        ({"label": None, "frustration": 0.35, "frustration_reasons": ("strong_words",)}, True),
        ({"label": "neutral", "frustration": 0.45, "frustration_reasons": ("repeated_contact",)}, True),
        ({"label": "neutral", "frustration": 0.15, "frustration_reasons": ("urgent",)}, False),
        ({"label": "positive", "frustration": 0.6, "frustration_reasons": ("waiting",)}, False),
        ({"label": "neutral"}, False),
        ({"label": "neutral", "sarcasm": 0.8, "threat": 0.1}, True),
        ({"label": "neutral", "threat": 0.9}, False),
        ({"label": "negative", "probabilities": (0.9, 0.1, 0.0), "threat": 0.9}, True),
        ({"label": "neutral", "threat": 0.1, "sarcasm": 0.2}, False),
        ({"label": None, "abstained": "uncertain", "probabilities": (0.45, 0.1, 0.45)}, False),
    ],
)
def test_frustration_comes_from_the_mood_and_not_from_words_of_the_drafter(
    told: dict[str, object], apologises: bool
) -> None:
    found = draft(f"{LINK_QUESTION}. This is unacceptable!!", given=situation(mood=mood(**told)))
    assert ("sorry" in found.body) == apologises


@pytest.mark.parametrize(
    ("closing", "thanked"),
    [
        ("Many thanks in advance.\nTobias", False),
        ("Thank you and best wishes,\nAnders Thompson\nPlatform Engineer", False),
        ("Thanks!", False),
        ("The new filter is great, I love it.", True),
        ("Thanks for the quick help yesterday, that was perfect.\n\nCheers\nAda", True),
    ],
)
def test_only_kind_words_are_thanked_for_and_not_a_courteous_closing(closing: str, thanked: bool) -> None:
    glad = mood(label="positive", probabilities=(0.0, 0.1, 0.9), score=0.9, language="en")
    found = draft(f"{LINK_QUESTION}.\n\n{closing}", given=situation(mood=glad))
    assert found.state == "ready"
    assert ("kind words" in found.body) == thanked


def test_the_language_is_decided_by_the_mood_alone() -> None:
    german = "Der Link in der Mail ist nicht mehr gültig, ich warte auf eine Antwort"
    assert draft(german, given=situation(mood=mood(label="neutral", language="en"))).abstained == "no_source"
    told = mood(abstained="unsupported_language", language="de")
    assert draft(german, given=situation(mood=told)).abstained == "unsupported_language"


THREAT = mood(label="neutral", probabilities=(0.3, 0.6, 0.1), score=-0.2, language="en", threat=0.9)


def test_a_threat_by_mood_alone_gets_a_plain_answer_and_is_marked_for_the_success_manager() -> None:
    heard = HeardRoute(reason="leaving", chance=0.05, strength="unlikely")
    found = draft(LINK_QUESTION, given=situation(mood=THREAT, heard=heard))
    plain = draft(LINK_QUESTION)
    assert (found.state, found.body) == ("ready", plain.body)
    assert [*plain.warnings, LEAVING_BY_MOOD] == list(found.warnings)


def test_the_reply_to_a_calm_message_that_may_be_a_threat_is_sober() -> None:
    heard = HeardRoute(reason="leaving", chance=0.4, strength="possible")
    found = draft(LINK_QUESTION, given=situation(mood=THREAT, heard=heard))
    assert found.state == "ready"
    assert LEAVING_BY_MOOD not in found.warnings
    assert "sorry for the trouble" in found.body
    assert not any(
        word in found.body.lower() for word in ("kind words", "carry on", "anything else", "stuck")
    )


def test_each_tone_has_an_opening_for_each_kind_of_topic_and_a_closing() -> None:
    for title in ("Reset your password", "Failed payments", "An export fails", "Why is it slow?"):
        for tone in get_args(Tone):
            asks = (AskBrief(text="q", passages=(material(title),)),)
            brief = Brief(asks=asks, public=False, tone=tone)
            said = " ".join(part.text for part in Composer().compose(brief).parts)
            assert ("kind words" in said) == (tone == "warm"), said
            assert ("sorry" in said.lower()) == (tone in ("apology", "leaving")), said
