"""Why an account has its hazard: the terms of the model against the account's own past, which add up.

The raw log-odds of today are those of the account's usual terms plus the contributions. A rise is a reason,
a fall speaks against leaving.
"""

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.churn.hazard.names import TERM_NAMES
from detectors.churn.hazard.prior import HORIZON_DAYS
from detectors.churn.hazard.risks import DayRisks
from schemas.churn import AlertCause

WORDS: Final = {
    "absence": "the time since its last use, against its own habit",
    "regularity": "the share of days on which it is active",
    "amount": "how much it uses the product",
    "breadth": "how many kinds of use it has",
    "history": "its time with the product and its earlier absences",
    "peers": "its place among the other accounts",
    "anomalies": "unusual falls of its use",
    "failures": "unusual failures",
    "mood": "the mood of its letters",
    "frustration": "frustration in its letters",
    "threats": "threats to leave in its letters",
    "asks": "what it asks support for",
    "seats": "paid seats that nobody uses",
}
"""How each term is called in a sentence about an account."""

_SPOKEN: Final = frozenset({"mood", "frustration", "threats", "asks"})
_LEAST: Final = 0.05
"""Log-odds below which a contribution is not worth a sentence. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class TermChange:
    """One term: its log-odds today, and by how much they differ from the account's usual ones."""

    name: str
    today: float
    change: float


@dataclass(frozen=True, slots=True)
class Risk:
    """The hazard of one account at the end of a day, explained.

    `probability` is calibrated. `usual_log_odds` plus all changes is `raw_log_odds`. `changes` is sorted by
    falling change; terms without any part in it are left out.
    """

    account_id: str
    day: int
    probability: float
    raw_log_odds: float
    usual_log_odds: float
    changes: tuple[TermChange, ...]
    horizon_days: int = HORIZON_DAYS

    @property
    def cause(self) -> AlertCause:
        """The cause of an alert for it: the strongest reason, "combined" if words and use both speak."""
        rising = [one.name for one in self.changes if one.change > 0.0] or ["absence"]
        if len({name in _SPOKEN for name in rising[:2]}) > 1:
            return "combined"
        if rising[0] in _SPOKEN:
            return "mood_slide"
        if rising[0] == "failures":
            return "error_surge"
        return "silence" if rising[0] == "absence" else "drop"

    @property
    def contrary(self) -> tuple[str, ...]:
        """Sentences about what speaks against leaving: terms that are lower than usual."""
        falling = [one for one in reversed(self.changes) if one.change < -_LEAST and one.name in WORDS]
        return tuple(
            f"{WORDS[one.name]} lowers the risk (odds × {math.exp(one.change):.2g})" for one in falling
        )


class RiskWeights(Protocol):
    """A model of log-odds: a weight for each term, in the order of TERM_NAMES, and an intercept."""

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights (terms,)."""
        ...

    @property
    def intercept(self) -> float:
        """The log-odds of an account whose terms are all 0."""
        ...


def risk_at(risks: DayRisks, learner: RiskWeights, place: int, account_id: str) -> Risk:
    """Return the explained risk of the account at a place; `learner` is the one that made the risks."""
    weights = learner.weights
    today, usual = weights * risks.terms[place], weights * risks.usual[place]
    changes = [
        TermChange(name, float(now), float(now - before))
        for name, now, before in zip(TERM_NAMES, today, usual, strict=True)
        if now or before
    ]
    return Risk(
        account_id,
        risks.day,
        float(risks.probability[place]),
        float(np.sum(today) + learner.intercept),
        float(np.sum(usual) + learner.intercept),
        tuple(sorted(changes, key=lambda one: (-one.change, one.name))),
    )
