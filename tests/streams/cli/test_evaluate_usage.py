"""`rapport evaluate usage` on a folder of small series."""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.cli.evaluate import app


def write_series(path: Path, *, hours: int = 24 * 20) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    start = datetime(2026, 3, 2)  # noqa: DTZ001 - series files have times without a zone
    lines = [
        f"{start + timedelta(hours=hour)},{3.0 if hour >= 24 * 16 else 30.0 + hour % 5}\n"
        for hour in range(hours)
    ]
    path.write_text("".join(["timestamp,value\n", *lines]))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("scorer", ["product", "counts", "baseline"])
def test_each_series_gets_its_scores_at_the_same_path(tmp_path: Path, scorer: str) -> None:
    series, out = tmp_path / "series", tmp_path / "scores"
    write_series(series / "one.csv")
    write_series(series / "deep" / "er" / "two.csv")
    result = CliRunner().invoke(app, ["usage", str(series), "--out", str(out), "--scorer", scorer])
    assert result.exit_code == 0, result.stderr
    for name in ("one.csv", "deep/er/two.csv"):
        read, written = rows_of(series / name), rows_of(out / name)
        assert list(written[0]) == ["timestamp", "value", "anomaly_score"]
        assert [(row["timestamp"], row["value"]) for row in written] == [tuple(r.values()) for r in read]
        scores = [float(row["anomaly_score"]) for row in written]
        assert max(scores[: 24 * 16]) < max(scores[24 * 16 :]) <= 1.0


def test_wrong_rows_and_files_are_named_and_the_others_are_scored(tmp_path: Path) -> None:
    series, out, figures = tmp_path / "series", tmp_path / "scores", tmp_path / "figures.json"
    series.mkdir()
    (series / "bad.csv").write_text(
        "timestamp,value\n2026-01-01 00:00:00,1\nsoon,2\n2026-01-01 00:05:00,much\n2025-12-31 00:04:00,\n"
    )
    (series / "other.csv").write_text("name,size\na,1\n")
    result = CliRunner().invoke(app, ["usage", str(series), "--out", str(out), "--json", str(figures)])
    assert result.exit_code == 3
    assert "bad.csv, line 3: timestamp 'soon'" in result.stderr
    assert "bad.csv, line 4: value 'much' is no finite number." in result.stderr
    assert "other.csv: has no column timestamp and no column value." in result.stderr
    found = json.loads(figures.read_text())
    assert (found["rows"], found["without_value"], found["late"]) == (2, 1, 1)
    assert [(wrong["file"], wrong["line"]) for wrong in found["refused"]] == [
        ("bad.csv", 3),
        ("bad.csv", 4),
        ("other.csv", 0),
    ]
    assert [row["value"] for row in rows_of(out / "bad.csv")] == ["1", ""]
    assert not (out / "other.csv").exists()


def test_scores_below_the_folder_are_not_read_again(tmp_path: Path) -> None:
    write_series(tmp_path / "one.csv", hours=48)
    arguments = ["usage", str(tmp_path), "--out", str(tmp_path / "scores")]
    for _ in range(2):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert [path.name for path in (tmp_path / "scores").rglob("*.csv")] == ["one.csv"]


def test_the_folder_that_is_read_is_never_written(tmp_path: Path) -> None:
    write_series(tmp_path / "one.csv", hours=48)
    before = (tmp_path / "one.csv").read_text()
    result = CliRunner().invoke(app, ["usage", str(tmp_path), "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert (tmp_path / "one.csv").read_text() == before


def test_scores_that_cannot_be_written_end_the_command_and_name_the_target(tmp_path: Path) -> None:
    write_series(tmp_path / "in" / "one.csv", hours=4)
    (tmp_path / "taken").write_text("")
    target = tmp_path / "taken" / "scores"
    result = CliRunner().invoke(app, ["usage", str(tmp_path / "in"), "--out", str(target)])
    assert result.exit_code == 1
    assert "one.csv cannot be written" in result.stderr
