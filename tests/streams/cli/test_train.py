"""`rapport train sentiment` from a folder to weights that score, with its card."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detectors.sentiment import SentimentModel
from detectors.sentiment.model import SHIPPED_WEIGHTS
from detectors.sentiment.training.describing import corpus_digests
from detectors.sentiment.training.goemotions import AMBIGUOUS, NEGATIVE, POSITIVE
from detectors.sentiment.weights_file import MoodWeights
from streams.cli import app

pytestmark = pytest.mark.timeout(900)
"""A training is work of a processor: one took 45 seconds on one machine and more than 300 on another."""

EMOTIONS = [*sorted(POSITIVE | NEGATIVE | AMBIGUOUS), "neutral"]
COMMENTS = {
    "anger": "this is terrible and it broke again, number {}",
    "neutral": "the menu has {} columns",
    "joy": "what a wonderful day, I love it, number {}",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "goemotions"
    folder.mkdir()
    (folder / "labels.txt").write_text("\n".join(EMOTIONS), encoding="utf-8")
    lines = [
        f"{words.format(number)}\t{EMOTIONS.index(emotion)}\tid{number}"
        for number in range(40)
        for emotion, words in COMMENTS.items()
    ]
    for name in ("train", "dev", "test"):
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_quick_try_writes_weights_that_score_and_a_card_with_figures(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "mood"
    done = CliRunner().invoke(
        app, ["train", "sentiment", "--data", str(data), "--out", str(out), "--limit", "100"]
    )
    assert done.exit_code == 0, done.output
    assert "fold 3 of 3 leaves out" in done.stderr
    model = SentimentModel.load(weights=out)
    score = model.score(["Is there a menu?"])[0]
    assert score.probabilities is not None
    card = (out / "card.md").read_text(encoding="utf-8")
    assert model.version in card
    assert "| macro F1 | 0." in card
    assert "--limit 100" in card


def test_a_training_goes_on_from_weights_that_do_not_know_a_file_of_the_corpus(
    data: Path, tmp_path: Path
) -> None:
    start, out = tmp_path / "start", tmp_path / "mood"
    known = MoodWeights.load(SHIPPED_WEIGHTS)
    files = {name: digest for name, digest in known.description.data.items() if name != "w14.csv"}
    files |= {name: digest for name, digest in corpus_digests().items() if name != "w14.csv"}
    replace(known, description=replace(known.description, data=files)).save(start)
    command = ["train", "sentiment", "--data", str(data), "--out", str(out), "--limit", "100"]
    done = CliRunner().invoke(app, [*command, "--start", str(start)])
    assert done.exit_code == 0, done.output
    assert "a fit without w14" in done.stderr
    assert SentimentModel.load(weights=out).score(["Is there a menu?"])[0].probabilities is not None
    card = (out / "card.md").read_text(encoding="utf-8")
    assert f"This training went on from {known.description.version}." in card
    done = CliRunner().invoke(app, [*command, "--start", str(out)])
    assert done.exit_code == 1
    assert "has learned every file of the corpus" in done.stderr


def test_a_folder_that_is_not_goemotions_is_one_sentence(data: Path, tmp_path: Path) -> None:
    (data / "labels.txt").write_text("good\nbad\n", encoding="utf-8")
    done = CliRunner().invoke(
        app, ["train", "sentiment", "--data", str(data), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert "cannot be trained on: labels.txt does not name the 28 emotions of GoEmotions." in done.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = CliRunner().invoke(
        app, ["train", "sentiment", "--data", str(data), "--out", str(tmp_path / "file" / "out")]
    )
    assert done.exit_code == 1
    assert "cannot be used: Not a directory." in done.stderr
