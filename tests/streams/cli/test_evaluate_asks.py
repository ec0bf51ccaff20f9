"""`rapport evaluate asks` on small files."""

import json
from pathlib import Path

from typer.testing import CliRunner

from streams.cli.evaluate import app

ROWS = (
    {"id": 1, "kind": "question", "text": "Is it free?", "asks": ["Is it free?"], "route": None},
    {"id": 2, "kind": "refund", "text": "I want a refund now.", "asks": [], "route": "refund"},
)


def run(tmp_path: Path, *options: str) -> tuple[int, list[dict[str, object]], dict[str, object]]:
    file, out, figures = tmp_path / "messages.jsonl", tmp_path / "out.jsonl", tmp_path / "figures.json"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    given = ["asks", str(file), "--out", str(out), "--json", str(figures), *options]
    code = CliRunner().invoke(app, given).exit_code
    return code, [json.loads(line) for line in out.read_text().splitlines()], json.loads(figures.read_text())


def test_kinds_asks_and_routes_are_told_with_their_figures(tmp_path: Path) -> None:
    code, decided, figures = run(tmp_path)
    assert code == 0
    assert [(row["id"], row["kind"], row["route"]) for row in decided] == [
        (1, "question", None),
        (2, "refund", "refund"),
    ]
    assert {"kind", "asks_exact", "ask_recall", "ask_precision", "route_recall", "route_precision"} <= set(
        figures
    )


def test_one_half_of_the_ids_can_be_judged(tmp_path: Path) -> None:
    _, decided, figures = run(tmp_path, "--half", "odd")
    assert [row["id"] for row in decided] == [1]
    assert figures["examples"] == 1
