"""`rapport knowledge` loads accounts and articles and names each wrong line without quoting it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session
from typer.testing import CliRunner

from responders.store.migrate import upgrade
from responders.store.signals import load_accounts
from schemas import KnowledgeArticle
from streams.cli import app
from streams.cli.knowledge_files import read_records

ARTICLE = {"article_id": "a1", "title": "Exports", "body": "Wait.", "updated_at": "2026-01-01T00:00:00Z"}


def lines(tmp_path: Path, *rows: object) -> Path:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return file


def test_wrong_lines_are_named_by_number_and_reason_and_never_quoted(tmp_path: Path) -> None:
    secret = {"article_id": "a2", "title": "", "body": "hunter2", "updated_at": "yesterday"}
    records, wrong = read_records(lines(tmp_path, ARTICLE, "", "{not json", secret), KnowledgeArticle)
    assert [record.article_id for record in records] == ["a1"]
    assert [problem.line for problem in wrong] == [3, 4]
    assert "JSON" in wrong[0].reason
    assert wrong[1].reason.startswith("updated_at")
    assert "hunter2" not in str(wrong)


def test_accounts_are_loaded_and_a_wrong_one_is_left_out(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(database_url)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", database_url)
    file = lines(tmp_path, {"account_id": "acme", "name": "Acme", "seats": 12}, {"account_id": "x"})
    result = CliRunner().invoke(app, ["knowledge", "accounts", str(file)])
    assert result.exit_code == 3
    assert "line 2: name: missing" in result.output
    engine = create_engine(database_url)
    with Session(engine) as session:
        assert load_accounts(session, ["acme", "x"])["acme"].seats == 12
    engine.dispose()


def test_articles_are_indexed_once_and_not_again(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(database_url)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", database_url)
    monkeypatch.setenv("RAPPORT_DEVICE", "cpu")
    file = lines(tmp_path, ARTICLE)
    first = CliRunner().invoke(app, ["knowledge", "articles", str(file)])
    again = CliRunner().invoke(app, ["knowledge", "articles", str(file)])
    assert "1 articles read, 1 new or changed" in first.output
    assert "1 articles read, 0 new or changed" in again.output
