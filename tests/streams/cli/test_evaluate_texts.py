"""`rapport evaluate claims` and `privacy` on small files."""

import json
from pathlib import Path

from typer.testing import CliRunner

from streams.cli.evaluate import app


def test_claims_are_decided_and_wrong_lines_are_refused(tmp_path: Path) -> None:
    file, out, figures = tmp_path / "claims.jsonl", tmp_path / "out.jsonl", tmp_path / "figures.json"
    row = {
        "id": "c1",
        "sentence": "Exports take 3 days.",
        "sources": ["Exports take 2 days."],
        "supported": False,
    }
    file.write_text(f'{json.dumps(row)}\n{{"id": "c2"}}\n')
    result = CliRunner().invoke(app, ["claims", str(file), "--out", str(out), "--json", str(figures)])
    assert result.exit_code == 3
    assert "line 2: sentence: field required; supported: field required." in result.stderr.replace("\n", "")
    assert json.loads(out.read_text()) == {"id": "c1", "supported": False, "reasons": ["number: 3 days"]}
    told = json.loads(figures.read_text())
    assert (told["changed_passing"]["value"], told["supported_blocked"]["value"]) == (0.0, None)
    assert told["wrong_lines"] == [
        {"line": 2, "reason": "sentence: field required; supported: field required"}
    ]
    assert "changed passing" in result.stdout


def test_privacy_tells_spans_and_figures_by_kind(tmp_path: Path) -> None:
    file, out, figures = tmp_path / "texts.jsonl", tmp_path / "out.jsonl", tmp_path / "figures.json"
    row = {"text": "Mail a@example.com", "spans": [{"start": 5, "end": 18, "kind": "email"}], "names": []}
    file.write_text(json.dumps(row) + "\n")
    result = CliRunner().invoke(app, ["privacy", str(file), "--out", str(out), "--json", str(figures)])
    assert result.exit_code == 0
    assert json.loads(out.read_text()) == {"id": 1, "spans": [{"start": 5, "end": 18, "kind": "email"}]}
    assert json.loads(figures.read_text())["by_kind"]["email"]["recall"]["value"] == 1.0


def test_the_results_never_overwrite_the_examples(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "Hello"}\n')
    result = CliRunner().invoke(app, ["privacy", str(file), "--out", str(file)])
    assert (result.exit_code, file.read_text()) == (1, '{"text": "Hello"}\n')


def test_a_file_without_examples_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text("\n")
    assert CliRunner().invoke(app, ["privacy", str(file)]).exit_code == 1
