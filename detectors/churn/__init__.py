"""Account health, churn alerts, and the hold while many accounts move together.

Imports `schemas`, and the trend of `detectors.sentiment`.
"""

from detectors.churn.assess import assess
from detectors.churn.health import AccountHealth
from detectors.churn.policy import ChurnPolicy
from detectors.churn.shared import HoldResult, SharedCause

__all__ = ["AccountHealth", "ChurnPolicy", "HoldResult", "SharedCause", "assess"]
