"""How lessons move drafts: not at all without decisions, and never by much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.chunks import chunks_of
from responders.drafting import Drafter, Rules
from responders.drafting.edits import MOST_FACTS, changed_facts
from responders.drafting.lessons import moved, reordered
from responders.generation import Composer
from responders.retrieval import ArticleIndex
from responders.retrieval.ranking import Passage
from schemas import Draft
from schemas.lessons import Lessons
from tests.responders.support.drafting_samples import (
    NOW,
    SOURCES,
    HashingEmbedder,
    OneByOne,
    situation,
    ticket,
)

EXPIRED = "My download link has expired"


def drafted(text: str, lessons: Lessons | None, *, threshold: float = 0.2) -> Draft:
    index = ArticleIndex(SOURCES, HashingEmbedder())
    rules = Rules(threshold=threshold)
    given_lessons = None if lessons is None else (lambda: lessons)
    drafter = OneByOne(Drafter(index, Composer(), rules, lessons=given_lessons))
    return drafter.draft(ticket(text), situation(), now=NOW)


@pytest.mark.parametrize("text", [EXPIRED, "How do I add seats?", "Thanks a lot!", "Does the aquarium sing?"])
def test_lessons_that_teach_nothing_leave_every_byte_of_a_draft(text: str) -> None:
    assert drafted(text, Lessons()).to_bytes() == drafted(text, None).to_bytes()
    elsewhere = Lessons(bonuses={"article:unknown": 0.05})
    assert drafted(text, elsewhere).to_bytes() == drafted(text, None).to_bytes()


def test_an_offset_moves_the_confidence_is_noted_in_the_draft_and_can_be_taken_out_again() -> None:
    plain, lower = drafted(EXPIRED, None), drafted(EXPIRED, Lessons(offset=-0.8))
    assert lower.confidence < plain.confidence
    assert (plain.confidence_offset, lower.confidence_offset) == (0.0, -0.8)
    assert moved(lower.confidence, -lower.confidence_offset) == pytest.approx(plain.confidence)
    assert lower.body == plain.body


def test_an_offset_decides_whether_there_is_a_draft_at_all() -> None:
    plain = drafted(EXPIRED, None)
    threshold = (plain.confidence + moved(plain.confidence, -0.5)) / 2
    assert drafted(EXPIRED, None, threshold=threshold).state == "ready"
    refused = drafted(EXPIRED, Lessons(offset=-0.5), threshold=threshold)
    assert (refused.state, refused.abstained) == ("abstained", "no_source")


def passages(*scores: float) -> list[Passage]:
    by_source = [chunks_of(source)[0] for source in SOURCES]
    return [
        Passage(chunk=chunk, similarity=0.5, score=score)
        for chunk, score in zip(by_source, scores, strict=False)
    ]


def test_a_bonus_turns_a_close_order_only() -> None:
    first, second, third = passages(0.50, 0.47, 0.30)
    bonuses = {second.chunk.source_id: 0.04, third.chunk.source_id: 0.05}
    found = reordered([first, second, third], bonuses)
    assert [passage.chunk for passage in found] == [second.chunk, first.chunk, third.chunk]
    assert [passage.score for passage in found] == pytest.approx([0.51, 0.50, 0.35])


def test_without_a_bonus_the_order_is_the_searchs_own() -> None:
    found = passages(0.2, 0.5, 0.3)
    assert reordered(found, {}) == found
    assert reordered(found, {"article:elsewhere": 0.05}) == found


@given(st.floats(0, 1), st.floats(-1, 1))
def test_a_moved_probability_is_one_and_moves_in_the_direction_of_the_offset(
    chance: float, by: float
) -> None:
    found = moved(chance, by)
    assert 0.0 <= found <= 1.0
    assert (found - chance) * by >= -1e-12


@pytest.mark.parametrize(
    ("drafted_text", "final", "changed"),
    [
        ("It costs 29 € a month.", "It costs 39 € a month.", ("29 €", "39 €")),
        ("See https://help.example.com/a.", "See https://help.example.com/b.", None),
        ("Your code is TR-105.", "Your code is TR-106.", ("TR-105", "TR-106")),
        ("1. Open it.\n2. Save it.", "1. Save it.", ()),
        ("Hello,\nopen the page.", "Hi Ann, please open the page, thanks.", ()),
        ("Wait until 2026-03-01.", "Wait until 2026-04-01.", ("2026-03-01", "2026-04-01")),
    ],
)
def test_numbers_links_and_codes_are_facts_that_an_edit_may_change(
    drafted_text: str, final: str, changed: tuple[str, ...] | None
) -> None:
    found = changed_facts(drafted_text, final)
    expected = ("https://help.example.com/a", "https://help.example.com/b") if changed is None else changed
    assert found == expected


@given(st.text(max_size=200), st.text(max_size=200))
def test_equal_texts_change_no_fact_and_any_text_few(first: str, second: str) -> None:
    assert changed_facts(first, first) == ()
    assert len(changed_facts(first, second)) <= MOST_FACTS
