"""A training multiplies in the precision that is fast on its processor, and learns the same in either."""

from functools import cache

import numpy as np
import pytest
import torch

from detectors.sentiment.training import precision
from detectors.sentiment.training.fitting import Recipe, fit
from detectors.sentiment.training.network import TrainedNetwork, predict
from detectors.sentiment.training.row import TrainingRow
from tests.detectors.sentiment.support.tiny_bert import tiny_bert, tiny_lessons

ROWS = [
    TrainingRow(text, mood, (float(mood == 0),) * 7)
    for mood, text in enumerate(("awful. it broke.", "where is it? menu.", "lovely! great."))
]
PROCESSORS = {"single": {"avx2": True}, "half": {"avx512_bf16": True}}


def logits(monkeypatch: pytest.MonkeyPatch, processor: str) -> np.ndarray:
    """Return what a network says after a short training on a processor."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: PROCESSORS[processor])
    monkeypatch.setattr(
        precision,
        "has_fast_bfloat16",
        cache(precision.has_fast_bfloat16.__wrapped__),  # this test's own cache
    )
    torch.manual_seed(1)
    network, lessons = TrainedNetwork(tiny_bert()), tiny_lessons().plain(ROWS)
    kinds = {parameter.dtype for parameter in network.upper.parameters()}
    assert (torch.bfloat16 in kinds) == (processor == "half")
    fit(network, [lessons] * 10, Recipe(adapter_rate=1e-2, head_rate=5e-2), progress=lambda _: None)
    return predict(network, lessons)


def test_a_processor_without_half_precision_learns_the_same_in_single(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    single, half = logits(monkeypatch, "single"), logits(monkeypatch, "half")
    assert (single[:, :3].argmax(axis=1) == [0, 1, 2]).all()
    assert (half[:, :3].argmax(axis=1) == [0, 1, 2]).all()
    assert np.abs(single - half).max() < 0.5
