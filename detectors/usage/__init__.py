"""Online usage anomalies of one account: drops, silence, error surges. Imports `schemas` and River only."""

from detectors.usage.detector import UsageDetector
from detectors.usage.observation import Observation, RefusedEvent
from detectors.usage.policy import UsagePolicy

__all__ = ["Observation", "RefusedEvent", "UsageDetector", "UsagePolicy"]
