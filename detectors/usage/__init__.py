"""Online usage anomalies of one account: drops, silence, error surges."""

from detectors.usage.detector import UsageDetector
from detectors.usage.policy import Fate, Observation, UsagePolicy

__all__ = ["Fate", "Observation", "UsageDetector", "UsagePolicy"]
