"""The one contract of every SentimentScorer: lexicon, shipped model, and checkpoints of two architectures."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from detectors.sentiment import (
    LexiconSentiment,
    SentimentModel,
    SentimentScore,
    SentimentScorer,
)
from detectors.sentiment.checkpoint import CheckpointModel
from detectors.sentiment.scores import UNCERTAIN
from tests.detectors.support.tiny_models import Architecture, write_checkpoint

ANGRY = "This is unacceptable, third time the export failed and nobody answers"
THANKS = "Thank you so much, the export works perfectly now!"
QUESTION = "How do I export my labels in COCO format?"
GERMAN = "Der Export ist schon wieder fehlgeschlagen und niemand antwortet."
ODD = [
    "",
    "  \n\t ",
    "\x00\x01",
    "\ud800 broken \udfff",
    "😡😡😡",
    "> only\n> a quote",
    "a" * 50_000,
    "\u202e\u0301 x",
    "ok",
]
LONG = "the export of our project is slow " * 28_600


@cache
def trained() -> SentimentModel:
    return SentimentModel.load()


@pytest.fixture(scope="module")
def makers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[[], SentimentScorer]]:
    folder = tmp_path_factory.mktemp("checkpoints")
    bert = CheckpointModel.load(write_checkpoint(folder / "distilbert", "distilbert"))
    roberta = CheckpointModel.load(write_checkpoint(folder / "roberta", "roberta"))
    return {
        "lexicon": LexiconSentiment,
        "trained": trained,
        "distilbert": lambda: bert,
        "roberta": lambda: roberta,
    }


@pytest.fixture(params=["lexicon", "trained", "distilbert", "roberta"])
def scorer(
    request: pytest.FixtureRequest, makers: dict[str, Callable[[], SentimentScorer]]
) -> SentimentScorer:
    return makers[request.param]()


def assert_well_formed(score: SentimentScore, version: str) -> None:
    assert score.model == version
    assert 0.0 <= score.frustration <= 1.0
    assert 0.0 <= score.language_confidence <= 1.0
    if score.abstained is not None and score.abstained != UNCERTAIN:
        assert (score.label, score.probabilities, score.score) == (None, None, None)
        return
    assert score.probabilities is not None
    assert score.score == score.probabilities[2] - score.probabilities[0]
    assert sum(score.probabilities) == pytest.approx(1.0, abs=2e-6)  # three numbers of six decimals
    assert min(score.probabilities) >= 0.0
    expected = ("negative", "neutral", "positive")[int(np.argmax(score.probabilities))]
    assert score.label == (None if score.abstained else expected)
    assert score.windows >= 1


def test_odd_texts_give_one_well_formed_score_each(scorer: SentimentScorer) -> None:
    scores = scorer.score(ODD)
    assert len(scores) == len(ODD)
    for score in scores:
        assert_well_formed(score, scorer.version)
    assert [score.abstained for score in scores[:3] + scores[4:6]] == ["empty_text"] * 5


def test_no_texts_give_no_scores(scorer: SentimentScorer) -> None:
    assert scorer.score([]) == scorer.run([]) == []


def test_another_language_abstains_but_frustration_stays(scorer: SentimentScorer) -> None:
    score = scorer.score([f"{GERMAN} {GERMAN} WTF"])[0]
    assert (score.abstained, score.language, score.windows) == ("unsupported_language", "de", 0)
    assert score.frustration_reasons == ("strong_words",)


def test_a_text_alone_and_in_any_batch_has_one_score_in_the_order_of_the_texts(
    scorer: SentimentScorer,
) -> None:
    texts = [QUESTION, "", ANGRY * 3, THANKS, GERMAN, QUESTION, f"{QUESTION} " * 90]
    alone = [scorer.score([text])[0] for text in texts]
    for max_tokens in (1, 64, 16384):
        together = scorer.score(texts, max_tokens=max_tokens)
        assert [score.abstained for score in together] == [score.abstained for score in alone]
        for one, other in zip(alone, together, strict=True):
            assert (one.probabilities is None) == (other.probabilities is None)
            assert np.allclose(one.probabilities or 0.0, other.probabilities or 0.0, atol=1e-3)


def test_the_quoted_answer_does_not_change_the_mood(scorer: SentimentScorer) -> None:
    quoted = f"{THANKS}\n\nOn Mon, 3 Mar 2025 at 10:12, Ann <ann@x.io> wrote:\n> {ANGRY}"
    alone, with_quote = scorer.score([THANKS, quoted])
    assert alone == with_quote


def test_lengths_are_the_cost_of_each_item(scorer: SentimentScorer) -> None:
    items = scorer.prepare_all([THANKS, "", f"{THANKS} {ANGRY} {QUESTION}"])
    first, empty, longer = scorer.lengths(items)
    assert empty == 0 < first < longer


def test_a_very_long_text_is_bounded_work_and_marked_as_truncated(scorer: SentimentScorer) -> None:
    items = scorer.prepare_all([LONG])
    assert items[0].truncated
    assert scorer.run(items)[0].truncated
    assert_well_formed(scorer.run(items)[0], scorer.version)


def test_the_same_texts_give_the_same_scores_again(scorer: SentimentScorer) -> None:
    texts = [ANGRY, THANKS, QUESTION]
    assert scorer.score(texts) == scorer.score(texts)


@pytest.mark.parametrize("architecture", ["distilbert", "roberta"])
def test_a_checkpoint_written_twice_has_one_version_and_other_weights_have_another(
    tmp_path: Path, architecture: Architecture
) -> None:
    folders = [write_checkpoint(tmp_path / name / "m", architecture) for name in ("one", "two")]
    first, second = (CheckpointModel.load(folder).version for folder in folders)
    path = folders[1] / "model.safetensors"
    save_file({name: value * 1.5 for name, value in load_file(path).items()}, path, {"format": "pt"})
    assert first == second != CheckpointModel.load(folders[1]).version
