"""The personal model over a small encoder, and over the real one with the shipped weights."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from detectors.personal.decoding import TOLD, PersonalLimits
from detectors.personal.head import LAYERS, OUTPUTS, WINDOW, PersonalHead
from detectors.personal.model import SHIPPED_WEIGHTS, PersonalModel, prepared, unit_states
from detectors.personal.signs import SIGNS
from detectors.personal.training.rows import FOLDER
from detectors.personal.weights_file import FILES, PersonalDescription, PersonalWeights
from detectors.sentiment import TextEncoder
from detectors.sentiment.adapter import DamagedWeightsError
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText, tokenised
from streams.personal import NameLists
from tests.detectors.personal.test_units_and_signs import NoLists

LIMITS = PersonalLimits(found=dict.fromkeys(TOLD, 0.8), grown=0.2, doubted=0.05)


class Letters:
    """An encoder of a token for each sign; in each layer the states are 1, 0 for the letter z, else 0, 1."""

    def __init__(self, value: float = 1.0) -> None:
        self.value = value

    def pieces_of(
        self, texts: Sequence[str], spans: Sequence[tuple[tuple[int, int], ...]]
    ) -> list[TokenisedText]:
        return [
            tokenised(text, [ord(char) for char in text], list(range(len(text))), (0, 1), spans=own)
            for text, own in zip(texts, spans, strict=True)
        ]

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        shares = [share for piece in pieces for share in _shares_of_z(piece)]
        states = np.array([[share, 1.0 - share] for share in shares], dtype=np.float32)
        return np.tile(states * self.value, len(layers))


def _shares_of_z(piece: Piece) -> list[float]:
    starts = np.cumsum([0, *piece.runs])
    runs = [piece.window[start:end] for start, end in pairwise(starts.tolist())]
    return [sum(token == ord("z") for token in run) / len(run) for run in runs]


def weights(limits: PersonalLimits = LIMITS) -> PersonalWeights:
    """Return a head that takes a word of the letter z for a name."""
    hidden, outputs = 1, len(OUTPUTS)
    output = np.zeros((outputs, 2), dtype=np.float32)
    output[OUTPUTS.index("name"), 0] = 1.0
    bias = np.zeros(outputs, dtype=np.float32)
    bias[0] = 8.0
    head = PersonalHead(
        state_weight=np.tile(np.array([[1.0, -1.0]], dtype=np.float32), len(LAYERS)),
        sign_weight=np.zeros((hidden, SIGNS), dtype=np.float32),
        hidden_bias=np.zeros(hidden, dtype=np.float32),
        window_weight=np.zeros((hidden, len(WINDOW) * hidden), dtype=np.float32),
        window_bias=np.zeros(hidden, dtype=np.float32),
        output_weight=output,
        output_bias=bias,
    )
    return PersonalWeights(head, PersonalDescription("letters", "train", limits))


def heard(model: PersonalModel, *texts: str) -> list[list[tuple[str, ...]]]:
    items = model.prepare(texts)
    chances = model.run(items)
    found = [model.decide([item], [own]) for item, own in zip(items, chances, strict=True)]
    return [[tuple(value) for value in one.values] for one in found]


def test_each_word_is_judged_by_its_own_states_and_an_empty_text_has_no_value() -> None:
    model = PersonalModel(Letters(), weights(), NoLists())
    assert heard(model, "ask zzz now", "", "?!", "zz") == [[("name", "zzz")], [], [], [("name", "zz")]]


def test_the_states_of_units_are_those_of_their_own_tokens_in_every_window() -> None:
    text = " ".join(["zzzz" if number % 3 else "abcd" for number in range(200)])
    [item] = prepared([text], Letters(), NoLists())
    assert len(item.tokens.pieces) > 1
    [states] = unit_states([item], Letters().run_means(item.tokens.pieces, LAYERS))
    np.testing.assert_array_equal(states[:, 0] > 0.9, [text[slice(*unit)] == "zzzz" for unit in item.units])


def test_words_in_windows_that_are_left_out_are_neither_values_nor_doubted() -> None:
    text = "ab " * 4_000 + "zz"
    model = PersonalModel(Letters(), weights(), NoLists())
    [item] = model.prepare([text])
    assert item.tokens.cut
    [chances] = model.run([item])
    assert (chances[2_000, 0], model.decide([item], [chances]).doubted) == (0.5, ())


def test_states_that_are_not_finite_give_chances_that_are_not() -> None:
    model = PersonalModel(Letters(float("nan")), weights(), NoLists())
    [chances] = model.run(model.prepare(["zz"]))
    assert np.isnan(chances).all()


def test_weights_are_what_was_saved_and_damaged_files_are_refused(tmp_path: Path) -> None:
    saved = weights().save(tmp_path)
    assert PersonalWeights.load(tmp_path).version == saved.version
    described = json.loads((tmp_path / FILES.description).read_text())
    for change in (
        {"limits": {"found": dict.fromkeys(TOLD, 0.1), "grown": 0.2, "doubted": 0.0}},
        {"limits": {"found": {"name": 0.9}, "grown": 0.2, "doubted": 0.0}},
        {"limits": {"found": 0.9, "grown": 0.2, "doubted": 0.0}},
        {"layers": [1]},
        {"outputs": ["name"]},
        {"sha256": ""},
    ):
        (tmp_path / FILES.description).write_text(json.dumps(described | change))
        with pytest.raises(DamagedWeightsError):
            PersonalWeights.load(tmp_path)


@pytest.fixture(scope="module")
def shipped() -> PersonalModel:
    return PersonalModel.load(TextEncoder.load(), NameLists())


def test_the_shipped_model_hears_names_without_a_word_that_introduces_them(shipped: PersonalModel) -> None:
    text = "The courier left it with Thandiwe Mokoena and nobody told me."
    [found] = heard(shipped, text)
    assert ("name", "Thandiwe Mokoena") in found


def test_the_shipped_model_hears_nothing_in_plain_messages(shipped: PersonalModel) -> None:
    texts = ("Where do I find my invoices?", "The password is incorrect, it says error 4012.")
    assert heard(shipped, *texts) == [[], []]


def test_a_text_does_not_depend_on_the_texts_beside_it(shipped: PersonalModel) -> None:
    text = "Please tell Rosalind that the meter is read."
    [alone] = shipped.run(shipped.prepare([text]))
    beside = shipped.run(shipped.prepare(["Hi", text, "Where is my order 4711?"]))[1]
    np.testing.assert_allclose(alone, beside, atol=1e-3)


def test_the_shipped_weights_are_small_and_name_the_files_they_learned_from() -> None:
    learned = PersonalWeights.load(SHIPPED_WEIGHTS).description.data
    assert set(learned) == {path.name for path in FOLDER.glob("*.jsonl")}
    assert (SHIPPED_WEIGHTS / FILES.weights).stat().st_size <= 500_000
