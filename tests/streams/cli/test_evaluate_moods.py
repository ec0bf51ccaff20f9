"""`rapport evaluate sentiment` on files: figures, predictions, wrong rows and odd CSV."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from detectors.sentiment.corpus.export import of_writers, write_table
from detectors.sentiment.corpus.messages import CorpusError, read_messages
from detectors.sentiment.lexicon import LexiconSentiment
from detectors.sentiment.scores import Prepared, SentimentScore
from streams.cli import evaluate_moods
from streams.cli.evaluate import app

GOOD = (
    "text,label,frustrated,threat,category,industry\n"
    "This is terrible and broken,negative,1,0,angry,shop\n"
    '"Thanks, great work!\nIt is perfect",Positive,0,,praise,shop\n'
    "How do I add a reviewer?,NEUTRAL,,true,request,bank\n"
)


@pytest.fixture
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the word lists instead of the encoder, which takes seconds to load."""
    monkeypatch.setattr(evaluate_moods, "load_sentiment", lambda settings: LexiconSentiment())


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["sentiment", *map(str, arguments)])


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "messages.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def figures(tmp_path: Path, text: str | bytes, *arguments: object) -> tuple[Result, dict[str, Any]]:
    out = tmp_path / "figures.json"
    shown = run(written(tmp_path, text), "--json", out, *arguments)
    return shown, json.loads(out.read_text())


@pytest.mark.usefixtures("words_only")
def test_the_figures_are_printed_and_written(tmp_path: Path) -> None:
    shown, found = figures(tmp_path, GOOD)
    assert shown.exit_code == 0
    assert "1.000 (1.000 to 1.000)" in shown.stdout
    assert "3 rows read: 3 scored, 0 refused." in shown.stderr
    assert (found["rows"], found["refused"], found["model"]) == (3, [], "lexicon-1")
    assert found["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert found["categories"]["angry"]["recall_negative"]["value"] == 1.0
    assert found["industries"]["shop"]["rows"] == 2
    assert found["baseline"]["accuracy"] == found["accuracy"]
    assert found["gain"]["accuracy"]["value"] == 0.0


@pytest.mark.usefixtures("words_only")
def test_the_output_says_how_rows_that_abstain_are_counted(tmp_path: Path) -> None:
    shown, found = figures(tmp_path, GOOD + '" ",neutral,,,,\n')
    assert "also for rows that abstain as uncertain" in " ".join(shown.stdout.split())
    assert "rows without probabilities" in shown.stdout
    assert found["without_mood"] == {"empty_text": 1}
    assert found["accuracy"]["value"] == 0.75


@pytest.mark.usefixtures("words_only")
def test_the_predictions_have_one_line_per_scored_row_in_order(tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    bad = "x,cross,,,,\n"
    assert run(written(tmp_path, GOOD + bad + "so slow,negative,,,,\n"), "--out", out).exit_code == 3
    lines = out.read_text().splitlines()
    assert lines[0] == "negative,neutral,positive,label,abstained,reason,frustration,threat"
    assert [line["label"] for line in csv.DictReader(lines)] == [
        "negative",
        "positive",
        "neutral",
        "negative",
    ]


@pytest.mark.usefixtures("words_only")
def test_wrong_rows_are_named_and_refused(tmp_path: Path) -> None:
    bad = "fine,cross,,,,\nfine,neutral,maybe,,,\nshort,neutral\n"
    shown, found = figures(tmp_path, GOOD + bad)
    assert shown.exit_code == 3
    for line, reason in (
        (6, "label 'cross' is not negative, neutral or positive"),
        (7, "frustrated 'maybe' is not 0, 1, true, false or blank"),
        (8, "2 fields where the header has 6"),
    ):
        assert f"line {line}: {reason}." in shown.stderr
    assert [wrong["line"] for wrong in found["refused"]] == [6, 7, 8]
    assert "6 rows read: 3 scored, 3 refused." in shown.stderr


@pytest.mark.usefixtures("words_only")
def test_many_wrong_rows_are_counted_after_the_first_twenty(tmp_path: Path) -> None:
    shown, found = figures(tmp_path, GOOD + "x,cross,,,,\n" * 25)
    assert shown.stderr.count("is not negative") == 20
    assert "5 more rows are refused" in shown.stderr
    assert len(found["refused"]) == 25


@pytest.mark.usefixtures("words_only")
@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace("text,label", "Text,LABEL").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("broken", "bro\0ken bad").encode(),
        GOOD.replace("industry", "industry,note,note")
        .replace("shop", "shop,,")
        .replace("bank", "bank,,")
        .encode(),
    ],
    ids=["byte order mark", "UTF-16", "capitals", "CRLF", "NUL", "another column twice"],
)
def test_a_file_may_be_written_in_many_ways(tmp_path: Path, text: bytes) -> None:
    shown, found = figures(tmp_path, text)
    assert shown.exit_code == 0, shown.stderr
    assert (found["rows"], found["accuracy"]["value"]) == (3, 1.0)


