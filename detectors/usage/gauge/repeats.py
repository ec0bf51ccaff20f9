"""How surprising it is that a value stays exactly the same."""

from typing import Final

from detectors.usage.gauge.policy import LOG10_E

_MOST_PAIRS: Final = 2_000.0
"""Pairs of rows after which the counts are halved, so that habits may change. Chosen by hand."""


class GaugeRepeats:
    """Counts of rows that repeat the row before, and of those that are repeated once more."""

    __slots__ = ("again", "chances", "rows", "run", "value")

    def __init__(self) -> None:
        self.value = 0.0
        self.rows = 0
        self.run = 0
        self.again = self.chances = 0.0

    def surprise(self, value: float) -> float:
        """Return at most the decimal digits of rareness of the run that this value makes longer.

        A repeated value is repeated once more with the share seen so far, p; n times in a row with p**n. The
        surprise of a repetition is -ln(p), of which 1 - p is the lower bound that is used.
        """
        run = self._run(value)
        if run < 2:
            return 0.0
        chance = (self.again + 1.0) / (self.chances + 2.0)
        return run * (1.0 - chance) * LOG10_E

    def _run(self, value: float) -> int:
        return self.run + 1 if self.rows > 0 and value == self.value else 0

    def learn(self, value: float) -> None:
        """Learn a value."""
        run = self._run(value)
        if self.run >= 1:
            self.chances += 1.0
            self.again += 1.0 if run >= 2 else 0.0
        if self.chances > _MOST_PAIRS:
            self.chances, self.again = 0.5 * self.chances, 0.5 * self.again
        self.value, self.run = value, run
        self.rows += 1
