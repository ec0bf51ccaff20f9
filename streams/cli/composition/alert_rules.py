"""The rules by which usage and churn raise alerts, from the settings."""

from detectors.alert_rules import AlertRules
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.shipped import load_prior
from streams.process.settings import Settings


def alert_rules(settings: Settings) -> AlertRules:
    """Return the rules that the settings ask for, with the shipped prior."""
    shipped = AlertRules(HazardRule(load_prior()))
    return shipped.within(alerts_per_month=settings.alerts_per_month, alert_score=settings.alert_score)
