"""Calibration: what is fitted, what is read back, and how confident a mood must be."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.sentiment.calibration import (
    POSITIVE,
    POSITIVE_PRECISION,
    Calibration,
    calibration_of,
    confidences,
    fitted,
    slope_and_offset,
)
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.scores import mood_of

SIGNS = len(OUTPUTS) - MOODS


def sample(seed: int, rows: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw logits that are too sure by a factor of two, with moods and signs that follow half of them."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(size=(rows, len(OUTPUTS))) * 4
    chances = np.exp(logits[:, :MOODS] / 2)
    chances /= chances.sum(axis=1, keepdims=True)
    moods = (draw.random(rows)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    signs = (draw.random((rows, SIGNS)) < 1 / (1 + np.exp(-logits[:, MOODS:] / 2))).astype(float)
    return logits, moods, signs


def test_probabilities_after_the_fit_mean_what_they_say() -> None:
    calibration = fitted(*sample(1))
    logits, moods, signs = sample(2)
    assert calibration.temperature == pytest.approx(2.0, abs=0.2)
    said = calibration.moods(logits)
    for low in (0.4, 0.6, 0.8):
        inside = (said.max(axis=1) >= low) & (said.max(axis=1) < low + 0.2)
        assert (said.argmax(axis=1) == moods)[inside].mean() == pytest.approx(
            said.max(axis=1)[inside].mean(), abs=0.05
        )
    found = calibration.signs(logits)
    for column in range(SIGNS):
        inside = (found[:, column] > 0.6) & (found[:, column] < 0.9)
        assert signs[inside, column].mean() == pytest.approx(found[inside, column].mean(), abs=0.07)


def test_from_the_least_probability_on_a_positive_mood_is_as_precise_as_promised() -> None:
    calibration = fitted(*sample(4))
    logits, moods, _ = sample(5)
    said = np.array([mood_of(row, calibration.least_positive) for row in calibration.moods(logits)])
    called = said == POSITIVE
    assert 0.0 < calibration.least_positive <= 0.8
    assert (moods[called] == POSITIVE).mean() == pytest.approx(POSITIVE_PRECISION, abs=0.03)


def test_a_calibration_comes_back_from_json_as_it_was() -> None:
    calibration = fitted(*sample(3, rows=300))
    told = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(calibration).items()
    }
    told["confidences"] = [[list(pair) for pair in pairs] for pairs in calibration.confidences]
    assert calibration_of(told) == calibration


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"slopes": [1.0]},
        {"offsets": "none"},
        {"confidences": 3},
        {"least_positive": 1.5},
        {"least_positive": float("nan")},
    ],
)
def test_a_calibration_out_of_range_is_refused(change: dict[str, object]) -> None:
    told: dict[str, object] = {
        "temperature": 1.0,
        "slopes": [1.0] * SIGNS,
        "offsets": [0.0] * SIGNS,
        "confidences": [[[1.0, 0.0]]] * MOODS,
    }
    with pytest.raises((ValueError, TypeError)):
        calibration_of(told | change)


@given(st.integers(0, 1_000), st.floats(0.2, 3.0))
def test_above_the_confidence_at_most_the_target_is_wrong(seed: int, power: float) -> None:
    draw = np.random.default_rng(seed)
    sure = draw.random(800)
    wrong = (draw.random(800) > sure**power).astype(np.int64)
    pairs = confidences(sure, wrong, np.ones(800))
    assert pairs[-1] == (1.0, 0.0)
    assert [error for error, _ in pairs] == sorted(error for error, _ in pairs)
    for error, least in pairs[:-1]:
        kept = sure > least
        assert kept.sum() < 100 or wrong[kept].mean() <= error + 0.02
    calibration = Calibration(confidences=(pairs,) * MOODS)
    needed = [calibration.least_confidences(target)[0] for target in (0.01, 0.05, 0.1, 0.2, 1.0)]
    assert needed == sorted(needed, reverse=True)


def test_one_sided_signs_stay_finite() -> None:
    slope, offset = slope_and_offset(np.linspace(-3, 3, 50), np.zeros(50))
    assert np.isfinite([slope, offset]).all()
    assert 1 / (1 + np.exp(-offset)) < 0.5
