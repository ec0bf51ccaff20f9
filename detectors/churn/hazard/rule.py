"""How days are judged: the prior, and the alert budget."""

from typing import Final, NamedTuple

from detectors.churn.hazard.prior import Prior

ALERTS_PER_MONTH: Final = 0.02
"""Alerts of the hazard per account-month, as in `UsagePolicy`: a manager of 200 accounts sees 4 a month."""


class HazardRule(NamedTuple):
    """The prior, and the budget in alerts per account-month."""

    prior: Prior
    alerts_per_month: float = ALERTS_PER_MONTH
