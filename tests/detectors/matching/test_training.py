"""The training of the matching encoder on two invented help centres, with a tiny encoder."""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from detectors.matching.records import HelpCentre, SectionQuestion, SectionText
from detectors.matching.training.fitting import MatchingRecipe, steps_of
from detectors.matching.training.lessons import LessonReader
from detectors.matching.training.network import MatchingNetwork
from detectors.matching.training.run import MatchingData, TrainedMatching, train_matching
from detectors.matching.weights_file import FILES, MatchingWeights
from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.encoder import TextEncoder
from detectors.sentiment.forward import PackedBert
from detectors.sentiment.training.adapters import start_adapters
from responders.words import placed_stems
from tests.detectors.sentiment.support.tiny_bert import tiny_bert, tiny_word_pieces

RECIPE = MatchingRecipe(epochs=12, questions=4, rate=1e-2, sentences=0.5, seed=3)


def section(name: str, *sentences: str) -> SectionText:
    return SectionText(name, f"{name}. {' '.join(sentences)}", sentences)


def centre(name: str) -> HelpCentre:
    """Questions and answers share no word, so only learning brings them together."""
    sections = (
        section("Keys", "A key is rotated here.", "The old one dies."),
        section("Seats", "A seat is sold here.", "The price is known."),
    )
    asked = [("zzz qqq", 0), ("qqq zz", 0), ("vvv www", 1), ("www vv", 1)]
    questions = tuple(SectionQuestion(text, (place,), ((place, 0),)) for text, place in asked)
    return HelpCentre(name, sections, questions)


def loaded() -> tuple[Any, Any]:
    return tiny_word_pieces(), tiny_bert()


def data() -> MatchingData:
    projection = np.eye(16, 8, dtype=np.float32)
    return MatchingData([centre("learned")], [centre("judge")], placed_stems, projection, {"learned": "abc"})


def newly_trained(told: list[str]) -> TrainedMatching:
    return train_matching(data(), RECIPE, "the command", progress=told.append, load=loaded)


@cache
def trained() -> TrainedMatching:
    return newly_trained([])


def test_the_training_brings_questions_to_the_sections_that_answer_them() -> None:
    told: list[str] = []
    ((name, before, after),) = newly_trained(told).judged
    assert (name, after.questions) == ("judge", 4)
    assert after.cosine == after.joined == 1.0 > min(before.cosine, before.joined)
    assert [line.split(":")[0] for line in told[1:]] == [f"epoch {n} of 12" for n in range(1, 13)]


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    first = trained().weights.save(tmp_path / "a")
    second = newly_trained([]).weights.save(tmp_path / "b")
    assert first.version == second.version
    assert first.description.data == {"learned": "abc"}


def test_the_service_computes_what_training_computed() -> None:
    texts = [one.text for one in centre("judge").sections]
    weights = trained().weights
    encoder = TextEncoder(
        tiny_word_pieces(), PackedBert.of(tiny_bert(), device="cpu", adapters=weights.adapters)
    )
    network = MatchingNetwork(tiny_bert(), weights.projection)
    start_adapters(network.adapted, weights.adapters)
    learned = network.vectors(LessonReader(*loaded(), placed_stems).read(texts)).detach().numpy()
    # Training multiplies in bfloat16, which has three digits.
    assert (np.sum(encoder.encode(texts) * learned, axis=1) > 0.999).all()


def test_weights_on_disk_are_checked(tmp_path: Path) -> None:
    trained().weights.save(tmp_path)
    path = tmp_path / FILES.weights
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(DamagedWeightsError, match="SHA-256"):
        MatchingWeights.load(tmp_path)


def test_a_description_of_another_format_is_refused(tmp_path: Path) -> None:
    trained().weights.save(tmp_path)
    path = tmp_path / FILES.description
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 1', '"format": 9'), encoding="utf-8")
    with pytest.raises(DamagedWeightsError, match="unknown format"):
        MatchingWeights.load(tmp_path)


def test_every_question_is_in_one_step_of_an_epoch() -> None:
    reader = LessonReader(*loaded(), placed_stems)
    lessons = [reader.lesson(centre(name)) for name in "xy"]
    steps = steps_of(lessons, MatchingRecipe(questions=3), Random(1))
    seen = sorted((lesson.name, row) for lesson, rows in steps for row in rows)
    assert seen == [(name, row) for name in "xy" for row in range(4)]


def test_the_shipped_weights_are_whole() -> None:
    weights = MatchingWeights.load()
    assert len(weights.adapters) == 18
    assert weights.projection.shape == (384, 64)
