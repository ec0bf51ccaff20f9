"""The answer of the usage detector to one event."""

from typing import Literal, NamedTuple

from schemas.usage import Anomaly

Fate = Literal["counted", "duplicate", "late"]


class RefusedEvent(ValueError):
    """The detector cannot count this event; its state is unchanged. Any other exception is our fault."""


class Observation(NamedTuple):
    """The fate of one event, and the anomalies that became visible when it arrived."""

    fate: Fate
    anomalies: tuple[Anomaly, ...] = ()
