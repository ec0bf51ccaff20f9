"""The texts of the sample company are read strictly, and slots are filled without touching the rest."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.demo.texts import TICKET_SLOTS, TicketText, parse_article, slots_of, story_texts
from streams.demo.voice import fill


def test_an_article_without_front_matter_is_refused() -> None:
    with pytest.raises(ValueError, match="front matter"):
        parse_article("exports", "a.md", "# Export\n")


def test_stories_are_written_for_every_planted_cause() -> None:
    assert set(story_texts()) == {"mood_slide", "drop", "silence", "error_surge", "outage"}


@given(st.text(), st.sampled_from(sorted(TICKET_SLOTS)))
def test_filling_changes_slots_only(text: str, slot: str) -> None:
    values = dict.fromkeys(TICKET_SLOTS, "x")
    if not slots_of(text):
        assert fill(text, values) == text
    assert fill("{" + slot + "}", values) == "x"


def test_unknown_fields_of_a_text_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"topic": "a", "mood": "neutral", "subject": "s", "body": "b", "extra": 1}, TicketText
        )
