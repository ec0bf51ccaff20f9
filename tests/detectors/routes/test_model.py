"""The route model over the real encoder, with the shipped weights and with others."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detectors.routes.head import OUTPUTS, RouteHead, highest
from detectors.routes.layered import LAYERS, unit_layers
from detectors.routes.model import SHIPPED_WEIGHTS, RouteModel
from detectors.routes.weights_file import FILES, RouteDescription, RouteWeights
from detectors.sentiment import TextEncoder
from detectors.sentiment.adapter import DamagedWeightsError

ROUTED = {
    "You charged my card twice for March. I never agreed to this, I want my money back.": "billing_dispute",
    "Please erase everything that you have stored about me and confirm it.": "personal_data",
}
PLAIN = (
    "Where do I find my invoices?",
    "How do I add a colleague to the workspace?",
    "Thanks, it works again!",
)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


@pytest.fixture(scope="module")
def model(encoder: TextEncoder) -> RouteModel:
    return RouteModel.load(encoder)


def head(width: int) -> RouteHead:
    def numbers(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.random.default_rng(1).normal(size=shape).astype(np.float16).astype(np.float32)

    return RouteHead(*(numbers(len(OUTPUTS), *rest) for rest in ((width,), (), (width,), ())))


def weights(width: int = 2 * len(LAYERS), likely: float = 0.5) -> RouteWeights:
    limits = dict.fromkeys(OUTPUTS[1:], likely)
    return RouteWeights(head(width), RouteDescription("tiny", "train", limits, limits))


def test_a_route_is_heard_by_its_meaning(model: RouteModel) -> None:
    heard = [model.decide(chances) for chances in model.run(model.prepare(list(ROUTED)))]
    assert [one.reason for one in heard] == list(ROUTED.values())
    assert {one.strength for one in heard} == {"likely"}


def test_plain_questions_and_thanks_are_heard_as_no_route(model: RouteModel) -> None:
    heard = [model.decide(chances) for chances in model.run(model.prepare(PLAIN))]
    assert [one.strength for one in heard] == ["unlikely"] * len(PLAIN)


def test_a_text_does_not_depend_on_the_texts_beside_it_and_an_empty_one_has_no_route(
    model: RouteModel,
) -> None:
    texts = [*ROUTED, "", "word " * 3_000]
    together = model.run(model.prepare(texts))
    for text, chances in zip(texts, together, strict=True):
        [alone] = model.run(model.prepare([text]))
        np.testing.assert_allclose(alone, chances, atol=1e-4)
    assert together[-2].tolist() == [1.0, *[0.0] * (len(OUTPUTS) - 1)]
    assert model.run([]) == []


def test_the_strength_of_a_reason_depends_on_its_two_limits(encoder: TextEncoder) -> None:
    described = replace(
        RouteWeights.load(SHIPPED_WEIGHTS).description,
        likely=dict.fromkeys(OUTPUTS[1:], 0.8),
        possible=dict.fromkeys(OUTPUTS[1:], 0.4),
    )
    model = RouteModel(encoder, RouteWeights(RouteWeights.load(SHIPPED_WEIGHTS).head, described))
    press = np.eye(len(OUTPUTS))[OUTPUTS.index("press")]
    none = np.eye(len(OUTPUTS))[0]
    found = [model.decide(share * press + (1 - share) * none) for share in (0.9, 0.5, 0.1)]
    assert [one.strength for one in found] == ["likely", "possible", "unlikely"]
    assert [(one.reason, one.chance) for one in found] == [("press", 0.9), ("press", 0.5), ("press", 0.1)]


def test_one_sentence_carries_a_reason_however_much_is_around_it() -> None:
    logits = np.array([[0.0, 3.0], [0.0, -2.0], [0.0, 1.0]])
    assert highest(logits, np.array([0, 0, 1]), 2).tolist() == [[0.0, 3.0], [0.0, 1.0]]


def test_the_length_of_a_layers_states_does_not_matter() -> None:
    states = np.arange(1, 2 * len(LAYERS) + 1, dtype=np.float32)[None]
    scaled = (states.reshape(len(LAYERS), 2) * np.array([[3], [1], [5], [0.5]])).reshape(1, -1)
    np.testing.assert_allclose(unit_layers(states), unit_layers(scaled.astype(np.float32)), rtol=1e-6)


def test_weights_are_what_was_saved_and_damaged_files_are_refused(tmp_path: Path) -> None:
    saved = weights().save(tmp_path)
    np.testing.assert_array_equal(RouteWeights.load(tmp_path).head.whole_weight, weights().head.whole_weight)
    assert saved.version.startswith("routes-")
    told = json.loads((tmp_path / FILES.description).read_text())
    for wrong in (
        {"sha256": "0" * 64},
        {"layers": [1]},
        {"likely": {"press": 0.5}},
        {"possible": dict.fromkeys(OUTPUTS[1:], 1.5)},
    ):
        (tmp_path / FILES.description).write_text(json.dumps(told | wrong))
        with pytest.raises(DamagedWeightsError):
            RouteWeights.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        RouteWeights.load(tmp_path / "nowhere")
    with pytest.raises(DamagedWeightsError, match="shapes"):
        weights(width=len(LAYERS) + 1).save(tmp_path / "odd")
