"""Account health, churn alerts, and the hold while many accounts move together."""

from detectors.churn.assess import assess
from detectors.churn.health import AccountHealth
from detectors.churn.policy import ChurnPolicy, HoldPolicy
from detectors.churn.shared import SharedCause, Verdict

__all__ = ["AccountHealth", "ChurnPolicy", "HoldPolicy", "SharedCause", "Verdict", "assess"]
