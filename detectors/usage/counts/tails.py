"""Tails of predictive distributions of counts: negative binomial, exact at low counts."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Reals = NDArray[np.float64]

LEAST: Final = 1e-30
"""The smallest probability that is told apart. Chosen by hand: far beyond every threshold."""

_MOST_SIZE: Final = 1e9
"""Size from which a negative binomial is a Poisson distribution. Chosen by hand."""


def sizes(mean: Any, variance: Any) -> Reals:
    """Return the size of the negative binomial with this mean and this variance beside the Poisson noise.

    >>> sizes(np.array([10.0]), np.array([20.0])).tolist()
    [5.0]
    """
    size: Reals = np.minimum(mean * mean / np.maximum(variance, 1e-12), _MOST_SIZE)
    return np.maximum(size, 1e-6)


def at_most(count: Any, mean: Any, size: Any) -> Reals:
    """Return P(X <= count); counts need not be whole. 1 where nothing is expected.

    >>> at_most(np.array([0.0]), np.array([5.0]), np.array([1e9])).round(4).tolist()
    [0.0067]
    """
    mu = np.maximum(mean, 1e-9)
    found = special.betainc(size, np.maximum(count, 0.0) + 1.0, size / (size + mu))
    return np.where(mean > 0.0, np.maximum(found, LEAST), 1.0)


def at_least(count: Any, mean: Any, size: Any) -> Reals:
    """Return P(X >= count); 1 for a count of zero.

    >>> at_least(np.array([0.0, 1.0]), np.array([5.0, 5.0]), np.array([1e9, 1e9])).round(4).tolist()
    [1.0, 0.9933]
    """
    mu = np.maximum(mean, 1e-9)
    found = special.betainc(np.maximum(count, 1e-9), size, mu / (size + mu))
    return np.where(count > 0.0, np.maximum(found, LEAST), 1.0)


def none_at_all(mean: Any, size: Any) -> Reals:
    """Return P(X = 0).

    >>> none_at_all(np.array([2.0]), np.array([1.0])).round(4).tolist()
    [0.3333]
    """
    found: Reals = np.exp(-size * np.log1p(mean / size))
    return np.maximum(found, LEAST)


def log_chance(count: Any, mean: Any, size: Any) -> Reals:
    """Return ln P(X = count)."""
    mu = np.maximum(mean, 1e-9)
    ways = special.gammaln(count + size) - special.gammaln(size) - special.gammaln(count + 1.0)
    found: Reals = ways + size * np.log(size / (size + mu)) + count * np.log(mu / (size + mu))
    return found


def score(chance: Any) -> Reals:
    """Return -log10 of a probability.

    >>> score(np.array([0.001])).tolist()
    [3.0]
    """
    found: Reals = -np.log10(np.maximum(chance, LEAST))
    return found
