"""A share of examples and its confidence interval."""

import math
from dataclasses import dataclass
from typing import Final

_Z_95: Final = 1.959964
"""The two-sided 95 % point of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of examples: `count` of `total`."""

    count: int
    total: int

    @property
    def share(self) -> float:
        """The share in [0, 1]; 0 if there is no example."""
        return self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval (low, high) of the share; (0, 1) if there is no example.

        >>> [round(bound, 3) for bound in Proportion(98, 100).interval]
        [0.93, 0.994]
        """
        if not self.total:
            return 0.0, 1.0
        spread = _Z_95**2 / self.total
        centre = self.share + spread / 2
        half = _Z_95 * math.sqrt(self.share * (1 - self.share) / self.total + spread / (4 * self.total))
        return max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread))
