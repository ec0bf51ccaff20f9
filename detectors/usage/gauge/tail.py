"""How rare a size is for a series: an exponential tail above a running quantile."""

from typing import Final

from detectors.usage.gauge.policy import LOG10_E, MOST_SURPRISE, GaugePolicy

LEAST_EXCEEDANCES: Final = 20
"""Exceedances before an excess is cut when it is learned. Chosen by hand."""

DIGITS_AT_QUANTILE: Final = 1.6989700043360187
"""log10(50): the surprise of the quantile of the highest 2 %."""


class GaugeTail:
    """The tail of sizes of at least 0, learned while they come, in constant memory.

    Peaks over threshold (Davison and Smith 1990) with an exponential tail; the threshold is a quantile that
    moves by stochastic approximation (Robbins and Monro 1951). The mean excess forgets, and is kept relative
    to the threshold, so that it shrinks at once when the forecasts become better.
    """

    __slots__ = ("_policy", "exceedances", "excess", "positive", "quantile", "rows", "scale")

    def __init__(self, policy: GaugePolicy) -> None:
        self._policy = policy
        self.quantile = self.excess = self.scale = 0.0
        self.exceedances = self.positive = self.rows = 0

    def surprise(self, size: float) -> float:
        """Return the decimal digits of rareness of a size, 0 to 300; 0 in the warm-up.

        At the quantile it is 1.7, one row in 50; below it grows with the size.
        """
        excess = self.excess * self._unit() + self._policy.scale_floor * self.scale
        if self.rows < self._policy.warm_up_rows or excess <= 0.0:
            return 0.0
        if size > self.quantile:
            beyond = (size - self.quantile) / excess * LOG10_E
            return min(MOST_SURPRISE, DIGITS_AT_QUANTILE + beyond)
        return DIGITS_AT_QUANTILE * (size / self.quantile) if self.quantile > 0.0 else 0.0

    def learn(self, size: float) -> None:
        """Learn a size."""
        policy = self._policy
        self.rows += 1
        self.scale += max(1.0 / self.rows, 1.0 / policy.scale_rows) * (size - self.scale)
        self.positive += size > 0.0
        step = max(policy.tail_first / max(self.positive, 1), policy.tail_rate) * self.scale
        if self.quantile == 0.0:
            self.quantile = size
        elif size > self.quantile:
            excess = (size - self.quantile) / self._unit()
            self.quantile = min(size, self.quantile + step * (1.0 - policy.tail_share))
            self._learn_excess(excess)
        else:
            self.quantile = max(0.0, self.quantile - step * policy.tail_share)

    def _unit(self) -> float:
        return self.quantile + self._policy.tail_scales * self.scale

    def _learn_excess(self, excess: float) -> None:
        if self.exceedances > LEAST_EXCEEDANCES:
            excess = min(excess, self._policy.tail_cut * self.excess)
        self.exceedances += 1
        weight = max(1.0 / self.exceedances, 1.0 / self._policy.tail_memory)
        self.excess += weight * (excess - self.excess)
