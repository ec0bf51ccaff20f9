"""Online usage anomalies of one account: drops, silence, error surges. Imports `schemas` and River only."""

from detectors.usage.detector import UsageDetector
from detectors.usage.observation import RefusedEvent
from detectors.usage.policy import UsagePolicy

__all__ = ["RefusedEvent", "UsageDetector", "UsagePolicy"]
