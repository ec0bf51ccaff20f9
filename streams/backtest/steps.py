"""The steps of a replay: each decision about an account, when it was made, and the sentence that says why."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas.churn import ChurnAlert, Incident
from schemas.usage import Anomaly

StepKind = Literal[
    "opened",
    "joined",
    "retold",
    "unchanged",
    "rested",
    "quietened",
    "explained",
    "held_back",
    "recovered",
    "expired",
]
"""What was decided: a case opened; an alert that joined, retold or did not change the open case; an alert
that an incident explains; an anomaly that called for no alert; a case that recovery or time closed."""


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One decision at event time `at`.

    `alert` is the alert it is about, `case_id` the case, `incident_id` the incident that explains the alert.
    """

    at: datetime
    account_id: str
    kind: StepKind
    sentence: str
    alert: ChurnAlert | None = None
    case_id: str | None = None
    incident_id: str | None = None


@dataclass(frozen=True, slots=True)
class SeenIncident:
    """An incident as it was last told, and when an account of it was reported last."""

    incident: Incident
    last_move_at: datetime


@dataclass
class ReplayLog:
    """Everything that was decided, in order of time; `anomalies` are those that the detectors found."""

    steps: list[ReplayStep] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    incidents: dict[str, SeenIncident] = field(default_factory=dict)