@pytest.mark.usefixtures("words_only")
def test_a_quote_that_never_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    shown, found = figures(tmp_path, 'text,label\n"This is terrible,negative\nSo great,positive\n')
    assert shown.exit_code == 3
    assert "line 2: a quote opens in this line and never closes properly" in shown.stderr
    assert found["rows"] == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text,mood\nx,negative\n", "has no column label (columns: text, mood)."),
        ("text,label,text\nx,negative,y\n", "has the column text more than once"),
        ("", "The file is empty"),
        ("text,label\n", "holds no labelled message."),
        ("text,label\nx,cross\n", "holds no labelled message."),
        ('{"text": "x", "label": "negative"}\n', "is JSON; a CSV with a header line is needed."),
        (b"PK\x03\x04", "is a zip archive or a spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    shown = run(written(tmp_path, text))
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert told in shown.stderr


def test_a_missing_file_and_an_output_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in run(tmp_path / "none.csv").stderr
    path = written(tmp_path, GOOD)
    assert "cannot be written: No such file" in run(path, "--out", tmp_path / "none" / "p.csv").stderr
    assert "is the file that is read." in run(path, "--json", path).stderr
    assert path.read_text() == GOOD


def test_the_shipped_model_is_measured_beside_the_word_lists(tmp_path: Path) -> None:
    text = (
        "text,label\nYour support is a disgrace and I am furious.,negative\nThank you, I love it!,positive\n"
    )
    text = text.replace("Thank you, I love it!", '"Thank you, I love it!"')
    shown, found = figures(tmp_path, text)
    assert shown.exit_code == 0
    assert found["model"] != "lexicon-1"
    assert found["accuracy"]["value"] == 1.0
    assert found["baseline"]["macro_f1"]["value"] < 1.0


def test_a_split_of_the_corpus_is_a_file_of_labelled_messages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "detectors.sentiment.corpus", "--writers", "w09,w10"]
    done = subprocess.run(command, capture_output=True, check=True)
    path = written(tmp_path, done.stdout)
    rows, refused = evaluate_moods.read_labelled(path, None)
    messages = of_writers(read_messages(), {"w09", "w10"})
    assert refused == []
    assert [row.text for row in rows] == [message.text for message in messages]
    assert [row.frustrated for row in rows] == [message.label.is_frustrated for message in messages]
    assert [row.industry for row in rows] == [message.industry for message in messages]


def test_only_agreed_messages_of_known_writers_are_written() -> None:
    messages = list(read_messages())
    assert of_writers(messages) == [message for message in messages if message.is_agreed]
    with pytest.raises(CorpusError, match="no writer w99"):
        of_writers(messages, {"w01", "w99"})
    target = io.StringIO()
    write_table(messages[:1], target)
    assert target.getvalue().startswith("text,label,frustrated,threat,category,industry,register,writer\n")


class WithStates(LexiconSentiment):
    """The word lists, with states that tell the length of a text."""

    def run(self, items: Sequence[Prepared]) -> list[SentimentScore]:
        states = [np.array([len(item.text), 1.0, -1.0], dtype=np.float32) for item in items]
        return [replace(score, states=row) for score, row in zip(super().run(items), states, strict=True)]


def test_corrections_are_tried_on_the_rows_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_moods, "load_sentiment", lambda settings: WithStates())
    rows = "".join(f"This is terrible and broken {word},negative,1,0,angry,shop\n" for word in "abcdefgh")
    out = tmp_path / "predictions.csv"
    shown, found = figures(tmp_path, GOOD + rows, "--adapt", 4, "--out", out)
    assert shown.exit_code == 0
    assert "After corrections" in shown.stdout
    assert [step["corrections"] for step in found["adapted"]] == [0, 4]
    assert found["adapted"][1]["before"] == found["adapted"][1]["after"]
    lines = list(csv.DictReader(out.read_text().splitlines()))
    assert sum(line["corrected"] == "1" for line in lines) == 4


@pytest.mark.usefixtures("words_only")
def test_a_model_without_states_says_that_it_cannot_be_corrected(tmp_path: Path) -> None:
    shown = run(written(tmp_path, GOOD), "--adapt", 1)
    assert shown.exit_code == 1
    assert "gives no states" in " ".join(shown.stderr.split())
