"""A click on the mood of a message: corrected, confirmed, taken back; audited and shown at once."""

import re

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from schemas.tables import MoodCorrectionRow, SentimentRow
from tests.responders.support.desk_client import Browser, Tags, Watched, post
from tests.responders.support.desk_samples import angry, draft_of, draft_row, event_row, put


@pytest.fixture(autouse=True)
def ticket(engine: Engine) -> None:
    put(engine, event_row("t"), angry("t"), draft_row(draft_of("t")))


def header_mood(desk: Browser) -> str:
    page = desk.get("/tickets/t").text
    head = page[page.index('class="head ticket-head"') : page.index('id="standing"')]
    found = re.search(r'class="mood mood-(\w+)"', head)
    assert found is not None
    return found.group(1)


def clicks(engine: Engine) -> list[tuple[str, str, str | None, bool, str]]:
    with Session(engine) as session:
        rows = session.exec(select(MoodCorrectionRow).order_by(col(MoodCorrectionRow.correction_id))).all()
    return [(row.event_id, row.mood, row.shown, row.undone, row.corrected_by) for row in rows]


def test_a_click_shows_at_once_and_is_recorded_with_its_person(
    desk: Browser, engine: Engine, watched: Watched
) -> None:
    assert header_mood(desk) == "negative"
    status, _ = post(desk, "/messages/t-1/mood", mood="positive")
    assert status == 303
    assert header_mood(desk) == "positive"
    assert "Mood corrected by kim" in desk.get("/tickets/t").text
    assert clicks(engine) == [("t-1", "positive", "negative", False, "kim")]
    assert watched.corrections == [("negative", "positive")]
    with Session(engine) as session:
        row = session.get_one(SentimentRow, "t-1")
    assert (row.label, row.record["label"]) == ("negative", "negative")


def test_the_redirect_leads_to_the_ticket_with_a_notice(desk: Browser) -> None:
    desk.get("/tickets")
    form = {"token": str(desk.cookies["rapport_desk"]), "mood": "neutral"}
    answer = desk.post("/messages/t-1/mood", data=form)
    assert answer.headers["location"] == "/tickets/t?notice=mood"
    assert "Mood recorded" in desk.get(answer.headers["location"]).text


def test_the_same_mood_as_the_models_is_a_confirmation(
    desk: Browser, engine: Engine, watched: Watched
) -> None:
    post(desk, "/messages/t-1/mood", mood="negative")
    assert clicks(engine) == [("t-1", "negative", "negative", False, "kim")]
    assert watched.corrections == [("negative", "negative")]


def test_a_click_can_be_taken_back_once(desk: Browser, engine: Engine) -> None:
    post(desk, "/messages/t-1/mood", mood="positive")
    assert post(desk, "/messages/t-1/mood/undo")[0] == 303
    assert header_mood(desk) == "negative"
    status, page = post(desk, "/messages/t-1/mood/undo")
    assert (status, "taken it back already" in page) == (409, True)
    assert [undone for *_, undone, _ in clicks(engine)] == [False, True]


@pytest.mark.parametrize("mood", ["", "angry", "NEGATIVE"])
def test_an_unknown_mood_is_refused(desk: Browser, engine: Engine, mood: str) -> None:
    assert post(desk, "/messages/t-1/mood", mood=mood)[0] == 400
    assert clicks(engine) == []


def test_a_message_that_does_not_exist_is_not_found(desk: Browser) -> None:
    assert post(desk, "/messages/gone/mood", mood="neutral")[0] == 404
    assert post(desk, "/messages/gone/mood/undo")[0] == 404


def test_a_form_of_another_site_changes_nothing(desk: Browser, engine: Engine) -> None:
    assert desk.post("/messages/t-1/mood", data={"token": "x", "mood": "neutral"}).status_code == 403
    assert clicks(engine) == []


def test_an_odd_id_is_reached_and_a_reply_of_ours_has_no_mood(desk: Browser, engine: Engine) -> None:
    put(engine, event_row("t", "a/mood?\u00e9", minutes_ago=20))
    put(engine, event_row("t", "ours", kind="human_reply", minutes_ago=10))
    tags = Tags(desk.get("/tickets/t").text)
    actions = [values.get("action") or "" for name, values in tags.seen if name == "form"]
    moods = [action for action in actions if action.endswith("/mood")]
    assert len(moods) == 2
    for action in moods:
        assert post(desk, action, mood="neutral")[0] == 303
    assert [event_id for event_id, *_ in clicks(engine)] == ["t-1", "a/mood?\u00e9"]
    assert clicks(engine)[1][2] is None
