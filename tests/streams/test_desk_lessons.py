"""Decisions become lessons of later drafts: on a real PostgreSQL, with the drafter of production."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from responders.drafting import Drafter
from responders.generation import Composer
from responders.store import lessons as store
from responders.store.calibration import NAME as CALIBRATION
from responders.store.desk.decisions import DeskChoice, record_decision, undo_decision
from responders.store.knowledge import SqlKnowledge, save_sources
from schemas import Draft
from schemas.lessons import Lessons
from schemas.tables import CalibrationRow
from streams.desk_lessons import DeskLessons
from streams.process.metrics import Metrics
from tests.responders.support.desk_samples import NOW, citation, draft_of, draft_row, event_row, put
from tests.responders.support.drafting_samples import SOURCES, HashingEmbedder, OneByOne, situation, ticket

SENT, REFUSED = "Open the page and save.", None


@pytest.fixture
def engine(tables: Engine) -> Engine:
    return tables


def decide(
    engine: Engine, number: int, final: str | None, *, source: str = "article:a", **changes: object
) -> None:
    """Make a draft and decide on it: a text is sent, None is a dismissal as off topic."""
    cited = (citation(f"{source}#0", f"Title of {source}", "Open the page and save."),)
    fields = {"body": SENT, "confidence": 0.5, "citations": cited, **changes}
    made = draft_of(f"t{number}", f"d{number}", **fields)
    put(engine, event_row(f"t{number}"), draft_row(made))
    choice = DeskChoice(final, None if final else "off_topic", "kim")
    with Session(engine) as session, session.begin():
        record_decision(session, f"d{number}", choice, now=NOW + timedelta(seconds=number))


def learning(engine: Engine, metrics: Metrics | None = None) -> DeskLessons:
    return DeskLessons(engine, metrics=metrics or Metrics())


def refreshed(engine: Engine, *, now: datetime = NOW) -> Lessons:
    desk = learning(engine)
    desk.refresh(now=now)
    return desk.current


def figures(engine: Engine) -> dict[str, object]:
    with Session(engine) as session:
        row = store.desk_lessons(session)
    assert row is not None
    return row.figures


def test_a_desk_without_decisions_learns_nothing_and_writes_no_row(engine: Engine) -> None:
    assert refreshed(engine) == Lessons()
    with Session(engine) as session:
        assert store.desk_lessons(session) is None


def test_drafts_of_a_desk_without_decisions_are_the_same_to_the_byte(engine: Engine) -> None:
    desk = learning(engine)
    desk.refresh(now=NOW)
    with Session(engine) as session, session.begin():
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
    taught = Drafter(SqlKnowledge(engine), Composer(), lessons=lambda: desk.current)
    untaught = Drafter(SqlKnowledge(engine), Composer())
    for number, text in enumerate(("How do I add more seats?", "My download link has expired")):
        asked = ticket(text, event_id=f"e{number}")
        drafts = [OneByOne(one).draft(asked, situation(), now=NOW) for one in (taught, untaught)]
        assert drafts[0].to_bytes() == drafts[1].to_bytes()


def test_a_source_that_is_refused_lowers_the_confidence_and_every_worker_and_restart_agrees(
    engine: Engine,
) -> None:
    metrics = Metrics()
    first = learning(engine, metrics)
    for number in range(40):
        decide(engine, number, REFUSED)
    first.refresh(now=NOW)
    assert first.current.offset < -0.3
    assert refreshed(engine) == first.current
    sample = metrics.registry.get_sample_value
    assert sample("rapport_desk_confidence_offset_nats") == first.current.offset
    assert sample("rapport_desk_decision_records", {"action": "dismissed"}) == 40
    assert sample("rapport_desk_sent_unchanged_ratio", {"bound": "share"}) == 0.0
    assert sample("rapport_desk_lesson_changes_total", {"change": "confidence"}) == 1


def test_two_sources_that_people_treat_differently_get_bonus_and_malus(engine: Engine) -> None:
    for number in range(60):
        good = number % 2 == 0
        decide(engine, number, SENT if good else REFUSED, source="article:good" if good else "article:bad")
    bonuses = refreshed(engine).bonuses
    assert bonuses["article:good"] > 0 > bonuses["article:bad"]
    by_source = {source["source_id"]: source for source in figures(engine)["sources"]}  # type: ignore[attr-defined]
    assert by_source["article:good"]["actions"] == {"sent": 30}
    assert by_source["article:bad"]["reasons"] == {"off_topic": 30}
    assert by_source["article:bad"]["title"] == "Title of article:bad"


def test_a_decision_that_is_taken_back_is_forgotten(engine: Engine) -> None:
    decide(engine, 1, REFUSED)
    refreshed(engine)
    assert figures(engine)["decisions"] == 1
    with Session(engine) as session, session.begin():
        undo_decision(session, "d1", now=NOW + timedelta(seconds=2))
    refreshed(engine)
    assert figures(engine)["decisions"] == 0


def test_the_probability_that_is_learned_from_is_the_one_without_the_offset(engine: Engine) -> None:
    decide(engine, 1, REFUSED, confidence=0.5, confidence_offset=0.8)
    refreshed(engine)
    losses = figures(engine)["confidence"]
    assert losses["shipped"] == pytest.approx(0.371, abs=0.001)  # type: ignore[index]


def test_a_draft_older_than_the_calibration_says_nothing_about_the_confidence(engine: Engine) -> None:
    row = CalibrationRow(name=CALIBRATION, confidence={}, figures={}, calibrated_at=NOW + timedelta(hours=1))
    put(engine, row)
    decide(engine, 1, REFUSED)
    refreshed(engine)
    assert figures(engine)["confidence"]["scored"] == 0  # type: ignore[index]
    assert figures(engine)["ranking"]["scored"] == 1  # type: ignore[index]


def test_edits_keep_their_similarity_and_the_facts_they_changed(engine: Engine) -> None:
    decide(engine, 1, "Open the page in 24 hours and save.")
    decide(engine, 2, "Please open the page and save.")
    decide(engine, 3, SENT)
    refreshed(engine)
    found = figures(engine)
    assert found["actions"] == {"edited": 2, "sent": 1}
    assert found["changed_facts"] == 1
    similarity = found["mean_similarity"]
    assert isinstance(similarity, float)
    assert 0.7 < similarity < 1.0


def test_replies_without_a_draft_text_and_routed_messages_teach_nothing(engine: Engine) -> None:
    decide(engine, 1, "My own words", body="", citations=(), abstained="no_source")
    decide(engine, 2, "My own words", abstained="needs_a_person: leaving")
    refreshed(engine)
    assert figures(engine)["decisions"] == 0


def test_a_reset_forgets_old_decisions_and_learns_new_ones(engine: Engine) -> None:
    for number in range(40):
        decide(engine, number, REFUSED)
    taught = refreshed(engine)
    later = NOW + timedelta(hours=1)
    with Session(engine) as session, session.begin():
        assert store.reset_lessons(session, now=later)
    fresh = refreshed(engine, now=later)
    assert (fresh.offset, fresh.bonuses, fresh.version) == (0.0, {}, taught.version + 1)
    assert refreshed(engine, now=later) == fresh


def test_another_process_that_learns_is_not_waited_for(engine: Engine) -> None:
    decide(engine, 1, SENT)
    desk = learning(engine)
    with Session(engine) as session, session.begin():
        assert store.may_learn_lessons(session)
        desk.refresh(now=NOW)
    assert desk.current == Lessons()
    desk.refresh(now=NOW)
    assert figures(engine)["decisions"] == 1


def test_a_draft_on_the_topic_of_an_older_build_has_no_offset() -> None:
    old = draft_of("t").to_json()
    del old["confidence_offset"], old["again"]
    read = Draft.model_validate(old)
    assert (read.confidence_offset, read.again) == (0.0, None)
