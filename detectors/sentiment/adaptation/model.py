"""The model of one desk: an output refit and a logistic regression on the states, joined geometrically.

The recipe (output refit, regression on the states, geometric mean of both) is measured in the project's
notes on text; the curve of `rapport evaluate sentiment --adapt` measures it again on any file.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.sentiment.adaptation.corrections import CorrectionLog, logarithms, unit_states
from detectors.sentiment.adaptation.kernel import StateFit, fit_dual
from detectors.sentiment.adaptation.regression import Penalty, fit_weights
from detectors.sentiment.arrays import Float32, Float64, Int64
from detectors.sentiment.scores import LABELS
from detectors.sentiment.softmax import softmax

REFIT_STRENGTH: Final = 3.0
"""Penalty of the refit's matrix on its distance from the identity. Chosen on half of the corpus's writers."""

BIAS_STRENGTH: Final = 0.75
"""Penalty of the refit's bias, the only place for a desk's share of moods. Chosen in the same way."""

STATE_FITS: Final = (
    StateFit(from_shipped=False, strength=0.03),
    StateFit(from_shipped=False, strength=0.1),
    StateFit(from_shipped=True, strength=0.1),
    StateFit(from_shipped=True, strength=0.5),
)
"""The regressions that compete: from nothing (for a far domain), or as a change of the shipped model."""

SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the regression in the geometric mean that compete; 0.5 is the plain geometric mean."""

FOLDS: Final = 5
"""Parts of the log, each predicted by a fit on the others, by which regression and share are chosen."""


@dataclass(frozen=True, slots=True)
class DeskModel:
    """A fitted model: (1 - share) x log of the refit + share x log of the regression, normalised.

    `refit` is (3, 4): a matrix on the shipped log-probabilities and a bias. `weight` (3, d) and `bias` (3,)
    are the regression on `unit_states`; `from_shipped` adds the shipped log-probabilities to its logits.
    """

    refit: Float64
    weight: Float32
    bias: Float64
    from_shipped: bool
    share: float

    def probabilities(self, states: Float32, shipped: Float64) -> Float64:
        """Return adapted (n, 3) probabilities from states (n, d) and the shipped probabilities (n, 3)."""
        logs = logarithms(shipped)
        first = log_softmax(with_one(logs) @ self.refit.T)
        logits = unit_states(states) @ self.weight.T + self.bias
        second = log_softmax(logits + logs if self.from_shipped else logits)
        return softmax((1 - self.share) * first + self.share * second)


def fit_desk(log: CorrectionLog, importance: Float64) -> DeskModel:
    """Return the model of a log with at least two corrections; equal arguments give an equal model.

    `importance` (n,) multiplies the loss of each correction. The regression and its share are those that
    predict held-back fifths of the log best; ties go to the earlier regression and the smaller share.
    """
    inputs, logs = log.inputs, log.logs.astype(np.float64)
    similarities = inputs @ inputs.T + 1.0
    rows = _Rows(similarities, logs, log.labels, importance)
    fit, share = _chosen(rows)
    dual = fit_dual(similarities, log.labels, importance, offsets=fit.offsets(logs), strength=fit.strength)
    return DeskModel(
        refit=_refit(logs, log.labels, importance),
        weight=np.asarray(dual.T @ inputs, dtype=np.float32),
        bias=np.asarray(dual.sum(axis=0), dtype=np.float64),
        from_shipped=fit.from_shipped,
        share=share,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    similarities: Float64
    logs: Float64
    labels: Int64
    importance: Float64


def _chosen(rows: _Rows) -> tuple[StateFit, float]:
    count = len(rows.labels)
    first = np.zeros((count, len(LABELS)))
    seconds = np.zeros((len(STATE_FITS), count, len(LABELS)))
    for number in range(min(FOLDS, count)):
        held = np.arange(count) % FOLDS == number
        first[held] = _refit_elsewhere(rows, held)
        for place, fit in enumerate(STATE_FITS):
            seconds[place, held] = _regression_elsewhere(rows, held, fit)

    def cost(candidate: tuple[int, float]) -> float:
        place, share = candidate
        joined = log_softmax((1 - share) * first + share * seconds[place])
        return float(-(joined[np.arange(count), rows.labels] * rows.importance).sum())

    place, share = min(product(range(len(STATE_FITS)), SHARES), key=cost)
    return STATE_FITS[place], share


def _refit_elsewhere(rows: _Rows, held: NDArray[np.bool_]) -> Float64:
    kept = ~held
    refit = _refit(rows.logs[kept], rows.labels[kept], rows.importance[kept])
    return log_softmax(with_one(rows.logs[held]) @ refit.T)


def _regression_elsewhere(rows: _Rows, held: NDArray[np.bool_], fit: StateFit) -> Float64:
    kept = ~held
    dual = fit_dual(
        rows.similarities[np.ix_(kept, kept)],
        rows.labels[kept],
        rows.importance[kept],
        offsets=fit.offsets(rows.logs[kept]),
        strength=fit.strength,
    )
    return log_softmax(fit.offsets(rows.logs[held]) + rows.similarities[np.ix_(held, kept)] @ dual)


def _refit(logs: Float64, labels: Int64, importance: Float64) -> Float64:
    strength = np.tile([REFIT_STRENGTH] * len(LABELS) + [BIAS_STRENGTH], (len(LABELS), 1))
    penalty = Penalty(strength, np.eye(len(LABELS), len(LABELS) + 1))
    nothing = np.zeros((len(labels), len(LABELS)))
    return fit_weights(with_one(logs), labels, importance, offsets=nothing, penalty=penalty)


def with_one(logs: Float64) -> Float64:
    """Return the rows with a 1 after their last number, for a bias.

    >>> with_one(np.array([[2.0]])).tolist()
    [[2.0, 1.0]]
    """
    return np.hstack([logs, np.ones((len(logs), 1))])


def log_softmax(logits: Float64) -> Float64:
    """Return the log-probabilities of rows of logits.

    >>> log_softmax(np.array([[0.0, 0.0]])).round(2).tolist()
    [[-0.69, -0.69]]
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)
