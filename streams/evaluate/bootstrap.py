"""Bootstrap intervals of many measures at once: the same seeded draws of rows for each measure and model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.sentiment.arrays import Float64, Int64

DRAWS: Final = 1_000
"""Draws of a bootstrap. Chosen by hand: the ends of a 95 % interval rest on 25 draws each."""

_BLOCK_ENTRIES: Final = 4_000_000
"""Weights that are held in memory at once: 32 MB. Chosen by hand."""

_TAILS: Final = (0.025, 0.975)

Measures = Callable[[Float64], Mapping[str, Float64]]
"""Takes weights (draws, rows) and returns one value per draw for each named measure; NaN is no value."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A measure on the rows as they are, and on each draw of them (draws,)."""

    value: float
    draws: Float64

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % percentile interval (low, high) over the draws that have a value; NaN if none has one.

        >>> Sampled(0.5, np.array([0.2, 0.4, np.nan, 0.6])).interval
        (0.21000000000000002, 0.59)
        """
        known = self.draws[~np.isnan(self.draws)]
        if not len(known):
            return float("nan"), float("nan")
        low, high = np.quantile(known, _TAILS)
        return float(low), float(high)

    def minus(self, other: "Sampled") -> "Sampled":
        """Return the difference to a measure that was made on the same draws of the same rows."""
        return Sampled(self.value - other.value, self.draws - other.draws)


@dataclass(frozen=True, slots=True)
class Resampling:
    """How rows are drawn: `count` draws from `seed`; whole clusters if `clusters` numbers them (rows,)."""

    seed: int
    count: int = DRAWS
    clusters: Int64 | None = None


def sampled(measures: Measures, rows: int, resampling: Resampling) -> dict[str, Sampled]:
    """Return each measure of `rows` rows with its draws; equal arguments give equal draws.

    Models that are measured with equal `rows` and `resampling` are measured on the same draws, so their
    differences are paired.

    >>> found = sampled(lambda weights: {"rows": weights.sum(axis=1)}, 5, Resampling(seed=1, count=3))
    >>> found["rows"].value, found["rows"].draws
    (5.0, array([5., 5., 5.]))
    """
    once = measures(np.ones((1, rows)))
    blocks = [measures(weights) for weights in draws_of(rows, resampling)]
    return {
        name: Sampled(float(value[0]), np.concatenate([block[name] for block in blocks]))
        for name, value in once.items()
    }


def draws_of(rows: int, resampling: Resampling) -> Iterator[Float64]:
    """Yield weights (draws, rows) in blocks of bounded size; together they have `count` draws.

    A draw takes as many rows as there are, with replacement; or as many clusters as there are, each with all
    its rows. Raises ValueError if there is no row.
    """
    if not rows:
        raise ValueError("a bootstrap needs at least one row")
    generator = np.random.default_rng(resampling.seed)
    names = np.arange(rows) if resampling.clusters is None else resampling.clusters
    places = np.unique(names, return_inverse=True)[1]
    size = int(places.max()) + 1
    block = max(1, _BLOCK_ENTRIES // rows)
    for start in range(0, resampling.count, block):
        draws = min(block, resampling.count - start)
        yield _counts(generator, draws, size)[:, places].astype(float)


def _counts(generator: np.random.Generator, draws: int, size: int) -> Int64:
    """Return (draws, size): how often each of `size` items is in each draw of `size` items."""
    taken = generator.integers(size, size=(draws, size)) + size * np.arange(draws)[:, None]
    return np.bincount(taken.ravel(), minlength=draws * size).reshape(draws, size)
