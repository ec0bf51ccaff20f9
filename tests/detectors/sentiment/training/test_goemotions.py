"""Reading GoEmotions."""

from pathlib import Path

import pytest

from detectors.sentiment.training.goemotions import (
    AMBIGUOUS,
    NEGATIVE,
    POSITIVE,
    Example,
    TrainingDataError,
    mood,
    read_examples,
    read_folder,
)
from detectors.sentiment.training.goemotions import EMOTIONS as NUMBERED
from detectors.sentiment.training.rows import comment_rows

EMOTIONS = [*sorted(POSITIVE | NEGATIVE | AMBIGUOUS), "neutral"]
LINES = "\n".join(f"text {number}\t{number}\tid{number}" for number in range(28)) + "\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "labels.txt").write_text("\n".join(EMOTIONS), encoding="utf-8")
    for name in ("train", "dev", "test"):
        (tmp_path / f"{name}.tsv").write_text(LINES, encoding="utf-8")
    return tmp_path


def test_the_three_splits_are_read_in_order(data: Path) -> None:
    splits = read_folder(data)
    assert list(splits) == ["train", "dev", "test"]
    assert [example.text for example in splits["dev"]] == [f"text {number}" for number in range(28)]


@pytest.mark.parametrize("line", ["text only", "text\tmany\tid", "text\t99\tid", "a\t1\tb\tc"])
def test_a_broken_line_is_named(data: Path, line: str) -> None:
    (data / "dev.tsv").write_text(f"fine\t1\tid\n{line}\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"dev\.tsv, line 2"):
        read_folder(data)


@pytest.mark.parametrize("name", ["labels.txt", "train.tsv", "test.tsv"])
def test_a_missing_file_is_named(data: Path, name: str) -> None:
    (data / name).unlink()
    with pytest.raises(TrainingDataError, match=name):
        read_folder(data)


def test_other_emotions_than_the_papers_are_refused(data: Path) -> None:
    (data / "labels.txt").write_text("good\nbad\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match="28 emotions"):
        read_folder(data)


def test_every_emotion_has_a_mood_and_mixed_rows_are_left_out(data: Path) -> None:
    assert {emotion: mood({emotion}) for emotion in EMOTIONS if mood({emotion}) is None} == {}
    assert len(EMOTIONS) == 28
    joy, fear, surprise = (EMOTIONS.index(name) for name in ("joy", "fear", "surprise"))
    (data / "dev.tsv").write_text(f"a\t{joy},{fear}\tx\nb\t{joy},{surprise}\ty\n", encoding="utf-8")
    assert read_examples(data / "dev.tsv", EMOTIONS) == [
        Example("b", 2, emotions=(NUMBERED.index("joy"), NUMBERED.index("surprise")))
    ]


def test_a_wish_is_no_praise_to_learn_from() -> None:
    examples = [Example("I want a seat", 2, request=True), Example("ok", 1)]
    assert [row.text for row in comment_rows(examples)] == ["ok"]
