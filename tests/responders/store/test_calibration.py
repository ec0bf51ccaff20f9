"""The confidence of a desk on a real PostgreSQL: trials on its knowledge, stored, loaded, forgotten."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlmodel import Session

from responders.retrieval.calibrating import FOREIGN_QUESTIONS, calibrated
from responders.retrieval.confidence import Confidence
from responders.store.calibration import (
    calibration_trials,
    forget_confidence,
    load_confidence,
    save_confidence,
)
from responders.store.knowledge import save_sources
from schemas.knowledge import KnowledgeArticle
from schemas.tables import CalibrationRow, metadata
from tests.responders.support.drafting_samples import NOW, HashingEmbedder

ARTICLES = Path(__file__).parents[2] / "evaluation" / "fernwerk" / "articles.jsonl"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine: Engine = create_engine(database_url)
    metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_the_names_of_sections_are_asked_with_and_without_their_source(session: Session) -> None:
    lines = ARTICLES.read_bytes().splitlines()[:12]
    articles = [KnowledgeArticle.model_validate_json(line) for line in lines]
    save_sources(session, articles, HashingEmbedder(), now=NOW)
    trials = calibration_trials(session, HashingEmbedder())
    kinds = Counter(trial.kind for trial in trials)
    assert kinds["withheld"] >= kinds["answered"] > 20
    assert kinds["foreign"] == len(FOREIGN_QUESTIONS)
    right = Counter(trial.kind for trial in trials if trial.is_right)
    assert set(right) == {"answered"}
    assert right["answered"] > 5


def test_the_stored_confidence_is_that_of_the_newest_calibration(session: Session) -> None:
    assert load_confidence(session) == Confidence()
    report = calibrated(Confidence(), [])
    for bias in (-1.0, -2.0):
        rule = Confidence(bias=bias)
        save_confidence(session, type(report)(rule, 3, 0.5, 0.4), now=NOW)
        assert load_confidence(session) == rule
    forget_confidence(session)
    forget_confidence(session)
    assert load_confidence(session) == Confidence()


def test_a_calibration_on_an_index_of_another_version_does_not_count(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    save_confidence(session, type(calibrated(Confidence(), []))(Confidence(bias=-1.0), 3, 0.5, 0.4), now=NOW)
    row = session.scalars(select(CalibrationRow)).one()
    row.figures = {name: figure for name, figure in row.figures.items() if name != "index"}
    session.flush()
    assert load_confidence(session) == Confidence()
    assert "run `rapport knowledge calibrate` again" in caplog.text
