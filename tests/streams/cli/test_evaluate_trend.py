"""`rapport evaluate trend` on a small file, with the shipped model."""

import json
from pathlib import Path

from typer.testing import CliRunner

from streams.cli.evaluate import app

BAD = "This is terrible. I am furious, nothing works and nobody answers."
GOOD = "Thank you so much, this works great and I love it!"


def account(account_id: str, expected: str, texts: list[str]) -> str:
    messages = [{"at": f"2026-03-{day:02}T09:00:00Z", "text": text} for day, text in enumerate(texts, 1)]
    return json.dumps({"account_id": account_id, "messages": messages, "expected": expected}) + "\n"


def test_a_file_of_accounts_gives_figures_and_a_line_per_account(tmp_path: Path) -> None:
    file, figures, out = tmp_path / "in.jsonl", tmp_path / "figures.json", tmp_path / "out.jsonl"
    rows = [
        account("falls", "slide", [GOOD] * 6 + [BAD] * 5),
        account("fine", "stable", [GOOD] * 5),
        "oops\n",
    ]
    file.write_text("".join(rows))
    arguments = ["trend", str(file), "--json", str(figures), "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 3
    assert "line 3: not JSON." in result.stderr.replace("\n", "")
    assert "false slides among stable" in result.stdout
    found = json.loads(figures.read_text())
    assert (found["accounts"], found["wrong_lines"], found["accuracy"]) == (2, 1, 1.0)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(line["account_id"], line["decided"]) for line in lines] == [
        ("falls", "slide"),
        ("fine", "stable"),
    ]
    assert [made["message"] for made in lines[0]["made_by"]] == [7, 8, 9, 10, 11]


def test_a_file_without_an_account_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text("{}\n")
    assert CliRunner().invoke(app, ["trend", str(file)]).exit_code == 3
