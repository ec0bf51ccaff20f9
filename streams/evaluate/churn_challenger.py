"""Gradient boosting on the measures of the hazard: a challenger that shows what the model misses."""

import importlib
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.fitting import TrainingDays

RowScores = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Scores (rows,) of measures (rows, measures), higher is worse."""


def boosting(days: TrainingDays, seed: int) -> RowScores | None:
    """Return scikit-learn's gradient boosting fitted on training days; None if it is not installed.

    The service does not need scikit-learn. The constants are scikit-learn's customary ones for data of this
    size, without a search.
    """
    if find_spec("sklearn") is None:
        return None
    ensemble = importlib.import_module("sklearn.ensemble")
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.05, max_leaf_nodes=12, min_samples_leaf=100, random_state=seed
    )
    chosen = days.day % days.step == 0
    model.fit(days.measures[chosen], days.dark[chosen])

    def scores(measures: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = model.decision_function(measures.astype(np.float32))
        return found

    return scores
