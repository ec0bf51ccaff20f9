"""A share of examples and its confidence interval."""

from dataclasses import dataclass

from detectors.decisions.proportion import share_of


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
        found = share_of(self.count, self.total)
        return found.low, found.high
