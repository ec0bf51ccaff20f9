"""`rapport knowledge calibrate` on a real PostgreSQL, and the line that tells how far indexing is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from typer.testing import CliRunner, Result

from responders.retrieval.confidence import Confidence
from responders.store.calibration import load_confidence
from streams.cli import app, calibrate_knowledge, knowledge
from streams.cli.composition.models import IndexModels
from tests.responders.support.drafting_samples import HashingEmbedder

ARTICLES = Path(__file__).parents[2] / "evaluation" / "fernwerk" / "articles.jsonl"
Run = Callable[..., Result]


@pytest.fixture
def run(tables: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("RAPPORT_DATABASE_URL", tables.url.render_as_string(hide_password=False))
    models = IndexModels(HashingEmbedder(), None)
    monkeypatch.setattr(calibrate_knowledge, "load_embedder", lambda _settings: models.embedder)
    monkeypatch.setattr(knowledge, "load_index_models", lambda _settings: models)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["knowledge", *map(str, arguments)], env={"COLUMNS": "300"})

    return invoke


def stored(engine: Engine) -> Confidence:
    with Session(engine) as session:
        return load_confidence(session)


def test_a_desk_gets_its_own_confidence_and_can_go_back(tables: Engine, run: Run) -> None:
    assert run("articles", ARTICLES).exit_code == 0
    shown = run("calibrate", "--dry-run")
    assert "mean log loss" in shown.output
    assert stored(tables) == Confidence()
    assert run("calibrate").exit_code == 0
    assert stored(tables) != Confidence()
    assert run("calibrate", "--reset").exit_code == 0
    assert stored(tables) == Confidence()


def test_a_desk_with_little_knowledge_is_told_so(tables: Engine, run: Run) -> None:
    refused = run("calibrate")
    assert refused.exit_code == 1
    assert "0 questions with an answer" in refused.output
    assert stored(tables) == Confidence()


def test_indexing_tells_how_far_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "INDEXED_AT_ONCE", 30)
    said = run("articles", ARTICLES).output
    assert [line for line in said.splitlines() if line.startswith("indexed")] == [
        "indexed 30 of 68 articles",
        "indexed 60 of 68 articles",
        "indexed 68 of 68 articles",
    ]
