from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from detectors.sentiment import SentimentModel
from detectors.sentiment.head import Head
from detectors.sentiment.measures import measures
from detectors.sentiment.training import (
    AMBIGUOUS,
    NEGATIVE,
    POSITIVE,
    Example,
    TrainingDataError,
    evaluate,
    mood,
    read_examples,
    train,
    train_from_folder,
)

EMOTIONS = [*sorted(POSITIVE | NEGATIVE | AMBIGUOUS), "neutral"]
WORDS = {
    "anger": ["it broke again", "this is terrible", "I am furious", "what a disaster"],
    "neutral": ["where is the menu", "open the second tab", "it has four columns", "the file is a table"],
    "joy": ["this is wonderful", "I love it", "what a great day", "thank you so much"],
}
SUBJECTS = ["export", "report", "editor", "login", "invoice", "image"]


class WordCounts:
    """A small encoder that counts hashed words, so that training needs no transformer."""

    def pooled_states(self, texts: Sequence[str], max_tokens: int = 16384) -> np.ndarray:
        states = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                states[row, sum(map(ord, word)) % 64] += 1
        return states


def lines(copies: int) -> list[str]:
    return [
        f"{phrase} {subject} {copy}\t{EMOTIONS.index(emotion)}\tid{copy}"
        for copy in range(copies)
        for emotion, phrases in WORDS.items()
        for phrase in phrases
        for subject in SUBJECTS
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "labels.txt").write_text("\n".join(EMOTIONS), encoding="utf-8")
    for name in ("train", "dev", "test"):
        (folder / f"{name}.tsv").write_text("\n".join(lines(1)) + "\n", encoding="utf-8")
    return folder


def silent(_: str) -> None:
    return None


def test_a_tiny_folder_trains_to_weights_that_load_and_score(data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    found = train_from_folder(data, tmp_path / "out", seed=3, limit=60, progress=said.append)
    assert found["accuracy"] > 0.9
    assert found["train_rows"] == 60
    assert found["temperature"] > 0
    assert any("encoded 60 of 60" in line for line in said)
    model = SentimentModel.load(weights=tmp_path / "out")
    assert model.version.startswith("minilm-goemotions-")
    assert model.score(["I am furious about the export"])[0].label == "negative"


def test_the_same_seed_gives_the_same_weights_and_version(data: Path) -> None:
    rows = read_examples(data / "train.tsv", EMOTIONS)
    first, second, other = (
        train(rows, rows, encoder=WordCounts(), seed=seed, progress=silent) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.weight, second.weight)
    assert first.description == second.description
    assert np.allclose(first.weight, other.weight, atol=0.05)


def test_saved_weights_come_back_equal(data: Path, tmp_path: Path) -> None:
    rows = read_examples(data / "train.tsv", EMOTIONS)
    head = train(rows, rows, encoder=WordCounts(), seed=1, progress=silent)
    head.save(tmp_path / "out")
    loaded = Head.load(tmp_path / "out")
    assert np.array_equal(loaded.weight, head.weight)
    assert loaded.description.version == head.description.version
    assert evaluate(loaded, rows, encoder=WordCounts())["accuracy"] > 0.9


def test_a_missing_class_is_refused(data: Path) -> None:
    rows = [row for row in read_examples(data / "train.tsv", EMOTIONS) if row.label != 0]
    with pytest.raises(TrainingDataError, match="every mood"):
        train(rows, rows, encoder=WordCounts(), seed=1, progress=silent)


@pytest.mark.parametrize("line", ["text only", "text\tmany\tid", "text\t99\tid", "a\t1\tb\tc"])
def test_a_broken_line_is_named(data: Path, line: str) -> None:
    (data / "dev.tsv").write_text(f"fine\t1\tid\n{line}\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"dev\.tsv, line 2"):
        read_examples(data / "dev.tsv", EMOTIONS)


@pytest.mark.parametrize("name", ["labels.txt", "train.tsv", "test.tsv"])
def test_a_missing_file_is_named(data: Path, tmp_path: Path, name: str) -> None:
    (data / name).unlink()
    with pytest.raises(TrainingDataError, match=name):
        train_from_folder(data, tmp_path / "out", seed=1, limit=None, progress=silent)


def test_other_emotions_than_the_papers_are_refused(data: Path, tmp_path: Path) -> None:
    (data / "labels.txt").write_text("good\nbad\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match="28 emotions"):
        train_from_folder(data, tmp_path / "out", seed=1, limit=None, progress=silent)


def test_every_emotion_has_a_mood_and_mixed_rows_are_left_out(data: Path) -> None:
    assert {emotion: mood({emotion}) for emotion in EMOTIONS if mood({emotion}) is None} == {}
    assert len(EMOTIONS) == 28
    joy, fear, surprise = (EMOTIONS.index(name) for name in ("joy", "fear", "surprise"))
    (data / "dev.tsv").write_text(f"a\t{joy},{fear}\tx\nb\t{joy},{surprise}\ty\n", encoding="utf-8")
    assert read_examples(data / "dev.tsv", EMOTIONS) == [Example("b", 2)]


def test_requests_are_kept_for_measuring_and_left_out_of_training(data: Path) -> None:
    desire = EMOTIONS.index("desire")
    (data / "dev.tsv").write_text(f"I would like a seat\t{desire}\tx\n", encoding="utf-8")
    requests = read_examples(data / "dev.tsv", EMOTIONS)
    assert requests == [Example("I would like a seat", 2, request=True)]
    rows = read_examples(data / "train.tsv", EMOTIONS)
    plain, mixed = (
        train(given, rows, encoder=WordCounts(), seed=1, progress=silent) for given in (rows, rows + requests)
    )
    assert np.allclose(plain.weight, mixed.weight, atol=0.05)


def test_measures_agree_with_a_hand_count() -> None:
    probabilities = np.array([[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]])
    found = measures(probabilities, np.array([0, 1, 1, 2]))
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert found["auc_negative"] == 1.0
    assert np.isnan(measures(probabilities, np.array([1, 1, 1, 1]))["auc_negative"])
