"""Evidence that one model predicts better than another, which may be looked at after every correction.

The test is a bet (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting"):
capital 1 is bet on the claim that the rival loses less. While the claim is false the expected capital never
grows, so the chance that it ever reaches 1 / ALPHA is at most ALPHA, however often somebody looks.
"""

import math
from dataclasses import dataclass
from typing import Final

from detectors.sentiment.arrays import Float64

STAKES: Final = (0.1, 0.2, 0.4, 0.8)
"""Shares of the capital that are staked side by side, each with a quarter of it. Chosen by hand."""

LARGEST_GAIN: Final = 1.5
"""Gains of one prediction are cut to this, in nats, so that a gain is bounded. Chosen by hand."""

ALPHA: Final = 0.05
"""The greatest chance that a model which is not better is ever promoted for the first time. By hand."""

LEAST_SCORED: Final = 12.0
"""Predictions before a model can win. Chosen by hand."""

LEAST_LEAD: Final = 0.01
"""Nats per prediction by which a newer fit must lead the desk's present model. Chosen by hand."""

FLOOR: Final = 1e-6
"""Probabilities are raised to this before their logarithm is taken. Chosen by hand."""

Capitals = tuple[float, float, float, float]
"""The logarithm of the capital of each stake."""

NO_EVIDENCE: Final[Capitals] = (0.0, 0.0, 0.0, 0.0)


def after_bet(capitals: Capitals, gain: float, *, weight: float = 1.0) -> Capitals:
    """Return the capitals after one prediction; `gain` is the loss of the holder minus that of the rival.

    `weight` in [0, 1] shrinks the gain of a row that counts for less than one.

    >>> [round(capital, 3) for capital in after_bet(NO_EVIDENCE, 1.5)]
    [0.095, 0.182, 0.336, 0.588]
    """
    share = weight * max(-LARGEST_GAIN, min(LARGEST_GAIN, gain)) / LARGEST_GAIN
    first, second, third, fourth = (
        capital + math.log1p(stake * share) for capital, stake in zip(capitals, STAKES, strict=True)
    )
    return first, second, third, fourth


def not_below_start(capitals: Capitals) -> Capitals:
    """Return the capitals, each at least 1: a long good past then cannot hide a present loss.

    >>> not_below_start((-3.0, 0.5, 0.0, 1.0))
    (0.0, 0.5, 0.0, 1.0)
    """
    first, second, third, fourth = (max(0.0, capital) for capital in capitals)
    return first, second, third, fourth


def wealth(capitals: Capitals) -> float:
    """Return the mean capital: 1 at the start, above it if the rival predicts better.

    >>> wealth(NO_EVIDENCE)
    1.0
    """
    return sum(math.exp(min(capital, 50.0)) for capital in capitals) / len(capitals)


@dataclass(frozen=True, slots=True)
class Contest:
    """The predictions of a rival against those of a holder, each made before its correction was learned.

    `scored` is the weight of the predictions, `gain` the sum of (loss of the holder - loss of the rival) in
    nats, `better` the weight of those that only the rival got right, `worse` of those that only the holder
    got right.
    """

    capitals: Capitals = NO_EVIDENCE
    scored: float = 0.0
    gain: float = 0.0
    better: float = 0.0
    worse: float = 0.0

    def after(self, holder: Float64, rival: Float64, label: int, *, weight: float = 1.0) -> "Contest":
        """Return the contest after one more prediction: the probabilities (3,) of both, and the truth."""
        gain = math.log(max(float(rival[label]), FLOOR)) - math.log(max(float(holder[label]), FLOOR))
        right = int(rival.argmax() == label) - int(holder.argmax() == label)
        return Contest(
            after_bet(self.capitals, gain, weight=weight),
            self.scored + weight,
            self.gain + weight * gain,
            self.better + weight * (right > 0),
            self.worse + weight * (right < 0),
        )

    @property
    def is_proven(self) -> bool:
        """Whether the rival is shown to lose less: enough predictions, capital, and more right than wrong."""
        won = self.better - self.worse
        surely = won > 0 and won * won >= self.better + self.worse
        return self.scored >= LEAST_SCORED and wealth(self.capitals) >= 1 / ALPHA and surely

    @property
    def is_lead(self) -> bool:
        """Whether the rival leads by `LEAST_LEAD` nats per prediction and is right at least as often."""
        ahead = self.gain >= LEAST_LEAD * self.scored and self.better >= self.worse
        return self.scored >= LEAST_SCORED and ahead


NOTHING_SHOWN: Final = Contest()
"""A contest before its first prediction."""
