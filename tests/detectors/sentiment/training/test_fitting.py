"""The fit of the network, on a tiny encoder with random weights."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from detectors.sentiment.adapter import Adapter, DamagedWeightsError, merged
from detectors.sentiment.calibration import Calibration
from detectors.sentiment.forward import PackedBert
from detectors.sentiment.heads import OUTPUTS, pool
from detectors.sentiment.network import MoodEncoder
from detectors.sentiment.training.fitting import Recipe, fit
from detectors.sentiment.training.losses import LossWeights, unsteadiness
from detectors.sentiment.training.network import TrainedNetwork, predict
from detectors.sentiment.training.row import TrainingRow
from detectors.sentiment.training.school import halfway
from detectors.sentiment.weights_file import Description, MoodWeights
from tests.detectors.sentiment.support.tiny_bert import tiny_bert, tiny_lessons, tiny_tokenizer

TEXTS = {
    0: ["awful. it broke.", "bad bad bad.", "it is awful! again.", "so bad. thanks."],
    1: ["where is it? menu.", "open the file.", "how do i start?", "the menu is open. ok"],
    2: ["lovely! great.", "great work.", "so lovely. thanks!", "great, lovely."],
}
RECIPE = Recipe(batch_tokens=120, adapter_rate=1e-2, head_rate=5e-2)
EPOCHS = 20


def rows() -> list[TrainingRow]:
    signs = {0: (1.0,) * 7, 1: (0.0,) * 7, 2: (0.0,) * 7}
    return [TrainingRow(text, mood, signs[mood]) for mood, texts in TEXTS.items() for text in texts]


@cache
def trained() -> TrainedNetwork:
    import torch

    torch.manual_seed(1)
    network, maker = TrainedNetwork(tiny_bert()), tiny_lessons()
    comments = [TrainingRow(row.text, row.mood) for row in rows()]
    epochs = [[*maker.plain(rows()), *maker.plain(comments)]] * EPOCHS
    fit(network, epochs, RECIPE, progress=lambda _: None)
    return network


def logits_in_training() -> np.ndarray:
    return predict(trained(), tiny_lessons().plain(rows()))


def test_the_network_learns_moods_and_signs() -> None:
    logits = logits_in_training()
    assert (logits[:, :3].argmax(axis=1) == [row.mood for row in rows()]).mean() > 0.9
    threats = logits[:, OUTPUTS.index("threat_to_leave")]
    assert threats[:4].min() > threats[4:].max()


def test_twins_are_the_same_rows_in_another_dress_and_comments_have_none() -> None:
    lessons = tiny_lessons().dressed([*rows(), TrainingRow("great", 2)], "1", twins=1.0)
    assert [lesson.row.text for lesson in lessons[:-1]] == [
        lesson.twin.row.text for lesson in lessons if lesson.twin
    ]
    assert all(lesson.twin.tokens > lesson.tokens for lesson in lessons if lesson.twin)
    assert lessons[-1].twin is None


def test_the_weight_of_steadiness_draws_twins_together() -> None:
    import torch

    epochs = [tiny_lessons().dressed(rows(), "1", twins=1.0)] * 6
    twins = [lesson.twin for lesson in epochs[0] if lesson.twin]
    apart = []
    for steadiness in (0.0, 100.0):
        torch.manual_seed(1)
        network = TrainedNetwork(tiny_bert())
        recipe = replace(RECIPE, weights=LossWeights(steadiness=steadiness))
        fit(network, epochs, recipe, progress=lambda _: None)
        pair = predict(network, epochs[0]), predict(network, twins)
        apart.append(float(unsteadiness(*map(torch.tensor, pair))))
    assert apart[1] < apart[0] / 2


def test_a_network_that_starts_from_trained_weights_says_the_same() -> None:
    again = TrainedNetwork(tiny_bert())
    again.start_from(trained().adapters(), trained().heads())
    assert np.allclose(predict(again, tiny_lessons().plain(rows())), logits_in_training(), atol=1e-4)
    with pytest.raises(DamagedWeightsError, match="no adapter"):
        again.start_from({}, trained().heads())


def test_the_same_seed_gives_the_same_weights() -> None:
    first = trained()
    trained.cache_clear()
    again = trained()
    assert all(
        np.array_equal(first.adapters()[name].up, adapter.up) for name, adapter in again.adapters().items()
    )
    assert np.array_equal(first.heads().rule_weight, again.heads().rule_weight)


def test_the_service_computes_what_training_computed() -> None:
    network = trained()
    texts = [row.text for row in rows()]
    forward = PackedBert(merged(tiny_bert().state_dict(), network.adapters()), heads=2)
    encoder = MoodEncoder(tiny_tokenizer(), forward)
    pieces = [text.pieces for text in encoder.tokenise(texts)]
    pooled = pool(encoder.run_means([piece for text in pieces for piece in text]), pieces)
    heads = network.heads()
    logits = heads.logits(pooled, heads.sentence_logits(pooled))
    # Training multiplies in bfloat16, which has three digits.
    expected = logits_in_training()
    assert np.corrcoef(logits.ravel(), expected.ravel())[0, 1] > 0.999
    assert np.array_equal(logits[:, :3].argmax(axis=1), expected[:, :3].argmax(axis=1))


def test_only_the_upper_layers_change() -> None:
    assert {name.split(".")[2] for name in trained().adapters()} == {"3", "4", "5"}
    before = tiny_bert().state_dict()
    after = merged(before, trained().adapters())
    changed = {name for name in before if not np.array_equal(before[name].numpy(), after[name].numpy())}
    assert changed == {f"{name}.weight" for name in trained().adapters()}


@pytest.mark.parametrize("name", ["encoder.layer.9.output.dense", "encoder.layer.3.output.dense"])
def test_an_adapter_that_does_not_fit_is_refused(name: str) -> None:
    adapter = Adapter(np.zeros((2, 5), dtype=np.float32), np.zeros((7, 2), dtype=np.float32))
    with pytest.raises(DamagedWeightsError, match="has no layer"):
        merged(tiny_bert().state_dict(), {name: adapter})


def test_half_of_the_way_lies_between_the_start_and_the_fit() -> None:
    fitted, start = trained(), TrainedNetwork(tiny_bert())
    known = MoodWeights(start.adapters(), start.heads(), Description("v", "e", "c", Calibration()))
    adapters, heads = halfway(known, fitted)
    assert np.allclose(heads.rule_bias, (known.heads.rule_bias + fitted.heads().rule_bias) / 2)
    for name, found in fitted.adapters().items():
        assert np.allclose(adapters[name].up, (known.adapters[name].up + found.up) / 2)
        assert np.allclose(adapters[name].down, (known.adapters[name].down + found.down) / 2)
