"""From logits to calibrated probabilities, and the confidence below which a mood is uncertain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.sentiment.arrays import Bools, Float64, Int64
from detectors.sentiment.heads import MOODS, OUTPUTS
from detectors.sentiment.softmax import softmax

POSITIVE = 2
"""The place of the positive mood in OUTPUTS."""

Pairs = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of the outputs, fitted on texts that the model was not trained on.

    `temperature` divides the logits of the moods. `slopes` and `offsets` map the logit x of each sign
    (OUTPUTS after the moods) to slope * x + offset. `confidences` has for each mood, in the order of OUTPUTS,
    (target error, least confidence) pairs, ascending in the error: of the texts that were given this mood
    with the confidence or more, at most that share was wrong. A mood counts as positive only from the
    probability `least_positive` on, because thanks for a complaint hurt more than a plain answer to praise.
    """

    temperature: float = 1.0
    slopes: tuple[float, ...] = tuple(1.0 for _ in OUTPUTS[MOODS:])
    offsets: tuple[float, ...] = tuple(0.0 for _ in OUTPUTS[MOODS:])
    confidences: tuple[Pairs, ...] = (((1.0, 0.0),),) * MOODS
    least_positive: float = 0.0

    def moods(self, logits: Float64) -> Float64:
        """Return the (n, 3) calibrated probabilities of the moods from (n, k) logits."""
        return softmax(logits[:, :MOODS] / self.temperature)

    def signs(self, logits: Float64) -> Float64:
        """Return the (n, k - 3) calibrated probabilities of the signs from (n, k) logits."""
        scaled = logits[:, MOODS:] * np.array(self.slopes) + np.array(self.offsets)
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scaled, -60.0, 60.0))), dtype=np.float64)

    def least_confidences(self, target_error: float) -> tuple[float, float, float]:
        """Return for each mood the least confidence so that at most `target_error` of its texts are wrong.

        The pair with the largest error that is not above the target decides; 1 if there is none.

        >>> known = Calibration(confidences=(((0.05, 0.9), (0.1, 0.7), (1.0, 0.0)),) * 3)
        >>> [known.least_confidences(target)[0] for target in (0.08, 0.01, 1.0)]
        [0.9, 1.0, 0.0]
        """
        found = [[least for error, least in pairs if error <= target_error] for pairs in self.confidences]
        negative, neutral, positive = (fitting[-1] if fitting else 1.0 for fitting in found)
        return negative, neutral, positive


_TEMPERATURES = np.geomspace(0.25, 8.0, 241)
"""The grid of `best_temperature`: 241 values in steps of 1.5 %."""


def best_temperature(logits: Float64, labels: Int64) -> float:
    """Return the temperature in [0.25, 8], from a fixed grid, with the lowest negative log-likelihood.

    >>> best_temperature(np.array([[9.0, 0.0, 0.0]] * 4), np.array([0, 0, 0, 1])) > 4
    True
    """

    def cost(temperature: float) -> float:
        chosen = softmax(logits / temperature)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(chosen, 1e-300)).mean())

    return round(float(min(_TEMPERATURES, key=cost)), 4)


_STEPS = 100
"""Newton steps of `slope_and_offset` at most. Chosen by hand; it ends after about ten."""

_RIDGE = 1e-3
"""Weight of the squared distance from slope 1 and offset 0, so that one-sided data stays finite. By hand."""


def slope_and_offset(logits: Float64, targets: Float64) -> tuple[float, float]:
    """Return the slope and offset that make sigmoid(slope * x + offset) match targets in [0, 1] (Platt 1999).

    >>> slope, offset = slope_and_offset(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0, 1.0]))
    >>> slope < 1.0, abs(offset) < 0.01
    (True, True)
    """
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    start = np.array([1.0, 0.0])
    found = start.copy()
    for _ in range(_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -60.0, 60.0)))
        slope = design.T @ (chances - targets) / len(targets) + _RIDGE * (found - start)
        curvature = (design * (chances * (1.0 - chances))[:, None]).T @ design / len(targets)
        step = np.linalg.solve(curvature + _RIDGE * np.eye(2), slope)
        found = found - np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return round(float(found[0]), 6), round(float(found[1]), 6)


_TARGETS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3)
"""Target errors for which a least confidence is fitted."""

_FEWEST_KEPT = 100
"""Texts above a confidence that are needed to trust their share of errors. Chosen by hand."""


