"""The shipped mood model: what it says of plain cases, what shows it, and its files.

`test_scorers.py` holds the contract that it shares with every other scorer.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sentiment import DamagedWeightsError, SentimentModel, SentimentScore, TextEncoder
from detectors.sentiment.forward import PackedBert
from detectors.sentiment.model import READ_ALONE, SHIPPED_WEIGHTS
from detectors.sentiment.network import MoodEncoder
from detectors.sentiment.pieces import Piece
from detectors.sentiment.weights_file import FILES, MoodWeights
from detectors.sentiment.windows import MAX_WINDOWS, WINDOW_TOKENS
from tests.detectors.sentiment.support.tiny_bert import tiny_bert, tiny_tokenizer

ANGRY = "This is unacceptable, third time I ask about the export and nobody answers"
THANKS = "Thank you so much, the export works perfectly now!"
QUESTION = "How do I export my labels in COCO format?"
LEAVING = "We have had enough of this. Please cancel our contract, we are moving to another provider."
IMPORT_SECONDS = 120


@cache
def trained() -> SentimentModel:
    return SentimentModel.load()


def score_of(text: str) -> SentimentScore:
    return trained().score([text])[0]


def test_anger_is_negative_thanks_positive_and_a_plain_question_neutral() -> None:
    labels = [score.label for score in trained().score([ANGRY, THANKS, QUESTION])]
    assert labels == ["negative", "positive", "neutral"]


def test_frustration_comes_with_the_words_that_show_it() -> None:
    score = score_of(f"Hello. {ANGRY}.")
    assert score.frustration > 0.7
    assert "repeated_contact" in score.frustration_reasons
    assert tuple(score.frustration_words) == score.frustration_reasons
    assert score.frustration_words["repeated_contact"] == "third time"


def test_a_threat_to_leave_is_told_and_a_question_about_cancelling_is_none() -> None:
    threat, question = trained().score([LEAVING, "How can I cancel a subscription at the end of the month?"])
    assert threat.threat is not None
    assert question.threat is not None
    assert threat.threat > 0.7
    assert question.threat < 0.3
    assert "threat_to_leave" in threat.frustration_reasons
    assert question.frustration_reasons == ()


@pytest.mark.parametrize(
    "text",
    [
        "How long do you keep deleted projects, and is there a retention setting?",
        "Which alerts count as critical notifications?",
        "What happens to our data when a workspace is closed?",
        "How do I cancel a failed job?",
    ],
)
def test_calm_questions_with_hard_words_show_no_frustration(text: str) -> None:
    score = score_of(text)
    assert score.frustration < 0.5
    assert score.frustration_reasons == ()
    assert score.probabilities is not None
    assert score.probabilities[0] < 0.5


def test_the_evidence_is_the_sentence_that_carries_the_mood() -> None:
    score = score_of(f"Hello. We use version 3 of the dataset. {ANGRY}. The menu has four columns.")
    assert score.label == "negative"
    assert [told.text for told in score.evidence] == [f"{ANGRY}."]
    assert score.evidence[0].weight > 0.9
    assert score_of(ANGRY).evidence == score_of(f"{QUESTION} It is the second menu.").evidence == ()


class CountingEncoder(MoodEncoder):
    """The encoder, which remembers how many pieces each pass read."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.passes: list[int] = []

    def run_means(self, pieces: Sequence[Piece]) -> np.ndarray:
        self.passes.append(len(pieces))
        return super().run_means(pieces)


def test_a_long_complaint_costs_few_sentences_more_and_other_texts_nothing() -> None:
    weights = MoodWeights.load(SHIPPED_WEIGHTS)
    encoder = CountingEncoder.load(weights.adapters)
    model = SentimentModel(encoder, weights)
    long = " ".join([*(f"Row {number} is in the second table." for number in range(12)), f"{ANGRY}!"])
    (score,) = model.score([long])
    assert score.label == "negative"
    assert [told.text for told in score.evidence] == [f"{ANGRY}!"]
    assert encoder.passes == [1, READ_ALONE]
    encoder.passes.clear()
    model.score([f"{QUESTION} It is the second menu.", f"{THANKS} It is lovely."])
    assert encoder.passes == [2]


@settings(max_examples=15, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=200))
def test_no_text_raises(text: str) -> None:
    score = score_of(text)
    assert (score.label is None) == (score.abstained is not None)
    assert 0.0 <= score.frustration <= 1.0


