"""The contract of every sentiment model, then the further contract of the trained model."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from detectors.sentiment.head import Head
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.sentiment import (
    DamagedWeightsError,
    LexiconSentiment,
    SentimentModel,
    SentimentScore,
    SentimentScorer,
    TextEncoder,
)
from detectors.sentiment.encoder import MAX_WINDOWS, WINDOW_TOKENS
from detectors.sentiment.model import SHIPPED_WEIGHTS

ANGRY = "This is unacceptable, third time the export failed and nobody answers"
THANKS = "Thank you so much, the export works perfectly now!"
QUESTION = "How do I export my labels in COCO format?"
ODD = [
    "",
    "   \n\t ",
    "\x00\x01",
    "\ud800 broken \udfff",
    "😡😡😡",
    "12345 !!! ???",
    "> only\n> a quote",
    "<div></div>",
    "a" * 50_000,
    "\u202e\u0301\u0301 x",
    "ok",
]
IMPORT_SECONDS = 120


@cache
def trained() -> SentimentModel:
    import torch

    torch.set_num_threads(1)
    return SentimentModel.load()


@pytest.fixture(params=["lexicon", "trained"])
def scorer(request: pytest.FixtureRequest) -> SentimentScorer:
    return LexiconSentiment() if request.param == "lexicon" else trained()


def assert_well_formed(score: SentimentScore, version: str) -> None:
    assert score.model == version
    assert 0.0 <= score.frustration <= 1.0
    assert 0.0 <= score.language_confidence <= 1.0
    if score.abstained is not None:
        assert (score.label, score.probabilities, score.score) == (None, None, None)
        return
    assert score.probabilities is not None
    assert score.score is not None
    assert score.windows >= 1
    assert math.isclose(sum(score.probabilities), 1.0, abs_tol=1e-6)
    assert all(0.0 <= probability <= 1.0 for probability in score.probabilities)
    assert score.score == score.probabilities[2] - score.probabilities[0]
    labels = ("negative", "neutral", "positive")
    assert score.label == labels[score.probabilities.index(max(score.probabilities))]


def test_anger_is_negative_thanks_positive_and_a_plain_question_neutral(scorer: SentimentScorer) -> None:
    assert [score.label for score in scorer.score([ANGRY, THANKS, QUESTION])] == [
        "negative",
        "positive",
        "neutral",
    ]


def test_odd_texts_give_one_well_formed_score_each(scorer: SentimentScorer) -> None:
    scores = scorer.score(ODD)
    assert len(scores) == len(ODD)
    for score in scores:
        assert_well_formed(score, scorer.version)
    assert {score.abstained for score in scores[:3] + scores[4:8]} == {"empty_text"}


def test_no_texts_give_no_scores(scorer: SentimentScorer) -> None:
    assert scorer.score([]) == []
    assert scorer.run([]) == []


def test_a_text_in_another_language_abstains_and_names_the_language(scorer: SentimentScorer) -> None:
    score = scorer.score(["Der Export ist schon wieder fehlgeschlagen und niemand antwortet."])[0]
    assert (score.abstained, score.language, score.label) == ("unsupported_language", "de", None)
    assert score.windows == 0


def test_scores_come_in_the_order_of_the_texts(scorer: SentimentScorer) -> None:
    texts = [QUESTION, "", ANGRY * 3, THANKS, "Wie geht das denn nun eigentlich?", QUESTION]
    together = scorer.score(texts, max_tokens=64)
    assert [score.abstained for score in together] == [
        None,
        "empty_text",
        None,
        None,
        "unsupported_language",
        None,
    ]
    assert together[0] == together[5]


def test_the_quoted_answer_does_not_change_the_mood(scorer: SentimentScorer) -> None:
    quoted = f"{THANKS}\n\nOn Mon, 3 Mar 2025 at 10:12, Ann <ann@x.io> wrote:\n> {ANGRY}"
    alone, with_quote = scorer.score([THANKS, quoted])
    assert alone == with_quote


def test_frustration_comes_with_its_reasons(scorer: SentimentScorer) -> None:
    score = scorer.score([ANGRY])[0]
    assert score.frustration > 0.7
    assert score.frustration_reasons == ("repeated_contact", "waiting", "strong_words")


def test_run_and_lengths_agree_with_score(scorer: SentimentScorer) -> None:
    texts = [ANGRY, "", THANKS]
    items = scorer.prepare_all(texts)
    lengths = scorer.lengths(items)
    assert lengths[1] == 0
    assert min(lengths[0], lengths[2]) > 0
    assert [score.label for score in scorer.run(items)] == [score.label for score in scorer.score(texts)]


def test_two_hundred_thousand_words_are_bounded_work_and_marked_as_truncated(scorer: SentimentScorer) -> None:
    score = scorer.score(["the export of our project is slow " * 28_600])[0]
    assert score.truncated
    assert score.abstained is None
    assert 1 <= score.windows <= MAX_WINDOWS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(codec=None), max_size=200), max_size=4))
def test_no_text_raises(texts: Sequence[str]) -> None:
    scorer = LexiconSentiment()
    scores = scorer.score(texts)
    assert len(scores) == len(texts)
    for score in scores:
        assert_well_formed(score, scorer.version)


@settings(max_examples=15, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=200))
def test_no_text_raises_in_the_trained_model(text: str) -> None:
    assert_well_formed(trained().score([text])[0], trained().version)


def test_a_score_does_not_depend_on_its_batch() -> None:
    texts = [ANGRY, THANKS, QUESTION, "Still broken.", f"{QUESTION} " * 90]
    alone = [trained().score([text])[0].probabilities for text in texts]
    for max_tokens in (1, 300, 16384):
        together = [score.probabilities for score in trained().score(texts, max_tokens=max_tokens)]
        assert np.allclose(np.array(alone), np.array(together), atol=1e-4)


def test_a_long_text_keeps_its_worst_and_its_last_window() -> None:
    calm = "The job reads version three of the dataset and writes version four. " * 60
    model = trained()
    plain, angry_first, angry_last = model.score([calm, f"{ANGRY}. " * 25 + calm, calm + f" {ANGRY}." * 25])
    assert plain.windows > 2
    assert plain.score is not None
    for score in (angry_first, angry_last):
        assert not score.truncated
        assert score.score is not None
        assert score.score < plain.score - 0.1


def test_windows_are_never_longer_than_the_encoder_was_trained_for() -> None:
    item = trained().prepare(f"{QUESTION} " * 2000)
    assert len(item.windows) == MAX_WINDOWS
    assert item.truncated
    assert max(len(window) for window in item.windows) == WINDOW_TOKENS
    assert trained().lengths([item]) == [MAX_WINDOWS * WINDOW_TOKENS]


def test_states_that_are_not_finite_are_an_abstention_of_that_item_only() -> None:
    class Poisoned(TextEncoder):
        def pooled_windows(self, windows: Sequence[Sequence[int]], **options: object) -> np.ndarray:
            states = sound.pooled_windows(windows)
            states[0, 3] = np.nan
            return states

    sound = trained().encoder
    poisoned = Poisoned(sound._tokenizer, sound._model)
    first, second = SentimentModel(poisoned, Head.load(SHIPPED_WEIGHTS)).score([ANGRY, f"{THANKS} {THANKS}"])
    assert (first.abstained, first.label) == ("not_finite", None)
    assert second.label == "positive"


def test_vectors_for_retrieval_have_length_one_and_keep_their_order() -> None:
    encoder = trained().encoder
    texts = [
        "reset my password",
        "I forgot my password",
        "the invoice is wrong",
        "",
        "\ud800",
        "long " * 2000,
    ]
    vectors = encoder.encode(texts, max_tokens=64)
    assert vectors.shape == (6, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.allclose(encoder.encode([texts[2]])[0], vectors[2], atol=1e-4)
    assert encoder.pooled_states(texts[:2]).shape == (2, 2688)
    assert encoder.encode([]).shape == (0, 384)


def test_importing_the_package_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, detectors.sentiment as s; s.LexiconSentiment().score(['hello there']);"
        "raise SystemExit(bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=IMPORT_SECONDS)
    assert done.returncode == 0


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED_WEIGHTS, tmp_path / "weights"))


def test_the_shipped_weights_load_and_name_their_origin(weights: Path) -> None:
    described = Head.load(weights).description
    assert described.command.startswith("rapport train sentiment")
    assert described.version == trained().version
    card = (SHIPPED_WEIGHTS / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert described.version in card
    assert "CC BY 4.0" in card


def test_a_flipped_byte_of_the_weights_is_refused(weights: Path) -> None:
    data = bytearray((weights / "head.safetensors").read_bytes())
    data[-1] ^= 1
    (weights / "head.safetensors").write_bytes(data)
    with pytest.raises(DamagedWeightsError, match="SHA-256"):
        SentimentModel.load(weights=weights)


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.0},
        {"temperature": -1.0},
        {"temperature": float("nan")},
        {"temperature": "warm"},
        {"labels": ["positive", "neutral", "negative"]},
        {"labels": None},
        {"format": 2},
        {"unknown": 1},
    ],
)
def test_a_changed_description_is_refused(weights: Path, change: dict[str, object]) -> None:
    path = weights / "head.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(DamagedWeightsError):
        Head.load(weights)


def test_missing_weights_are_an_error_of_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SentimentModel.load(weights=tmp_path)


@pytest.mark.gpu
def test_half_precision_on_a_gpu_agrees_with_the_cpu() -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA GPU")
    texts = [ANGRY, THANKS, QUESTION, f"{QUESTION} " * 90]
    on_gpu = SentimentModel.load(device="cuda", dtype=torch.bfloat16).score(texts)
    expected = np.array([score.probabilities for score in trained().score(texts)])
    assert np.allclose(np.array([score.probabilities for score in on_gpu]), expected, atol=0.05)
