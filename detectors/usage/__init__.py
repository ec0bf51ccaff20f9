"""Online usage anomalies of one account: drops, silence, error surges."""

from detectors.usage.detector import UsageDetector
from detectors.usage.policy import Fate, Observation, RefusedEvent, UsagePolicy

__all__ = ["Fate", "Observation", "RefusedEvent", "UsageDetector", "UsagePolicy"]
