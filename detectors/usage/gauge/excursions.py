"""The largest excursions of a series, so that what happens again and again is no news."""

from detectors.usage.gauge.pace import GaugeStep
from detectors.usage.gauge.policy import GaugePolicy, share


class GaugeExcursions:
    """Sizes and weights of the largest excursions; rows that follow each other closely are one excursion."""

    __slots__ = ("_policy", "left", "open", "sizes", "weights")

    def __init__(self, policy: GaugePolicy) -> None:
        self._policy = policy
        self.sizes: list[float] = []
        self.weights: list[float] = []
        self.open = -1
        self.left = 0.0

    def repeats(self, size: float, step: GaugeStep) -> float:
        """Return how many earlier excursions, faded by age, were about as large; the open one is none."""
        fading = share(step.passed, self._policy.excursion_hours)
        still_open = self.open if self.left - step.passed > 0.0 else -1
        least = self._policy.excursion_share * size
        count = 0.0
        for place, (earlier, weight) in enumerate(zip(self.sizes, self.weights, strict=True)):
            if place != still_open and earlier >= least:
                count += weight - fading * weight
        return count

    def learn(self, size: float, step: GaugeStep) -> None:
        """Learn a size: it belongs to the open excursion, or begins one if it is large enough."""
        fading = share(step.passed, self._policy.excursion_hours)
        self.weights = [weight - fading * weight for weight in self.weights]
        self.left -= step.passed
        if self.left <= 0.0:
            self.open = -1
        if self.open >= 0:
            if size > self.sizes[self.open]:
                self._hold(self.open, size, self.weights[self.open], step)
        elif size > 0.0:
            self._begin(size, step)

    def _begin(self, size: float, step: GaugeStep) -> None:
        if len(self.sizes) < self._policy.excursions:
            self.sizes.append(size)
            self.weights.append(1.0)
            self._hold(len(self.sizes) - 1, size, 1.0, step)
            return
        faded = [earlier * weight for earlier, weight in zip(self.sizes, self.weights, strict=True)]
        least = min(faded)
        if size > least:
            self._hold(faded.index(least), size, 1.0, step)

    def _hold(self, place: int, size: float, weight: float, step: GaugeStep) -> None:
        self.sizes[place], self.weights[place], self.open = size, weight, place
        self.left = max(self._policy.rest_hours, self._policy.rest_rows * step.interval)