def confidences(confidence: Float64, is_wrong: Int64, weights: Float64) -> Pairs:
    """Return (target error, least confidence) pairs from texts with known moods, ascending in the error.

    `weights` count the texts. A target that no confidence reaches is left out; the last pair is (1, 0).

    >>> sure = np.linspace(0.5, 1.0, 1001)
    >>> pairs = confidences(sure, (sure < 0.75).astype(np.int64), np.ones(1001))
    >>> pairs[0], pairs[-1]
    ((0.01, 0.7475), (1.0, 0.0))
    """
    order = np.argsort(-confidence, kind="stable")
    kept = np.cumsum(weights[order])
    errors = np.cumsum((weights * is_wrong)[order]) / kept
    pairs: list[tuple[float, float]] = []
    for target in _TARGETS:
        fitting = np.flatnonzero((errors <= target) & (np.arange(len(order)) + 1 >= _FEWEST_KEPT))
        if len(fitting):
            pairs.append((target, round(float(confidence[order[fitting[-1]]]), 4)))
    return (*pairs, (1.0, 0.0))


POSITIVE_PRECISION = 0.92
"""Share of the texts that are called positive and are so, to which `least_positive` is fitted."""

_HIGHEST_FLOOR = 0.8
"""`least_positive` at most: above it most praise would be missed. Chosen by hand."""


def least_positive_for(positive: Float64, is_positive: Bools, precision: float) -> float:
    """Return the lowest probability from which at least the share `precision` of the texts is positive.

    `positive` holds n probabilities. At most `_HIGHEST_FLOOR`, also if no probability reaches the precision;
    0 if all texts together do.

    >>> sure = np.linspace(0.4, 1.0, 601)
    >>> round(least_positive_for(sure, sure >= 0.6, 0.9), 2), least_positive_for(sure, sure > 0.0, 0.9)
    (0.56, 0.0)
    """
    order = np.argsort(-positive, kind="stable")
    shares = np.cumsum(is_positive[order]) / np.arange(1, len(order) + 1)
    fitting = np.flatnonzero(shares >= precision)
    if len(fitting) == len(order) or not len(order):
        return 0.0
    least = float(positive[order[fitting[-1]]]) if len(fitting) else _HIGHEST_FLOOR
    return round(min(least, _HIGHEST_FLOOR), 4)


def fitted(logits: Float64, moods: Int64, signs: Float64) -> Calibration:
    """Return the calibration of (n, k) logits against moods (n,) and signs (n, k - 3); no confidences yet."""
    pairs = [
        slope_and_offset(logits[:, MOODS + column], signs[:, column]) for column in range(signs.shape[1])
    ]
    temperature = best_temperature(logits[:, :MOODS], moods)
    said = softmax(logits[:, :MOODS] / temperature)
    called = said.argmax(axis=1) == POSITIVE
    return Calibration(
        temperature=temperature,
        slopes=tuple(slope for slope, _ in pairs),
        offsets=tuple(offset for _, offset in pairs),
        least_positive=least_positive_for(
            said[called, POSITIVE], moods[called] == POSITIVE, POSITIVE_PRECISION
        ),
    )


def calibration_of(fields: dict[str, object]) -> Calibration:
    """Return the calibration that was written as JSON; raise ValueError or TypeError if it cannot be one."""
    found = Calibration(
        temperature=float(str(fields["temperature"])),
        slopes=_numbers(fields["slopes"]),
        offsets=_numbers(fields["offsets"]),
        confidences=tuple(
            tuple((pair[0], pair[1]) for pair in map(_numbers, _list(pairs)))
            for pairs in _list(fields["confidences"])
        ),
        least_positive=float(str(fields.get("least_positive", 0.0))),
    )
    everything = [found.temperature, *found.slopes, *found.offsets]
    if {len(found.slopes), len(found.offsets)} != {len(OUTPUTS) - MOODS} or len(found.confidences) != MOODS:
        raise ValueError("the calibration has another number of outputs")
    is_inside = 0.0 < found.temperature <= 20.0 and 0.0 <= found.least_positive <= 1.0
    if not np.isfinite(everything).all() or not is_inside:
        raise ValueError("the calibration is out of range")
    return found


def _numbers(value: object) -> tuple[float, ...]:
    return tuple(float(str(number)) for number in _list(value))


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TypeError("a list of numbers is expected")
    return value
