"""How surprising it is that a value stays exactly the same."""

from typing import Final

from detectors.usage.gauge.policy import LOG10_E

MOST_PAIRS: Final = 2_000.0
"""Repeated rows after which the counts are halved, so that habits may change. Chosen by hand."""

LEAST_CHANGES: Final = 50
"""Rows that differ from the row before them, before a value can be stuck. Chosen by hand."""


class GaugeRepeats:
    """Counts of rows that repeat the row before, and of those that are repeated once more."""

    __slots__ = ("again", "chances", "changes", "rows", "run", "value")

    def __init__(self) -> None:
        self.value = 0.0
        self.rows = self.changes = self.run = 0
        self.again = self.chances = 0.0

    def surprise(self, value: float) -> float:
        """Return at most the decimal digits of rareness of the run of equal values that this value continues.

        A repeated value is repeated once more with the share seen in earlier runs, p; n times with p**n. The
        surprise of a repetition is -ln(p), of which 1 - p is the lower bound that is used. A run is judged
        each time its length has doubled, so that a value that stays stuck does not alarm with each row.
        """
        run = self._run(value)
        if run < 2 or self.changes < LEAST_CHANGES:
            return 0.0
        chance = (self.again + 1.0) / (self.chances + 2.0)
        return doubled(run) * (1.0 - chance) * LOG10_E

    def _run(self, value: float) -> int:
        return self.run + 1 if self.rows > 0 and value == self.value else 0

    def learn(self, value: float) -> None:
        """Learn a value; a run is learned when it ends."""
        run = self._run(value)
        if run == 0:
            self.changes += 1
            self.chances += self.run
            self.again += max(0, self.run - 1)
        if self.chances > MOST_PAIRS:
            self.chances, self.again = 0.5 * self.chances, 0.5 * self.again
        self.value, self.run = value, run
        self.rows += 1


def doubled(run: int) -> int:
    """Return the largest power of 2 up to a run of at least 1.

    >>> [doubled(run) for run in (1, 2, 3, 4, 31)]
    [1, 2, 2, 4, 16]
    """
    return 1 << (run.bit_length() - 1)
