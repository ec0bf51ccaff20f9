"""Measures of one set of rows under many weightings at once, so that a bootstrap is a few matrix products.

`weights` is (draws, rows), at least 0: how often each draw has each row. Each function returns one value per
draw; a value that no row of the draw can show is NaN. Whole-number weights give exactly the measure of the
rows repeated that often. Pure.
"""

from collections.abc import Sequence

import numpy as np

from detectors.sentiment.arrays import Bools, Float64, Int64


def shares(weights: Float64, hits: Bools, among: Bools) -> Float64:
    """Return the share of `hits` (rows,) in the rows `among` (rows,), in [0, 1].

    >>> shares(np.array([[1.0, 1.0, 2.0]]), np.array([True, False, True]), np.array([True, True, True]))
    array([0.75])
    """
    return _ratio(weights @ (hits & among).astype(float), weights @ among.astype(float))


def macro_f1s(weights: Float64, chosen: Int64, labels: Int64, *, classes: int) -> Float64:
    """Return the mean F1 of the classes; a class that is neither chosen nor true counts as 0.

    `chosen` and `labels` (rows,) are class numbers; any other number, such as -1, is no class.

    >>> macro_f1s(np.ones((1, 4)), np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), classes=2).tolist()
    [0.7333333333333334]
    """
    numbers = np.arange(classes)
    is_chosen, is_true = chosen[:, None] == numbers, labels[:, None] == numbers
    hits = weights @ (is_chosen & is_true).astype(float)
    named = weights @ (is_chosen.astype(float) + is_true)
    return np.asarray(np.nan_to_num(_ratio(2 * hits, named)).mean(axis=1))


def areas_under_curve(weights: Float64, scores: Float64, truth: Bools) -> Float64:
    """Return the probability that a true row scores above a false row; ties count half.

    >>> scores, truth = np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True])
    >>> areas_under_curve(np.array([[1.0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0]]), scores, truth)
    array([0.875, 1.   ,   nan])
    """
    positives = _by_value(weights * truth, scores)
    negatives = _by_value(weights * ~truth, scores)
    below = negatives.cumsum(axis=1) - negatives / 2
    return _ratio((positives * below).sum(axis=1), positives.sum(axis=1) * negatives.sum(axis=1))


def calibration_errors(weights: Float64, confidence: Float64, correct: Bools, *, bins: int = 15) -> Float64:
    """Return the expected calibration error over equal-width bins of `confidence` (rows,) in [0, 1].

    >>> calibration_errors(np.ones((1, 2)), np.array([0.9, 0.9]), np.array([True, False])).round(3)
    array([0.4])
    """
    inside = (np.minimum((confidence * bins).astype(int), bins - 1)[:, None] == np.arange(bins)).astype(float)
    gaps = np.abs(weights @ (inside * (confidence - correct)[:, None])).sum(axis=1)
    return _ratio(gaps, weights.sum(axis=1))


def accuracies_at(
    weights: Float64, confidence: Float64, correct: Bools, coverage: Sequence[float]
) -> Float64:
    """Return the share of correct rows among the most confident ones: (draws, levels of coverage).

    `coverage` are the shares of rows that are kept, in (0, 1]. Rows of equal confidence are kept in equal
    parts if only some of them fit.

    >>> confidence, correct = np.array([0.5, 0.9, 0.6, 0.8]), np.array([False, True, False, True])
    >>> accuracies_at(np.ones((1, 4)), confidence, correct, (1.0, 0.5)).tolist()
    [[0.5, 1.0]]
    """
    kept = _from_zero(_by_value(weights, -confidence))
    right = _from_zero(_by_value(weights * correct, -confidence))
    wanted = kept[:, -1:] * np.asarray(coverage)
    found = [np.interp(*curve) for curve in zip(wanted, kept, right, strict=True)]
    return _ratio(np.array(found).reshape(wanted.shape), wanted)


def _by_value(weights: Float64, values: Float64) -> Float64:
    """Return (draws, distinct values): the weights summed over rows of equal value, in ascending order."""
    if not len(values):
        return np.zeros((len(weights), 0))
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return np.asarray(np.add.reduceat(weights[:, order], starts, axis=1))


def _from_zero(sums: Float64) -> Float64:
    return np.concatenate([np.zeros((len(sums), 1)), sums.cumsum(axis=1)], axis=1)


def _ratio(part: Float64, whole: Float64) -> Float64:
    result = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
