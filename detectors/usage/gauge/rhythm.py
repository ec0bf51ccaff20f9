"""What a series usually is at an hour of the day or of the week."""

from detectors.usage.gauge.policy import CELL_HOURS


class GaugeRhythm:
    """Mean values by hour of a cycle; between the middles of two hours they are interpolated.

    >>> day = GaugeRhythm(24)
    >>> for hour, value in ((8.5, 10.0), (9.5, 20.0)):
    ...     day.learn(hour, value, visits=1.0, most_visits=7.0, bound=1.0)
    >>> day.forecast(8.5), day.forecast(9.0), day.forecast(23.0)
    (10.0, 15.0, None)
    """

    __slots__ = ("means", "visits")

    def __init__(self, hours: int) -> None:
        self.means = [0.0] * hours
        self.visits = [0.0] * hours

    def forecast(self, hour: float) -> float | None:
        """Return the expected value, or None if this hour was never seen."""
        cell = self._cell(hour)
        if self.visits[cell] <= 0.0:
            return None
        offset = hour / CELL_HOURS - int(hour / CELL_HOURS) - 0.5
        beside = (cell + (1 if offset > 0.0 else -1)) % len(self.means)
        if self.visits[beside] <= 0.0:
            return self.means[cell]
        return self.means[cell] + abs(offset) * (self.means[beside] - self.means[cell])

    def seen(self, hour: float) -> float:
        """Return how many visits this hour had, at most `most_visits`."""
        return self.visits[self._cell(hour)]

    def learn(self, hour: float, value: float, *, visits: float, most_visits: float, bound: float) -> None:
        """Learn a value that is worth this part of a visit; its error is cut to `bound`."""
        cell = self._cell(hour)
        if self.visits[cell] <= 0.0:
            self.means[cell], self.visits[cell] = value, visits
            return
        self.visits[cell] = min(self.visits[cell] + visits, most_visits)
        error = max(-bound, min(bound, value - self.means[cell]))
        self.means[cell] += min(1.0, visits / self.visits[cell]) * error

    def _cell(self, hour: float) -> int:
        return int(hour / CELL_HOURS) % len(self.means)
