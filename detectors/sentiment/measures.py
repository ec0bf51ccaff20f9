"""Measures of probabilities: accuracy, macro F1, AUC of one class, expected calibration error. Pure."""

import numpy as np

from detectors.sentiment.arrays import Bools, Float64, Int64
from detectors.sentiment.weighted import areas_under_curve, calibration_errors, macro_f1s


def measures(probabilities: Float64, labels: Int64) -> dict[str, float]:
    """Return accuracy, macro_f1, auc_negative and ece of (n, 3) probabilities against n label numbers.

    >>> sure = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]])
    >>> found = measures(sure, np.array([0, 1, 2]))
    >>> found["accuracy"], found["macro_f1"], found["auc_negative"], round(found["ece"], 3)
    (1.0, 1.0, 1.0, 0.133)
    """
    chosen = probabilities.argmax(axis=1)
    return {
        "accuracy": float((chosen == labels).mean()),
        "macro_f1": macro_f1(chosen, labels, classes=probabilities.shape[1]),
        "auc_negative": area_under_curve(probabilities[:, 0], labels == 0),
        "ece": calibration_error(probabilities.max(axis=1), chosen == labels),
    }


def macro_f1(chosen: Int64, labels: Int64, *, classes: int) -> float:
    """Return the mean F1 of the classes; a class that is neither chosen nor true counts as 0.

    >>> macro_f1(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0]), classes=2)
    0.7333333333333334
    """
    return float(macro_f1s(_once(labels), chosen, labels, classes=classes)[0])


def area_under_curve(scores: Float64, truth: Bools) -> float:
    """Return the probability that a true item scores above a false item; ties count half.

    Returns NaN if no item is true or no item is false.

    >>> area_under_curve(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    return float(areas_under_curve(_once(scores), scores, truth)[0])


def calibration_error(confidence: Float64, correct: Bools, *, bins: int = 15) -> float:
    """Return the expected calibration error over equal-width bins of `confidence` in [0, 1].

    >>> round(calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 3)
    0.4
    """
    return float(calibration_errors(_once(confidence), confidence, correct, bins=bins)[0])


def _once(rows: Float64 | Int64) -> Float64:
    """Return the weights of one draw that has each row once."""
    return np.ones((1, len(rows)))
