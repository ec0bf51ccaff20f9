"""`rapport sentiment desk` shows what the desk learned, and returns to the shipped model."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from responders.store import migrate, moods
from schemas.tables import DeskMoodModelRow
from tests.streams.support.letter_samples import audit
from tests.streams.support.shell import Shell

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def shell(database_url: str) -> Shell:
    """Commands that must not need a broker."""
    migrate.upgrade(database_url)
    return Shell("127.0.0.1:1", database_url)


@pytest.fixture
def engine(shell: Shell) -> Iterator[Engine]:
    engine = create_engine(shell.database_url)
    yield engine
    engine.dispose()


def test_a_desk_without_clicks_has_learned_nothing(shell: Shell, engine: Engine) -> None:
    for arguments in (("desk",), ("desk", "--reset")):
        shown = shell("sentiment", *arguments)
        assert (shown.exit_code, shown.stdout) == (0, "")
        assert "learned nothing yet" in shown.stderr
    assert audit(engine) == []


def test_the_desks_model_is_shown_and_reset_with_an_audit_row(shell: Shell, engine: Engine) -> None:
    row = DeskMoodModelRow(
        base_model="m",
        version=3,
        champion=b"c",
        figures={"corrections": 7},
        promoted_at=NOW,
        updated_at=NOW,
    )
    with Session(engine) as session, session.begin():
        moods.save_desk_model(session, row)
    found = json.loads(shell("sentiment", "desk").stdout)
    assert (found["model"], found["is_adapted"], found["version"], found["corrections"]) == ("m", True, 3, 7)
    shown = shell("sentiment", "desk", "--reset", "--by", "kim", "--comment", "by mistake")
    assert shown.stdout == "The desk scores with m again.\n"
    assert json.loads(shell("sentiment", "desk").stdout)["is_adapted"] is False
    (written,) = audit(engine)
    assert written[:3] == ("reset_moods", "kim", "by mistake")
    assert written[5] == {"models": ["m"]}
