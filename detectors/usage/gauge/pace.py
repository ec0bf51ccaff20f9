"""The sampling interval of a series, measured while it runs."""

from dataclasses import dataclass
from typing import Final, NamedTuple

_HOUR: Final = 3_600.0
STEP: Final = 0.05
"""Share of the interval by which one row can move it, after the first rows. Chosen by hand."""

MOST_INTERVALS: Final = 3.0
"""Intervals of a gap that count as passed: what happened in a longer gap is not known. Chosen by hand."""


class GaugeStep(NamedTuple):
    """Hours since the newest row, cut for a long gap and 0 for a late row; the interval; the newest time."""

    passed: float
    interval: float
    newest: float


@dataclass(slots=True)
class GaugePace:
    """The newest time in seconds, the typical interval in hours, and the number of rows."""

    newest: float = 0.0
    interval: float = 0.0
    rows: int = 0

    def step(self, at: float) -> GaugeStep:
        """Return the step to a row at this time in seconds; nothing is changed.

        >>> pace = GaugePace()
        >>> for hour in range(3):
        ...     pace.take(pace.step(hour * 3600.0))
        >>> pace.step(100 * 3600.0)[:2], pace.step(0.0)[:2]
        ((3.75, 1.25), (0.0, 1.0))
        """
        if self.rows == 0:
            return GaugeStep(0.0, 0.0, at)
        gap = (at - self.newest) / _HOUR
        if gap <= 0.0:
            return GaugeStep(0.0, self.interval, self.newest)
        interval = self._towards(gap) if self.interval > 0.0 else gap
        return GaugeStep(min(gap, MOST_INTERVALS * interval), interval, at)

    def _towards(self, gap: float) -> float:
        most = max(STEP, 1.0 / (self.rows + 1)) * self.interval
        return self.interval + max(-most, min(most, gap - self.interval))

    def take(self, step: GaugeStep) -> None:
        """Take the step."""
        self.newest, self.interval = step.newest, step.interval
        self.rows += 1
