"""Moods that people give messages, and what desks learn from them, on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from responders.store import moods
from responders.store.desk.mood_clicks import correct_mood, undo_mood
from responders.store.desk.refusals import DecisionRefused
from responders.store.desk.tickets import ticket_view
from schemas import Sentiment
from schemas.tables import DeskMoodModelRow, MoodCorrectionRow, SentimentRow
from tests.responders.support.desk_samples import NOW, angry, event_row, put
from tests.responders.support.shared_database import await_lock_wait, empty, shared_database


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[Engine]:
    with shared_database(postgres_url) as engine:
        yield engine


@pytest.fixture
def engine(database: Engine) -> Engine:
    empty(database)
    put(database, event_row("t"), angry("t"), event_row("u"), event_row("r", kind="human_reply"))
    return database


def correct(engine: Engine, event_id: str, mood: str, *, by: str = "kim") -> tuple[str, str | None]:
    with Session(engine) as session, session.begin():
        return correct_mood(session, event_id, mood, corrected_by=by, now=NOW)  # type: ignore[arg-type]


def undo(engine: Engine, event_id: str) -> str:
    with Session(engine) as session, session.begin():
        return undo_mood(session, event_id, undone_by="kim", now=NOW)


def given(engine: Engine) -> dict[str, str]:
    with Session(engine) as session:
        found = moods.moods_by_people(session, ["t-1", "u-1", "r-1"])
        return {event_id: mood.mood for event_id, mood in found.items()}


def clicks(engine: Engine, after: int = 0) -> list[tuple[str, str | None]]:
    with Session(engine) as session:
        return [(click.event_id, click.mood) for click in moods.clicks_after(session, after, limit=100)]


def test_the_last_mood_of_a_message_counts_and_the_models_record_stays(engine: Engine) -> None:
    assert correct(engine, "t-1", "neutral") == ("t", "negative")
    assert correct(engine, "u-1", "negative") == ("u", None)
    correct(engine, "t-1", "positive", by="lee")
    assert given(engine) == {"t-1": "positive", "u-1": "negative"}
    with Session(engine) as session:
        assert session.get_one(SentimentRow, "t-1").label == "negative"
        view = ticket_view(session, "t")
    assert view is not None
    assert view.given_mood == moods.PersonMood("positive", "lee", NOW, "negative")


def test_drafting_hears_the_mood_that_a_person_gave(engine: Engine) -> None:
    with Session(engine) as session:
        assert moods.heard_moods(session, ["t-1", "u-1"])["t-1"].label == "negative"
    correct(engine, "t-1", "positive")
    correct(engine, "u-1", "negative")
    with Session(engine) as session:
        heard = moods.heard_moods(session, ["t-1", "u-1"])
    assert set(heard) == {"t-1"}
    assert (heard["t-1"].label, heard["t-1"].probabilities) == ("positive", (0.0, 0.0, 1.0))
    assert (heard["t-1"].score, heard["t-1"].frustration, heard["t-1"].frustration_reasons) == (1.0, 0.0, ())
    undo(engine, "t-1")
    with Session(engine) as session:
        assert moods.heard_moods(session, ["t-1"])["t-1"].frustration == 0.8


def test_a_mood_given_as_negative_keeps_the_signs_of_frustration() -> None:
    model = Sentiment.model_validate(angry("t", label="neutral", probabilities=(0.3, 0.6, 0.1)).record)
    heard = moods.heard_as(model, "negative")
    assert (heard.label, heard.probabilities, heard.score) == ("negative", (1.0, 0.0, 0.0), -1.0)
    assert heard.frustration_reasons == model.frustration_reasons


def test_the_same_mood_twice_is_one_click(engine: Engine) -> None:
    correct(engine, "t-1", "neutral")
    correct(engine, "t-1", "neutral")
    assert clicks(engine) == [("t-1", "neutral")]


def test_a_mood_taken_back_counts_no_more_and_both_clicks_stay_for_the_audit(engine: Engine) -> None:
    correct(engine, "t-1", "neutral")
    assert undo(engine, "t-1") == "t"
    assert given(engine) == {}
    assert clicks(engine) == [("t-1", "neutral"), ("t-1", None)]
    with Session(engine) as session:
        rows = session.exec(select(MoodCorrectionRow).order_by(col(MoodCorrectionRow.correction_id))).all()
    assert [(row.mood, row.shown, row.undone, row.corrected_by) for row in rows] == [
        ("neutral", "negative", False, "kim"),
        ("neutral", "negative", True, "kim"),
    ]
    with pytest.raises(DecisionRefused, match="moved_on"):
        undo(engine, "t-1")


@pytest.mark.parametrize("event_id", ["missing", "r-1"])
def test_only_a_message_of_a_customer_has_a_mood(engine: Engine, event_id: str) -> None:
    with pytest.raises(DecisionRefused, match="unknown"):
        correct(engine, event_id, "neutral")


def test_clicks_are_read_in_order_after_an_id_and_carry_the_message(engine: Engine) -> None:
    for mood in ("neutral", "positive", "negative"):
        correct(engine, "t-1", mood)
    with Session(engine) as session:
        first = moods.clicks_after(session, 0, limit=1)
        rest = moods.clicks_after(session, first[0].correction_id, limit=10)
        assert moods.newest_click(session) == rest[-1].correction_id
    assert first[0].ticket is not None
    assert first[0].ticket.body == "Body of t"
    assert [click.mood for click in rest] == ["positive", "negative"]


def test_the_ids_of_clicks_ascend_with_their_commits(engine: Engine) -> None:
    """A reader that has seen an id would never see a smaller id that is committed later."""
    with Session(engine) as session, session.begin():
        correct_mood(session, "t-1", "neutral", corrected_by="kim", now=NOW)
        other = Thread(target=correct, args=(engine, "u-1", "negative"))
        other.start()
        await_lock_wait(engine)
    other.join()
    assert clicks(engine) == [("t-1", "neutral"), ("u-1", "negative")]


def test_one_process_learns_at_a_time(engine: Engine) -> None:
    with Session(engine) as first, first.begin():
        assert moods.may_learn(first)
        with Session(engine) as second, second.begin():
            assert not moods.may_learn(second)
    with Session(engine) as third, third.begin():
        assert moods.may_learn(third)


def row_of(**fields: object) -> DeskMoodModelRow:
    known: dict[str, object] = {"base_model": "m", "figures": {}, "updated_at": NOW}
    return DeskMoodModelRow.model_validate(known | fields)


def test_a_model_is_replaced_and_a_reset_leaves_only_the_count_of_promotions(engine: Engine) -> None:
    correct(engine, "t-1", "neutral")
    for version in (1, 2):
        with Session(engine) as session, session.begin():
            fields = {"version": version, "champion": b"c", "learner": b"l", "promoted_at": NOW}
            moods.save_desk_model(session, row_of(**fields, learned_to=1))
    with Session(engine) as session, session.begin():
        assert moods.reset_desk(session, now=NOW + timedelta(hours=1)) == ["m"]
    with Session(engine) as session:
        row = moods.desk_model(session, "m")
        assert moods.desk_model(session, "other") is None
    assert row is not None
    assert (row.version, row.champion, row.learner, row.starts_after) == (2, None, None, 1)
