"""`rapport knowledge lessons` shows what decisions taught, and forgets it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from typer.testing import CliRunner, Result

from responders.store.lessons import NAME, save_lessons
from schemas.lessons import Lessons
from schemas.table_lessons import DeskLessonsRow
from streams.cli import app
from tests.streams.support.letter_samples import audit

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def run(tables: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("RAPPORT_DATABASE_URL", tables.url.render_as_string(hide_password=False))
    return lambda *arguments: CliRunner().invoke(app, ["knowledge", "lessons", *arguments])


def test_a_desk_without_decisions_has_nothing_to_show_or_forget(tables: Engine, run: Run) -> None:
    for arguments in ((), ("--reset",)):
        shown = run(*arguments)
        assert (shown.exit_code, shown.stdout) == (0, "")
        assert "Nothing was learned from decisions yet" in shown.stderr
    assert audit(tables) == []


def test_lessons_are_shown_and_forgotten_with_an_audit_row(tables: Engine, run: Run) -> None:
    taught = Lessons(offset=-0.4, bonuses={"article:a": -0.02}, version=3)
    row = DeskLessonsRow(
        name=NAME, lessons=taught.to_json(), figures={"decisions": 40}, mark="40", updated_at=NOW
    )
    with Session(tables) as session, session.begin():
        save_lessons(session, row)
    found = json.loads(run().stdout)
    assert (found["offset"], found["bonuses"]) == (-0.4, {"article:a": -0.02})
    assert found["figures"] == {"decisions": 40}
    shown = run("--reset", "--by", "kim", "--comment", "new help centre")
    assert "Drafts are written as shipped again." in shown.stdout + shown.stderr
    after = json.loads(run().stdout)
    assert (after["offset"], after["bonuses"], after["version"], after["figures"]) == (0.0, {}, 4, {})
    (written,) = audit(tables)
    assert written[:3] == ("reset_lessons", "kim", "new help centre")
