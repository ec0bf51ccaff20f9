"""Drift of scores: the population stability index of P(negative) against a reference window."""

from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float64

WINDOW: Final = 1_000
"""Scores of the reference and of the present window. Chosen by hand."""

BINS: Final = 10
"""Equal-width bins of P(negative)."""

_EDGES: Final = np.linspace(0.0, 1.0, BINS + 1)


class ScoreDrift:
    """Compares the newest scores of a process with its first ones. Bounded; event order does not matter."""

    def __init__(self) -> None:
        self._reference: list[float] = []
        self._present: deque[float] = deque(maxlen=WINDOW)

    def observe(self, negatives: Iterable[float]) -> None:
        """Take in probabilities of a negative mood in [0, 1]: the first WINDOW are the reference."""
        for value in negatives:
            target = self._reference if len(self._reference) < WINDOW else self._present
            target.append(value)

    @property
    def index(self) -> float | None:
        """The stability index, or None before both windows are full.

        Below 0.1 the scores are stable, above 0.25 they have moved (the usual reading of the index).
        """
        if len(self._present) < WINDOW:
            return None
        return stability_index(np.array(self._reference), np.array(self._present))


def stability_index(reference: Float64, present: Float64) -> float:
    """Return the sum over bins of (share now - share then) x log(share now / share then).

    Each bin counts one value more, so that no share is 0.

    >>> stability_index(np.array([0.1, 0.9]), np.array([0.1, 0.9]))
    0.0
    >>> stability_index(np.full(1000, 0.1), np.full(1000, 0.9)) > 0.25
    True
    """
    then, now = _shares(reference), _shares(present)
    return float(((now - then) * np.log(now / then)).sum())


def _shares(values: Float64) -> Float64:
    counts = np.histogram(values, bins=_EDGES)[0] + 1.0
    return np.asarray(counts / counts.sum(), dtype=np.float64)
