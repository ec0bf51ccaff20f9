"""`rapport backtest` and `rapport recommend` on small files."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas import UsageEvent
from streams.cli import app
from tests.streams.backtest.histories import MONDAY, steady_use

FALLS = {"b": (16.5, 0.0)}


def write_use(path: Path, events: list[UsageEvent], *, wrong: int = 0) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["account_id", "kind", "occurred_at", "quantity"])
        for event in events:
            writer.writerow([event.account_id, event.kind, event.occurred_at.isoformat(), event.quantity])
        for _ in range(wrong):
            writer.writerow(["a", "view", "yesterday", 1])


@pytest.fixture(scope="module")
def use(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "use.csv"
    write_use(path, steady_use(days=20, falls=FALLS))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words(text: str) -> str:
    return " ".join(text.split())


def told(path: Path) -> Any:
    return json.loads(path.read_text())


def test_a_backtest_writes_its_report_its_decisions_and_a_summary(use: Path, tmp_path: Path) -> None:
    accounts, left = tmp_path / "accounts.csv", tmp_path / "left.csv"
    accounts.write_text("account_id,name,seats\nb,Bergmann,12\nc,,many\n")
    left.write_text("account_id,left_on\nb,2026-03-20\na,\nc,soon\n")
    out, figures = tmp_path / "report.html", tmp_path / "figures.json"
    files = ["--usage", use, "--accounts", accounts, "--outcomes", left]
    result = run("backtest", *files, "--from", "2026-03-15", "--out", out, "--json", figures)
    assert result.exit_code == 3, result.stderr
    assert "left.csv, line 4" in words(result.stderr)
    assert "accounts.csv, line 3" in words(result.stderr)
    found = told(figures)
    assert found["figures"]["alerts"] == 1
    assert found["figures"]["outcomes"]["precision"] == {
        "value": 1.0,
        "count": 1,
        "total": 1,
        "low": pytest.approx(0.2065, abs=1e-3),
        "high": 1.0,
    }
    assert found["figures"]["outcomes"]["lead_days"]["median"] == 2.0
    (opened,) = [step for step in found["decisions"] if step["decision"] == "opened"]
    assert (opened["account_id"], opened["cause"], opened["verdict"]) == ("b", "silence", "right")
    assert opened["why"].startswith("Bergmann: no events at all")
    assert {problem["is_refused"] for problem in found["files"]["problems"]} == {True}
    assert "<h3>Bergmann</h3>" in out.read_text()
    assert "100 % (21–100 %, 1 of 1)" in words(result.stdout)


def test_rows_that_cannot_be_used_are_named_counted_and_refused(tmp_path: Path) -> None:
    path, figures = tmp_path / "use.csv", tmp_path / "figures.json"
    write_use(path, steady_use(days=2), wrong=30)
    result = run("backtest", "--usage", path, "--json", figures)
    assert result.exit_code == 3
    assert "10 more wrong rows of this file" in words(result.stderr)
    assert "30 refused" in words(result.stderr)
    found = told(figures)["files"]
    assert found["rows"][str(path)] == 2 * 24 * 6 + 30
    assert len(found["problems"]) == 30
    assert found["problems"][0]["reason"].startswith("occurred_at")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--from", "2026-04-01", "--to", "2026-03-01"), "the range is empty"),
        (("--from", "2026-05-01"), "its events are from 2026-03-02 to 2026-03-21"),
        (("--to", "2026-02-01"), "holds no usage event to 2026-02-01"),
        (
            ("--from", "2025-02-01", "--to", "2026-02-01"),
            "holds no usage event from 2025-02-01 to 2026-02-01",
        ),
        (("--to", "next week"), "is not a date such as"),
    ],
)
def test_a_range_without_use_is_told_in_a_sentence(use: Path, options: tuple[str, ...], reason: str) -> None:
    result = run("backtest", "--usage", use, *options)
    assert result.exit_code == 1
    assert reason in words(result.stderr)


def test_a_file_without_use_and_outcomes_without_their_columns_are_told(use: Path, tmp_path: Path) -> None:
    empty, left = tmp_path / "empty.csv", tmp_path / "left.csv"
    empty.write_text("account_id,kind,occurred_at\n")
    left.write_text("name,date\n")
    assert "holds no usage event" in words(run("backtest", "--usage", empty).stderr)
    result = run("backtest", "--usage", use, "--outcomes", left)
    assert result.exit_code == 1
    assert "has no column account_id or account" in words(result.stderr)


def test_the_result_is_not_written_over_the_history(use: Path) -> None:
    result = run("backtest", "--usage", use, "--out", use)
    assert result.exit_code == 1
    assert "is the file that is read" in words(result.stderr)


def test_messages_are_scored_and_a_slide_of_moods_raises_an_alert(use: Path, tmp_path: Path) -> None:
    path, figures = tmp_path / "tickets.jsonl", tmp_path / "figures.json"
    fine = "Thank you so much, the new export is great and saves us hours. Wonderful work!"
    sour = "This is terrible. The export failed again, nobody answers, and I am angry and very disappointed."
    lines = [
        {
            "event_id": f"m{day}",
            "account_id": "c",
            "body": fine if day < 9 else sour,
            "occurred_at": (MONDAY + timedelta(days=day, hours=9)).isoformat(),
        }
        for day in (0, 2, 4, 6, 8, 14, 15, 16, 17, 18, 19)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in [*lines, lines[0]]))
    result = run("backtest", "--usage", use, "--tickets", path, "--json", figures, "--partitions", 1)
    assert result.exit_code == 0, result.stderr
    opened = [step for step in told(figures)["decisions"] if step["decision"] == "opened"]
    assert {(step["account_id"], step["cause"]) for step in opened} == {("b", "silence"), ("c", "mood_slide")}


def test_a_recommendation_names_the_variables_to_set(use: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "trade.html", tmp_path / "grid.json"
    grid = ["--budget", 0.02, "--budget", 0.1, "--score", 0.3, "--score", 0.9]
    result = run("recommend", "--usage", use, *grid, "--out", out, "--json", figures, "--partitions", 1)
    assert result.exit_code == 0, result.stderr
    found = told(figures)
    assert len(found["points"]) == 4
    for name, value in found["set"].items():
        assert f"{name}={value}" in result.stdout
        assert f"{name}={value}" in out.read_text()
    capped = run("recommend", "--usage", use, *grid[2:], "--most-alerts", 0.1, "--partitions", 1)
    assert "RAPPORT_ALERT_SCORE=0.9" in capped.stdout
