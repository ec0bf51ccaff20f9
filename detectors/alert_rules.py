"""The rules by which usage and churn raise alerts: together, because one budget governs them."""

from dataclasses import dataclass, field, replace

from detectors.churn.hazard.rule import HazardRule
from detectors.churn.policy import ChurnPolicy
from detectors.usage.policy import UsagePolicy


@dataclass(frozen=True)
class AlertRules:
    """The rules of the usage detector, of the days of the hazard, and of the churn alerts of signals."""

    hazard: HazardRule
    usage: UsagePolicy = field(default_factory=UsagePolicy)
    churn: ChurnPolicy = field(default_factory=ChurnPolicy)

    def within(self, *, alerts_per_month: float, alert_score: float) -> "AlertRules":
        """Return the rules with another budget and another least score.

        `alerts_per_month` is per account, `alert_score` in [0, 1].
        """
        return AlertRules(
            self.hazard._replace(alerts_per_month=alerts_per_month),
            replace(self.usage, alerts_per_month=alerts_per_month),
            replace(self.churn, alert_score=alert_score),
        )
