"""What can go wrong with a record or a batch, beside the errors of every process.

ServiceError
├── InvalidRecord      the input is wrong: a dead letter with its reason, then acknowledged
└── Fenced             another worker owns the partition: nothing is written
"""

from schemas.letters import Reason
from streams.process.errors import ServiceError


class InvalidRecord(ServiceError):
    """The record can never be handled; `reason` is the code of its dead letter."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason: Reason = reason
        self.error = error


class Fenced(ServiceError):
    """The partition has a newer owner or moved on; this worker's work on it is void."""
