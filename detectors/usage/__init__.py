"""Online usage anomalies of one account: drops, silence, error surges. Imports `schemas` and River only."""

from detectors.usage.detector import UsageDetector
from detectors.usage.policy import Observation, RefusedEvent, UsagePolicy

__all__ = ["Observation", "RefusedEvent", "UsageDetector", "UsagePolicy"]
