"""The online part of the hazard: a River logistic regression over the terms of the prior.

Each term of the prior begins with weight 1, so that the first score is the prior's; the weights then follow
the accounts of this deployment. River's Page-Hinkley test watches the log loss; a drift is counted, so that
a person can train the prior again. Score first, then learn.
"""

import math
from collections.abc import Hashable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from river import base, compose, drift, linear_model, optim, stats, utils
from typing_extensions import override

from detectors.churn.hazard.names import GROUPS, INDICATORS, NAMES, TERM_NAMES, TERMS
from detectors.churn.hazard.prior import Prior
from schemas.base import Record

RATE: Final = 0.0004
"""Learning rate of the stochastic gradient.

Chosen on AAA-2013J under a fit on BBB-2013B, of .0015, .0004 and .0001: the largest that loses no precision.
"""

OUTCOME_WEIGHT: Final = 5.0
"""How many labels the outcome that a person entered counts for. Chosen by hand: it is sure and rare."""

_MOST_LOSS: Final = 6.0
"""Log loss from which a label counts no more in the watch of drift. Chosen by hand."""

_LEAST_LABELS: Final = 500
_DRIFT_DELTA: Final = 0.02
_DRIFT_THRESHOLD: Final = 60.0
"""Page-Hinkley: labels before it judges, tolerated rise, and alarm in units of log loss. By hand."""

TermMatrix = NDArray[np.float64]


class PriorTerms(base.Transformer):
    """River transformer from the measures of an account to the terms of the prior.

    >>> from detectors.churn.hazard.shipped import load_prior
    >>> terms = PriorTerms(load_prior()).transform_one({"gap": 1.0})
    >>> sorted(terms) == sorted(TERM_NAMES)
    True
    """

    def __init__(self, prior: Prior) -> None:
        self.prior = prior

    @override
    def transform_one(self, x: dict[Hashable, Any]) -> dict[Hashable, Any]:
        """Return all terms; measures that are missing are unknown, other keys are terms of evidence."""
        measures = np.array([[x.get(name, math.nan) for name in NAMES]])
        terms: dict[Hashable, Any] = dict(zip(GROUPS, self.prior.terms(measures)[0].tolist(), strict=True))
        return terms | {name: float(x.get(name, 0.0)) for name in (*TERMS, *INDICATORS)}


class HazardLearnerState(Record):
    """The learned part, JSON both ways: weights, intercept, labels learned, and the watch of drift."""

    weights: tuple[float, ...] = Field(min_length=len(TERM_NAMES), max_length=len(TERM_NAMES))
    intercept: float
    labels: int = Field(ge=0)
    drifts: int = Field(ge=0)
    watch: tuple[float, ...] = Field(min_length=7, max_length=7)


class HazardLearner:
    """The model of one population: `raw` scores many accounts, `learn` takes one label.

    `drifts` counts the drifts that were found, `labels` the labels that were learned.
    """

    def __init__(self, prior: Prior) -> None:
        self.prior = prior
        self.labels = 0
        self.drifts = 0
        self._regression = linear_model.LogisticRegression(
            optimizer=optim.SGD(RATE), intercept_init=prior.intercept, intercept_lr=RATE, clip_gradient=10.0
        )
        self._set_weights((1.0,) * (len(GROUPS) + len(TERMS)) + (0.0,) * len(INDICATORS))
        self._drift = _page_hinkley()

    def pipeline(self) -> compose.Pipeline:
        """Return the model as a River pipeline over measures; it shares the weights with this learner."""
        return PriorTerms(self.prior) | self._regression

    @property
    def weights(self) -> TermMatrix:
        """The weight of each term (terms,)."""
        known = self._regression.weights
        return np.array([known[name] for name in TERM_NAMES])

    @property
    def intercept(self) -> float:
        """The log-odds of an account whose terms are all 0."""
        return float(self._regression.intercept)

    def raw(self, terms: TermMatrix) -> TermMatrix:
        """Return the raw log-odds (accounts,) of terms (accounts, terms), as River's model has them."""
        raw: TermMatrix = terms @ self.weights + self.intercept
        return raw

    def learn(self, terms: TermMatrix, is_dark: bool, weight: float = 1.0) -> None:
        """Watch the loss of one label (terms,), then learn it."""
        raw = float(self.raw(terms[None])[0])
        loss = math.log1p(math.exp(-abs(raw))) + max(0.0, -raw if is_dark else raw)
        self._drift.update(min(loss, _MOST_LOSS))
        self.drifts += self._drift.drift_detected
        self.labels += 1
        named = dict(zip(TERM_NAMES, terms.tolist(), strict=True))
        self._regression.learn_one(named, is_dark, w=weight)

    def state(self) -> HazardLearnerState:
        """Return everything that was learned."""
        return HazardLearnerState(
            weights=tuple(self.weights.tolist()),
            intercept=self.intercept,
            labels=self.labels,
            drifts=self.drifts,
            watch=_watch_of(self._drift),
        )

    def restore(self, state: HazardLearnerState) -> None:
        """Take over what another learner of the same prior had learned."""
        self._set_weights(state.weights)
        self._regression.intercept = state.intercept
        self.labels, self.drifts = state.labels, state.drifts
        self._drift = _restored_watch(state.watch)

    def _set_weights(self, weights: tuple[float, ...]) -> None:
        # River gives no public way to begin with given weights.
        self._regression._weights = utils.VectorDict(dict(zip(TERM_NAMES, weights, strict=True)))


def _page_hinkley() -> Any:
    return drift.PageHinkley(
        min_instances=_LEAST_LABELS, delta=_DRIFT_DELTA, threshold=_DRIFT_THRESHOLD, mode="up"
    )


def _watch_of(watch: Any) -> tuple[float, ...]:
    mean = watch._x_mean
    sums = (watch._sum_increase, watch._sum_decrease, _finite(watch._min_increase), watch._max_decrease)
    return (float(mean.n), mean.get(), *sums, float(watch.drift_detected))


def _finite(value: float) -> float:
    return min(value, 1e300)


def _restored_watch(saved: tuple[float, ...]) -> Any:
    watch = _page_hinkley()
    watch._x_mean = stats.Mean._from_state(int(saved[0]), saved[1])
    watch._sum_increase, watch._sum_decrease, watch._min_increase, watch._max_decrease = saved[2:6]
    watch._drift_detected = bool(saved[6])
    return watch
