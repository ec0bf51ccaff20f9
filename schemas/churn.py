"""The signals that churn reads, and the alerts and incidents that it raises."""

from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from schemas.base import EventTime, Id, Instant, Name, Record, Share, ShortText
from schemas.tickets import Sentiment
from schemas.usage import Anomaly, ChartPoint

AlertCause = Literal["drop", "silence", "error_surge", "mood_slide", "combined", "churn_risk"]
Severity = Literal["watch", "warning", "critical"]
AlertState = Literal["new", "acknowledged", "snoozed", "resolved", "expired"]
AlertOutcome = Literal["saved", "lost", "false alarm", "already known"]
OPEN_STATES: Final[tuple[AlertState, ...]] = ("new", "acknowledged", "snoozed")
"""The states in which an alert still waits for a success manager."""

Signal = Annotated[Sentiment | Anomaly, Field(discriminator="kind")]
SIGNAL: TypeAdapter[Sentiment | Anomaly] = TypeAdapter(Signal)


class Contribution(Record):
    """The part of one signal in an alert: observed and expected values, and its share of the score.

    `log_odds` is by how much it raises the log-odds of the alert's probability, if a model says so.
    """

    name: Name
    summary: ShortText
    observed: float | None
    expected_low: float | None
    expected_high: float | None
    share: Share
    samples: int = Field(ge=0)
    source_ids: tuple[Id, ...] = Field(default=(), max_length=50)
    log_odds: float | None = None


class Stakes(Record):
    """The value of the account; an unknown field stays None and is never guessed."""

    plan: ShortText | None = None
    seats: int | None = Field(default=None, ge=0)
    annual_revenue: float | None = Field(default=None, ge=0)
    renewal_on: Instant | None = None
    owner: ShortText | None = None


class CaseReason(Record):
    """One cause in the case of an account, as its newest alert told it; fields as in `ChurnAlert`."""

    cause: AlertCause
    rule: Name
    severity: Severity
    score: Share
    sentence: ShortText
    contributions: tuple[Contribution, ...] = ()
    contrary: tuple[ShortText, ...] = ()
    next_action: ShortText
    chart: tuple[ChartPoint, ...] = Field(default=(), max_length=400)
    chart_metric: ShortText | None = None
    started_at: EventTime
    detected_at: EventTime
    due_at: Instant
    horizon_days: int | None = Field(default=None, ge=1)
    probability: Share | None = None


class ChurnAlert(Record):
    """The case of one account that may leave, on `success.churn-alerts`: a sentence, evidence, a next action.

    An account has at most one open case. A later cause joins it: the record is published again with the same
    `alert_id`, a greater `revision` and all causes in `reasons`, the strongest first; the other fields tell
    the strongest one. `reasons` is empty while there is one cause. Times are event time; `updated_at` is that
    of the newest cause, None as long as there is one. `score` is in [0, 1], higher is worse. `probability` is
    the calibrated probability that the account goes dark within `horizon_days`, if a model says so. `shared`
    is true while only falls that most accounts share speak for it: such an alert is held and never published.
    """

    alert_id: Id
    dedup_key: Id
    account_id: Id
    cause: AlertCause
    severity: Severity
    score: Share
    sentence: ShortText
    contributions: tuple[Contribution, ...]
    contrary: tuple[ShortText, ...] = ()
    next_action: ShortText
    stakes: Stakes = Stakes()
    chart: tuple[ChartPoint, ...] = Field(default=(), max_length=400)
    chart_metric: ShortText | None = None
    started_at: EventTime
    detected_at: EventTime
    due_at: Instant
    rule: Name
    horizon_days: int | None = Field(default=None, ge=1)
    probability: Share | None = None
    reasons: tuple[CaseReason, ...] = Field(default=(), max_length=10)
    revision: int = Field(default=1, ge=1)
    updated_at: Instant | None = None
    shared: bool = False

    @property
    def revision_id(self) -> str:
        """The id of this revision: that of the case, followed by the revision if it is a later one."""
        return self.alert_id if self.revision == 1 else f"{self.alert_id}.{self.revision}"

    @property
    def causes(self) -> frozenset[AlertCause]:
        """The causes in the case."""
        return frozenset(reason.cause for reason in self.reasons) or frozenset({self.cause})


class ClosedCase(Record):
    """The newest closed case of an account: its severity, when it was closed, and what a person said."""

    severity: Severity
    closed_at: Instant
    outcome: AlertOutcome | None = None


class Incident(Record):
    """One shared cause: many accounts moved together, so their churn alerts are held.

    `ended_at` is its end in event time, None while it lasts.
    """

    incident_id: Id
    cause: AlertCause
    metric: Name
    account_ids: tuple[Id, ...] = Field(max_length=10_000)
    share_of_accounts: Share
    sentence: ShortText
    started_at: EventTime
    detected_at: EventTime
    ended_at: EventTime | None = None
