"""What a replay says: each decision about an account with its reason, incidents, and the use of accounts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from detectors.churn.hazard.book import UseOfDay
from detectors.usage.expectation import DayOutlook
from detectors.usage.hour_use import ClosedUse
from schemas.churn import ChurnAlert, Incident
from schemas.tickets import Sentiment
from schemas.usage import Anomaly

DAYS_PER_MONTH: Final = 30.4

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


@dataclass(frozen=True)
class ReplaySpan:
    """The time that is reported, in UTC: from `start` up to but not including `end`."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies in the span."""
        return self.start <= at < self.end

    @property
    def months(self) -> float:
        """The length in months of 30.4 days."""
        return (self.end - self.start) / timedelta(days=DAYS_PER_MONTH)


class EndedDay(NamedTuple):
    """A day of one partition that ended: an ordinal of `datetime.date`, and the use of each account."""

    partition: int
    day: int
    use: Mapping[str, UseOfDay]


class UsageTurn(NamedTuple):
    """What the usage group hands over after a turn; `watched` is how many accounts it follows.

    `uses` has the hours that accounts closed, `clock` is the event time of the partition that is least far.
    """

    anomalies: list[Anomaly]
    ended: list[EndedDay]
    watched: int
    uses: Sequence[ClosedUse] = ()
    clock: datetime | None = None


@dataclass
class UseSeries:
    """The use of one account by day (ordinals of `datetime.date`), and what was expected of each day."""

    days: dict[int, UseOfDay] = field(default_factory=dict)
    expected: dict[int, DayOutlook] = field(default_factory=dict)

    @property
    def first_day(self) -> int | None:
        """The first day with any use, or None."""
        return min(self.days, default=None)


class FoundTurn(NamedTuple):
    """What the usage group found in a turn, and the moods of the same time."""

    now: datetime
    found: UsageTurn
    moods: list[Sentiment]


@dataclass(frozen=True)
class UseReplayed:
    """The usage group's part of a replay, which several rules of the churn group can share.

    `fates` counts what became of the events; `set_aside` the detectors on which our code failed.
    """

    turns: Sequence[FoundTurn]
    series: Mapping[str, UseSeries]
    fates: Counter[str]
    set_aside: int


@dataclass(frozen=True)
class Backtest:
    """What would have been decided in the span of a recording.

    `steps` and `anomalies` are in order of time, `incidents` in order of their detection. `cases` has every
    case by id, as it was told last; `opened_before` has the alerts before the span, which are not reported.
    """

    span: ReplaySpan
    use: UseReplayed
    steps: Sequence[ReplayStep]
    anomalies: Sequence[Anomaly]
    incidents: Sequence[SeenIncident]
    cases: Mapping[str, ChurnAlert]
    opened_before: Sequence[ReplayStep] = ()

    def opened(self) -> list[ReplayStep]:
        """Return the steps that opened a case: the alerts that people would have been told."""
        return [step for step in self.steps if step.kind == "opened"]

    def count(self, *kinds: str) -> int:
        """Return how many steps are of these kinds."""
        return sum(step.kind in kinds for step in self.steps)

    @property
    def account_months(self) -> float:
        """Months of 30.4 days in the span from the first use of each account on, added up."""
        first, last = self.span.start.toordinal(), self.span.end.toordinal()
        begun = (series.first_day for series in self.use.series.values())
        return sum(max(0, last - max(first, day)) for day in begun if day is not None) / DAYS_PER_MONTH
