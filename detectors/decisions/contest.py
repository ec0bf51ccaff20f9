"""Which of two predictions of decisions is better: a rival takes over only after it has won.

The bets are those of the moods (`detectors/sentiment/adaptation/evidence`): the chance that a rival which is
not better ever wins is at most ALPHA, however often somebody looks.
"""

import math
from dataclasses import dataclass

from detectors.sentiment.adaptation.evidence import (
    ALPHA,
    FLOOR,
    LEAST_SCORED,
    NO_EVIDENCE,
    Capitals,
    after_bet,
    not_below_start,
    wealth,
)


def log_loss(predicted: float, worth: float) -> float:
    """Return the log loss in nats of a prediction in [0, 1] for a draft of which a share in [0, 1] was kept.

    >>> round(log_loss(0.5, 1.0), 3), round(log_loss(0.5, 0.3), 3)
    (0.693, 0.693)
    """
    kept, refused = max(predicted, FLOOR), max(1.0 - predicted, FLOOR)
    return -(worth * math.log(kept) + (1.0 - worth) * math.log(refused))


@dataclass(frozen=True, slots=True)
class Duel:
    """The bets of a rival against a holder; `scored` counts the predictions of both."""

    capitals: Capitals = NO_EVIDENCE
    scored: int = 0

    def after(self, holder_loss: float, rival_loss: float, *, recent: bool = False) -> "Duel":
        """Return the duel after one more prediction; with `recent`, a good past hides no present loss."""
        capitals = after_bet(self.capitals, holder_loss - rival_loss)
        return Duel(not_below_start(capitals) if recent else capitals, self.scored + 1)

    @property
    def is_won(self) -> bool:
        """Whether the rival is shown to lose less."""
        return self.scored >= LEAST_SCORED and wealth(self.capitals) >= 1 / ALPHA
