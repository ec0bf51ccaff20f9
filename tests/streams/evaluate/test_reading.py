import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli.evaluate import app
from streams.evaluate.proportion import Proportion
from streams.evaluate.reading import Mail, WrongRow, grouped, lost_sentences, mails_of, read_mails

QUOTED = "It failed.\n\nOn Mon, 5 Jan 2026 at 09:00, Ann <ann@x.example> wrote:\n> Try it."


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["reading", *arguments])


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    rows = [
        {"body": QUOTED, "expected": "It  failed.", "language": "en"},
        {"body": "Das ging.", "expected": "Das ging. Danke.", "language": "de"},
    ]
    path = tmp_path / "mails.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_the_exact_share_is_printed_with_its_interval(mails: Path) -> None:
    shown = run(str(mails))
    assert shown.exit_code == 0
    assert "0.500 (0.095 to 0.905)" in shown.stdout


def test_the_figures_are_printed_as_json_grouped_by_any_field(mails: Path) -> None:
    figures = json.loads(run(str(mails), "--json", "--by", "language").stdout)
    assert (figures["mails"], figures["exact"], figures["lost_sentence"]) == (2, 0.5, 0.5)
    assert figures["by"]["en"]["exact"] == 1.0
    assert figures["by"]["de"]["exact"] == 0.0


def test_the_wrong_mails_are_written_with_the_words_read_and_lost(mails: Path, tmp_path: Path) -> None:
    out = tmp_path / "wrong.jsonl"
    assert run(str(mails), "--out", str(out)).exit_code == 0
    (wrong,) = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert (wrong["line"], wrong["read"], wrong["lost"]) == (2, "Das ging.", ["Danke."])
    run(str(mails), "--out", str(out), "--all")
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2


def test_a_row_that_is_no_mail_is_named_and_the_others_are_measured(tmp_path: Path) -> None:
    path = tmp_path / "mails.jsonl"
    good = json.dumps({"body": "Hi", "expected": "Hi"}).encode()
    path.write_bytes(b"\xff\n" + good + b'\n{"body": 3, "expected": ""}\n[]\n\n{"body": "x"\n')
    shown = run(str(path), "--json")
    assert shown.exit_code == 3
    assert json.loads(shown.stdout)["wrong_rows"] == 4
    for line, reason in (
        (1, "not UTF-8"),
        (3, "body is missing or no text"),
        (4, "not a JSON object"),
        (6, "not JSON"),
    ):
        assert f"line {line}: {reason}." in shown.stderr


@pytest.mark.parametrize("content", [b"", b"\n\n", b"no mail\n"])
def test_a_file_without_a_mail_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mails.jsonl"
    path.write_bytes(content)
    shown = run(str(path))
    assert shown.exit_code == 1
    assert "holds no labelled mail" in shown.stderr


def test_files_that_cannot_be_read_or_written_end_in_one_sentence(mails: Path, tmp_path: Path) -> None:
    missing = run(str(tmp_path / "missing.jsonl"))
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "cannot be read: No such file or directory" in missing.stderr
    unwritable = run(str(mails), "--out", str(tmp_path / "no" / "folder.jsonl"))
    assert unwritable.exit_code == 1
    assert "cannot be written" in unwritable.stderr


def test_lone_surrogates_in_a_mail_are_written_unchanged(tmp_path: Path) -> None:
    path, out = tmp_path / "mails.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"body": "a \\ud800 b", "expected": "x"}\n', encoding="utf-8")
    assert run(str(path), "--out", str(out), "--all").exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["body"] == "a \ud800 b"


def test_a_sentence_is_lost_if_its_words_are_not_in_the_words_read() -> None:
    expected = "It failed.\nWhy? I waited two\nhours."
    assert lost_sentences(expected, "It failed. Why? I waited two hours.") == []
    assert lost_sentences(expected, "It failed. I waited") == ["Why?", "I waited two", "hours."]


def test_wrong_rows_keep_their_line_numbers() -> None:
    rows = list(mails_of([b"\n", b'\xef\xbb\xbf{"body": "a", "expected": "a"}\r\n', b"["]))
    assert rows == [Mail(2, "a", "a"), WrongRow(3, "not JSON")]


def test_mails_without_the_field_are_a_separate_group() -> None:
    found = read_mails([Mail(1, "a", "a", {"part": "x"}), Mail(2, "b", "b")], str)
    assert {name: len(group) for name, group in grouped(found, "part").items()} == {"": 1, "x": 1}


def test_an_interval_covers_everything_if_nothing_was_measured() -> None:
    assert (Proportion(0, 0).share, Proportion(0, 0).interval) == (0.0, (0.0, 1.0))
