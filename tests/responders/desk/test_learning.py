"""The page that says what people did with drafts, what that changed, and whether drafts help."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from responders.desk.learning import confidence_said, ranking_said, uplift_said
from responders.desk.uplift import FEWEST, difference_of_means, difference_of_shares, uplift_of
from responders.drafting.choosing import is_chosen
from responders.drafting.holdout import HELD_OUT, held_out
from responders.store.desk.holdout import HandledTicket, handled_tickets
from responders.store.lessons import NAME, save_lessons
from schemas.lessons import Lessons
from schemas.table_lessons import DeskLessonsRow
from tests.responders.support.desk_client import Browser
from tests.responders.support.desk_samples import NOW, draft_of, draft_row, event_row, put

DAY, HOUR = 86_400.0, 3_600.0


def handled(held: bool, waited: float, state: str = "sent") -> HandledTicket:
    return HandledTicket(held, waited, waited < DAY, state)


def test_a_desk_without_decisions_says_that_nothing_was_learned(desk: Browser) -> None:
    page = desk.get("/learning").text
    assert "Nobody has decided on a draft yet" in page
    assert page.count("Nothing is changed") == 2
    assert "Every draft is shown" in page
    assert "<html" not in desk.get("/learning?fragment=1").text


def test_decisions_and_lessons_are_told_in_plain_words(engine: Engine, desk: Browser) -> None:
    source = {"source_id": "article:a", "title": "Seats <b>", "actions": {"sent": 7, "dismissed": 2}}
    figures = {
        "decisions": 12,
        "actions": {"sent": 7, "edited": 3, "dismissed": 2},
        "reasons": {"off_topic": 2},
        "sent_unchanged": {"low": 0.32, "share": 7 / 12, "high": 0.81},
        "mean_similarity": 0.87,
        "changed_facts": 1,
        "offset": 0.4,
        "sources": [{**source, "reasons": {"off_topic": 2}, "mean": 0.72, "bonus": 0.02}],
    }
    lessons = Lessons(offset=0.4, bonuses={"article:a": 0.02, "article:b": -0.01}).to_json()
    row = DeskLessonsRow(name=NAME, lessons=lessons, figures=figures, mark="x", updated_at=NOW)
    with Session(engine) as session, session.begin():
        save_lessons(session, row)
    page = desk.get("/learning").text
    assert "<strong>7 were sent unchanged</strong> (58 %; 95 %: 32 % to 81 %)" in page
    assert "3 with changes and 2 were dismissed" in page
    assert "87 % like its draft on average; 1 of them changed a number" in page
    assert "Reasons of dismissals: off topic 2." in page
    assert "a draft at 50 % now counts as 60 %" in page
    assert "come a little earlier (1), others a little later (1)" in page
    assert "Seats &lt;b&gt;" in page
    assert "72 % kept, comes a little earlier" in page


def test_the_sentences_name_the_direction() -> None:
    assert "keep less of the drafts" in confidence_said(Lessons(offset=-0.5), {})
    assert "decisions point from 50 % to 62 %" in confidence_said(Lessons(), {"offset": 0.5})
    assert "Nothing is changed" in ranking_said(Lessons(offset=0.5))


def waiting(engine: Engine, ticket_id: str, *, held: bool, hours: float | None, days_ago: float = 3) -> None:
    """Put a ticket with its draft, and a reply after so many hours if there was one."""
    asked = days_ago * 24 * 60
    hidden = {"state": "abstained", "abstained": HELD_OUT, "body": ""} if held else {}
    made = draft_of(ticket_id, created_at=NOW - timedelta(minutes=asked - 1), **hidden)
    put(engine, event_row(ticket_id, minutes_ago=asked), draft_row(made))
    if hours is not None:
        put(
            engine,
            event_row(ticket_id, f"{ticket_id}-r", minutes_ago=asked - 60 * hours, kind="human_reply"),
        )


def test_tickets_are_compared_from_the_first_hidden_draft_on_a_day_after_their_message(
    engine: Engine,
) -> None:
    waiting(engine, "before", held=False, hours=1, days_ago=5)
    waiting(engine, "hidden", held=True, hours=5, days_ago=4)
    waiting(engine, "shown", held=False, hours=2)
    waiting(engine, "late", held=False, hours=30)
    waiting(engine, "never", held=True, hours=None)
    waiting(engine, "young", held=False, hours=1, days_ago=0.5)
    with Session(engine) as session:
        found = handled_tickets(session, now=NOW)
    assert sorted((one.is_held_out, one.waited_seconds, one.is_answered) for one in found) == [
        (False, 2 * HOUR, True),
        (False, DAY, False),
        (True, 5 * HOUR, True),
        (True, DAY, False),
    ]


def test_without_a_hidden_draft_there_is_nothing_to_compare(engine: Engine) -> None:
    waiting(engine, "shown", held=False, hours=2)
    with Session(engine) as session:
        assert handled_tickets(session, now=NOW) == []
    assert uplift_of([]) is None


def test_the_page_tells_the_uplift_with_its_interval_and_the_numbers_of_tickets(
    engine: Engine, desk: Browser
) -> None:
    for number in range(FEWEST):
        waiting(engine, f"held-{number}", held=True, hours=8 + number / 10)
        waiting(engine, f"shown-{number}", held=False, hours=2 + number / 10)
    page = desk.get("/learning").text
    assert "With a draft customers are answered 6 h sooner on average (95 %: between " in page
    assert f"{FEWEST} tickets with a draft wait" in page
    assert f"{FEWEST} tickets without one wait" in page
    assert "as many tickets are answered with a draft as without (95 %: -12 to +12 points)" in page


def test_few_tickets_are_counted_and_not_compared() -> None:
    uplift = uplift_of([handled(True, HOUR), handled(False, HOUR)])
    assert uplift is not None
    assert (uplift.with_draft, uplift.held_out, uplift.waited) == (1, 1, None)
    assert uplift_said(uplift) == ("There are too few tickets to compare yet.",)


def test_a_difference_that_may_be_chance_is_called_so() -> None:
    alike = [handled(held, hour * HOUR) for held in (True, False) for hour in range(1, 25)]
    uplift = uplift_of(alike)
    assert uplift is not None
    assert all("that may be chance" in sentence for sentence in uplift_said(uplift))


def test_the_hold_out_hides_ready_drafts_of_its_share_of_tickets_and_no_other_draft() -> None:
    drafts = [draft_of(f"t{number}") for number in range(400)]
    hidden = [held_out(draft, 0.25) for draft in drafts]
    chosen = [draft for draft in hidden if draft.abstained == HELD_OUT]
    assert 70 <= len(chosen) <= 130
    assert all((draft.state, draft.body, draft.citations) == ("abstained", "", ()) for draft in chosen)
    assert [held_out(draft, 0.0) for draft in drafts] == drafts
    routed = draft_of("t", state="abstained", abstained="no_source", body="")
    assert held_out(routed, 1.0) == routed


def test_the_hold_out_is_independent_of_the_share_of_the_language_model() -> None:
    tickets = [f"t{number}" for number in range(2_000)]
    both = sum(is_chosen(name, 0.5) and is_chosen(name, 0.5, purpose="holdout") for name in tickets)
    assert 430 <= both <= 570


def test_a_ticket_of_the_hold_out_says_why_it_shows_no_draft(engine: Engine, desk: Browser) -> None:
    hidden = draft_of("t", state="abstained", abstained=HELD_OUT, body="", claims=(), citations=())
    put(engine, event_row("t"), draft_row(hidden))
    page = desk.get("/tickets/t").text
    assert "This ticket is one of those that show no draft" in page
    assert "Ask your admin" not in page


@given(
    st.lists(st.floats(0, DAY), min_size=2, max_size=30), st.lists(st.floats(0, DAY), min_size=2, max_size=30)
)
def test_a_difference_of_means_lies_in_its_interval_and_turns_its_sign(
    first: list[float], second: list[float]
) -> None:
    found, turned = difference_of_means(first, second), difference_of_means(second, first)
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(-turned.value)


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_a_difference_of_shares_has_an_interval_of_shares(
    total: int, other: int, data: st.DataObject
) -> None:
    count, other_count = data.draw(st.integers(0, total)), data.draw(st.integers(0, other))
    found = difference_of_shares(count, total, other_count, other)
    assert -1.0 <= found.low < found.high <= 1.0
