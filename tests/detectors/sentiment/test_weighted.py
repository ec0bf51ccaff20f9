"""Measures under weights: they equal the measures of the rows repeated that often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.sentiment.arrays import Bools, Float64, Int64
from detectors.sentiment.measures import area_under_curve, calibration_error, macro_f1
from detectors.sentiment.weighted import (
    accuracies_at,
    areas_under_curve,
    calibration_errors,
    macro_f1s,
    shares,
)


def plain_area(scores: Float64, truth: Bools) -> float:
    """Compare each true row with each false row."""
    pairs = [(a > b) + (a == b) / 2 for a in scores[truth] for b in scores[~truth]]
    return float(np.mean(pairs)) if pairs else float("nan")


def plain_calibration_error(confidence: Float64, correct: Bools) -> float:
    """Go through fifteen bins one by one."""
    error = 0.0
    for number in range(15):
        inside = np.minimum((confidence * 15).astype(int), 14) == number
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - correct[inside].mean())
    return float(error)


def plain_f1(chosen: Int64, labels: Int64, number: int) -> float:
    hits = int(((chosen == number) & (labels == number)).sum())
    wrong = int(((chosen == number) ^ (labels == number)).sum())
    return 2 * hits / (2 * hits + wrong) if hits else 0.0


rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 10), st.booleans(), st.integers(-1, 2), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


@given(rows)
def test_whole_weights_measure_the_rows_repeated_that_often(
    found: list[tuple[int, int, bool, int, int]],
) -> None:
    counts, tenths, flags, chosen, labels = (np.array(column) for column in zip(*found, strict=True))
    scores, weights = tenths / 10, counts[None, :].astype(float)
    scores_again, flags_again = np.repeat(scores, counts), np.repeat(flags, counts)
    chosen_again, labels_again = np.repeat(chosen, counts), np.repeat(labels, counts)
    assert areas_under_curve(weights, scores, flags)[0] == pytest.approx(
        plain_area(scores_again, flags_again), nan_ok=True
    )
    if counts.sum():
        assert calibration_errors(weights, scores, flags)[0] == pytest.approx(
            plain_calibration_error(scores_again, flags_again)
        )
        assert shares(weights, flags, np.ones(len(flags), dtype=bool))[0] == pytest.approx(flags_again.mean())
    assert macro_f1s(weights, chosen, labels, classes=3)[0] == pytest.approx(
        np.mean([plain_f1(chosen_again, labels_again, number) for number in range(3)])
    )


@given(rows)
def test_the_measures_of_one_set_of_rows_are_those_of_weights_of_one(
    found: list[tuple[int, int, bool, int, int]],
) -> None:
    _, tenths, flags, chosen, labels = (np.array(column) for column in zip(*found, strict=True))
    assert area_under_curve(tenths / 10, flags) == pytest.approx(plain_area(tenths / 10, flags), nan_ok=True)
    assert calibration_error(tenths / 10, flags) == pytest.approx(plain_calibration_error(tenths / 10, flags))
    assert macro_f1(chosen, labels, classes=3) == pytest.approx(
        np.mean([plain_f1(chosen, labels, number) for number in range(3)])
    )


def test_accuracy_at_a_coverage_keeps_the_most_confident_rows_of_each_draw() -> None:
    confidence, correct = np.array([0.9, 0.7, 0.5, 0.3]), np.array([True, True, False, False])
    weights = np.array([[1.0, 1, 1, 1], [0, 1, 0, 3], [0, 0, 0, 0]])
    curve = accuracies_at(weights, confidence, correct, (1.0, 0.5))
    assert curve[:2].tolist() == [[0.5, 1.0], [0.25, 0.5]]
    assert np.isnan(curve[2]).all()


def test_rows_of_equal_confidence_are_kept_in_equal_parts() -> None:
    confidence, correct = np.array([0.5, 0.5, 0.5, 0.5]), np.array([True, False, False, True])
    for order in ([0, 1, 2, 3], [1, 2, 0, 3], [3, 0, 1, 2]):
        found = accuracies_at(np.ones((1, 4)), confidence[order], correct[order], (0.25,))
        assert found[0, 0] == 0.5


def test_a_measure_without_any_row_has_no_value() -> None:
    none = np.ones((2, 0))
    nothing, no_flags = np.ones(0), np.ones(0, dtype=bool)
    assert np.isnan(areas_under_curve(none, nothing, no_flags)).all()
    assert np.isnan(calibration_errors(none, nothing, no_flags)).all()
    assert np.isnan(shares(none, no_flags, no_flags)).all()
    assert np.isnan(accuracies_at(none, nothing, no_flags, (1.0,))).all()