def test_a_lower_target_error_abstains_more_and_keeps_the_probabilities() -> None:
    texts = [ANGRY, THANKS, QUESTION, "It is fine, I suppose.", "Well. The export."]
    strict = SentimentModel.load(target_error=0.001).score(texts)
    loose = SentimentModel.load(target_error=1.0).score(texts)
    assert {score.abstained for score in loose} == {None}
    assert {score.abstained for score in strict} == {"uncertain"}
    assert [score.probabilities for score in strict] == [score.probabilities for score in loose]


def test_windows_are_never_longer_than_the_encoder_was_trained_for() -> None:
    (item,) = trained().prepare_all([f"{QUESTION} " * 2000])
    assert len(item.windows) == MAX_WINDOWS
    assert item.truncated
    assert max(len(window) for window in item.windows) == WINDOW_TOKENS
    assert trained().lengths([item]) == [MAX_WINDOWS * WINDOW_TOKENS]


def test_states_that_are_not_finite_are_an_abstention_of_that_item_only() -> None:
    class PoisonedEncoder(MoodEncoder):
        def run_means(self, pieces: Sequence[Piece]) -> np.ndarray:
            states = super().run_means(pieces)
            states[1, 3] = np.nan
            return states

    weights = MoodWeights.load(SHIPPED_WEIGHTS)
    model = SentimentModel(PoisonedEncoder.load(weights.adapters), weights)
    first, second = model.score([ANGRY, f"{THANKS} {THANKS}"])
    assert (first.abstained, first.label) == ("not_finite", None)
    assert second.label == "positive"


def test_vectors_for_retrieval_have_length_one_and_keep_their_order() -> None:
    encoder = TextEncoder.load()
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
    described = MoodWeights.load(weights).description
    assert described.command.startswith("rapport train sentiment")
    assert described.version == trained().version
    card = (SHIPPED_WEIGHTS / "card.md").read_text(encoding="utf-8")
    assert described.version in card
    assert "CC BY 4.0" in card
    assert (weights / FILES.weights).stat().st_size <= 10_000_000


def test_saved_weights_come_back_equal(tmp_path: Path) -> None:
    found = MoodWeights.load(SHIPPED_WEIGHTS)
    found.save(tmp_path)
    again = MoodWeights.load(tmp_path)
    assert again.description == found.description
    assert np.array_equal(again.heads.rule_weight, found.heads.rule_weight)
    assert again.adapters.keys() == found.adapters.keys()


def test_a_flipped_byte_of_the_weights_is_refused(weights: Path) -> None:
    data = bytearray((weights / FILES.weights).read_bytes())
    data[-1] ^= 1
    (weights / FILES.weights).write_bytes(data)
    with pytest.raises(DamagedWeightsError, match="SHA-256"):
        SentimentModel.load(weights=weights)


@pytest.mark.parametrize(
    "change",
    [
        {"calibration": None},
        {"calibration": {"temperature": 1.0}},
        {"outputs": ["positive", "neutral", "negative"]},
        {"outputs": None},
        {"format": 1},
        {"unknown": 1},
    ],
)
def test_a_changed_description_is_refused(weights: Path, change: dict[str, object]) -> None:
    path = weights / FILES.description
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(DamagedWeightsError):
        MoodWeights.load(weights)


def test_missing_weights_are_an_error_of_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SentimentModel.load(weights=tmp_path)


def test_weights_for_another_encoder_are_refused() -> None:
    adapters = MoodWeights.load(SHIPPED_WEIGHTS).adapters
    with pytest.raises(DamagedWeightsError, match="has no layer"):
        MoodEncoder.of(tiny_tokenizer(), tiny_bert(), adapters)
    assert isinstance(PackedBert.of(tiny_bert()), PackedBert)


@pytest.mark.gpu
def test_half_precision_on_a_gpu_agrees_with_the_cpu() -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA GPU")
    texts = [ANGRY, THANKS, QUESTION, f"{QUESTION} " * 90]
    on_gpu = SentimentModel.load(device="cuda", dtype=torch.bfloat16).score(texts)
    expected = np.array([score.probabilities for score in trained().score(texts)])
    assert np.allclose(np.array([score.probabilities for score in on_gpu]), expected, atol=0.05)
