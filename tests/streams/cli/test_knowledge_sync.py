"""`rapport knowledge sync` withdraws records that are not in the file; a doubtful file changes nothing."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from typer.testing import CliRunner, Result

from responders.store.knowledge import save_sources
from schemas import Citation, KnowledgeArticle
from schemas.tables import AccountRow, ChunkRow, OperatorActionRow, SourceRow
from streams.cli import app
from tests.responders.support.desk_samples import draft_of, draft_row, event_row, put
from tests.responders.support.drafting_samples import HashingEmbedder
from tests.streams.support.samples import rows

WHEN = "2026-01-05T09:00:00Z"
Run = Callable[..., Result]


def account(account_id: str, **given: object) -> dict[str, Any]:
    return {"account_id": account_id, "name": account_id.title(), **given}


def article(article_id: str, body: str = "Open Reports and wait.") -> dict[str, Any]:
    return {"article_id": article_id, "title": f"Guide {article_id}", "body": body, "updated_at": WHEN}


@pytest.fixture
def run(tables: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    url = tables.url.render_as_string(hide_password=False)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    monkeypatch.setenv("RAPPORT_DEVICE", "cpu")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["knowledge", *map(str, arguments)], env={"COLUMNS": "300"})

    return invoke


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: object) -> Path:
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return path

    return write


def account_ids(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return sorted(session.exec(select(col(AccountRow.account_id))))


def test_sync_loads_new_records_and_withdraws_those_that_are_not_in_the_file(
    tables: Engine, run: Run, file: Callable[..., Path]
) -> None:
    assert run("accounts", file(account("a"), account("b"), account("c"))).exit_code == 0
    newer = file(account("b", seats=7), account("c"), account("d"))
    shown = run("sync", "accounts", newer, "--dry-run")
    assert shown.exit_code == 0
    for line in ("1 added: d", "1 changed: b", "1 removed: a"):
        assert line in shown.output
    assert account_ids(tables) == ["a", "b", "c"]
    done = run("sync", "accounts", newer, "--by", "kim", "--comment", "new export")
    assert done.exit_code == 0
    assert "1 accounts withdrawn" in done.output
    assert "The tickets, drafts, alerts, usage and detector states of these accounts stay." in done.output
    assert account_ids(tables) == ["b", "c", "d"]
    with Session(tables) as session:
        (audited,) = session.exec(select(OperatorActionRow)).all()
        assert (audited.action, audited.actor, audited.affected) == ("withdraw", "kim", 1)
        assert audited.filters == {"kind": "accounts", "ids": ["a"]}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("[]",), "The file holds no record."),
        ((account("x"), "{broken"), "1 lines of the file are wrong"),
        ((account("x"), {"account_id": "a"}), "1 lines of the file are wrong"),
        ((account("x"), account("y")), "The file would remove everything."),
    ],
)
def test_a_doubtful_file_changes_nothing_without_yes(
    tables: Engine, run: Run, file: Callable[..., Path], lines: tuple[object, ...], said: str
) -> None:
    run("accounts", file(account("a"), account("b")))
    refused = run("sync", "accounts", file(*lines))
    assert refused.exit_code == 1
    assert said in refused.output
    assert "Nothing was changed" in refused.output
    assert account_ids(tables) == ["a", "b"]
    run("sync", "accounts", file(*lines), "--yes")
    assert account_ids(tables) == sorted(
        line["account_id"] for line in lines if isinstance(line, dict) and "name" in line
    )


def test_an_empty_file_removes_nothing_even_with_yes(
    tables: Engine, run: Run, file: Callable[..., Path]
) -> None:
    """An empty file is a failed download; a list without records is written as `[]`."""
    run("accounts", file(account("a")))
    refused = run("sync", "accounts", file(), "--yes")
    assert (refused.exit_code, account_ids(tables)) == (1, ["a"])
    assert "The file is empty" in refused.output


def test_the_first_record_shows_the_kind_of_a_file(
    tables: Engine, run: Run, file: Callable[..., Path]
) -> None:
    assert run("sync", file(account("a"))).exit_code == 0
    assert account_ids(tables) == ["a"]
    unknown = run("sync", file({"name": "x"}))
    assert unknown.exit_code == 2
    assert "Say which kind the file holds" in unknown.output
    assert run("sync", "accounts", "/nonexistent/file").exit_code == 2


def test_articles_are_synced_with_their_passages_in_one_command(
    tables: Engine, run: Run, file: Callable[..., Path]
) -> None:
    known = [KnowledgeArticle.model_validate(article(name)) for name in ("a", "b")]
    with Session(tables) as session, session.begin():
        save_sources(session, known, HashingEmbedder(), now=datetime(2026, 1, 5, tzinfo=UTC))
    done = run("sync", "articles", file(article("b"), article("c", "<p>Press <b>Save</b>.</p>")))
    assert "1 added: c" in done.output
    assert "1 removed: a" in done.output
    sources = rows(tables, "SELECT source_id FROM sources ORDER BY 1")
    assert sources == [("article:b",), ("article:c",)]
    with Session(tables) as session:
        assert session.get(ChunkRow, "article:c#0").body == "Press **Save**."  # type: ignore[union-attr]
        assert session.get(ChunkRow, "article:a#0") is None


def test_a_file_that_changes_and_withdraws_sources_asks_for_their_drafts_again(
    tables: Engine, run: Run, file: Callable[..., Path]
) -> None:
    known = [KnowledgeArticle.model_validate(article(name)) for name in ("a", "b", "c")]
    with Session(tables) as session, session.begin():
        save_sources(session, known, HashingEmbedder(), now=datetime(2026, 1, 5, tzinfo=UTC))
    for name in ("a", "b", "c"):
        quoted = {"source_id": f"article:{name}#0", "source_kind": "article", "title": f"Guide {name}"}
        told = {**quoted, "quote": "Open Reports and wait.", "public": True}
        draft = draft_of(f"t-{name}", f"d-{name}", citations=(Citation.model_validate(told),))
        put(tables, event_row(f"t-{name}"), draft_row(draft))
    done = run("sync", "articles", file(article("a", "Open Files."), article("b")))
    assert (done.exit_code, "2 waiting drafts are written again." in done.output) == (0, True)
    assert rows(tables, "SELECT draft_id, state, stale_reason FROM drafts ORDER BY 1") == [
        ("d-a", "stale", "source changed"),
        ("d-b", "ready", None),
        ("d-c", "stale", "source withdrawn"),
    ]
    found = rows(tables, "SELECT value FROM outbox WHERE topic = 'rapport.redrafts' ORDER BY outbox_id")
    assert [json.loads(bytes(value))["draft_id"] for (value,) in found] == ["d-a", "d-c"]


@pytest.mark.parametrize("what", ["articles", "macros"])
def test_a_new_file_without_times_changes_only_records_that_are_different(
    tables: Engine, run: Run, file: Callable[..., Path], what: str
) -> None:
    own_id = {"articles": "article_id", "macros": "macro_id"}[what]
    known = [{own_id: name, "title": "T", "question": "Q?", "body": f"Press {name}."} for name in ("a", "b")]
    first = file(*known)
    os.utime(first, (1_700_000_000, 1_700_000_000))
    assert "2 added" in run("sync", what, first).output
    newer = file(known[0], {**known[1], "body": "Press c."})
    os.utime(newer, (1_800_000_000, 1_800_000_000))
    assert f"2 {what} read, 1 new or changed." in run(what, newer).output
    again = run("sync", what, newer, "--dry-run").output
    assert ("0 added" in again, "0 changed" in again, "0 removed" in again) == (True, True, True)
    times = rows(tables, "SELECT source_id, record ->> 'updated_at' FROM sources ORDER BY 1")
    assert [time[:4] for _, time in times] == ["2023", "2027"]


def test_remove_takes_ids_and_names_unknown_ids(tables: Engine, run: Run, file: Callable[..., Path]) -> None:
    run("accounts", file(account("a"), account("b")))
    assert run("remove", "accounts", "a").exit_code == 0
    missing = run("remove", "accounts", "b", "zz")
    assert missing.exit_code == 1
    assert "Not there: zz." in missing.output
    assert account_ids(tables) == []


@pytest.mark.parametrize("what", ["articles", "macros", "solved-tickets"])
def test_every_kind_can_be_removed_and_only_that_kind(tables: Engine, run: Run, what: str) -> None:
    kinds = {"articles": "article", "macros": "macro", "solved-tickets": "solved_ticket"}
    with Session(tables) as session, session.begin():
        for kind in kinds.values():
            session.add(
                SourceRow(
                    source_id=f"{kind}:x",
                    source_kind=kind,
                    content_hash=b"",
                    record={},
                    updated_at=datetime(2026, 1, 5, tzinfo=UTC),
                )
            )
    assert run("remove", what, "x").exit_code == 0
    left = {source_id for (source_id,) in rows(tables, "SELECT source_id FROM sources")}
    assert left == {f"{kind}:x" for kind in kinds.values()} - {f"{kinds[what]}:x"}


def test_an_odd_value_is_named_by_line_field_and_record_and_the_account_is_loaded(
    tables: Engine, run: Run, file: Callable[..., Path]
) -> None:
    odd = account("gamma", seats=-3, annual_revenue=-1, plan="Team")
    result = run("accounts", file(account("ctrl", seats=3), odd))
    assert result.exit_code == 3
    assert "2 accounts read, 2 new or changed." in result.output
    assert "line 2: seats: below 0 (gamma), left unknown" in result.output
    assert "line 2: annual_revenue: below 0 (gamma), left unknown" in result.output
    with Session(tables) as session:
        record = session.get(AccountRow, "gamma").record  # type: ignore[union-attr]
    assert (record["seats"], record["annual_revenue"], record["plan"]) == (None, None, "Team")
