"""A whole replay: the usage group and then the churn group over a recording, and what became of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from detectors.alert_rules import AlertRules
from detectors.usage.policy import UsagePolicy
from schemas.churn import ChurnAlert
from schemas.tickets import Sentiment
from schemas.usage import Anomaly
from streams.backtest.churn_replay import ChurnReplay
from streams.backtest.recording import Recording, ReplaySpan, turns
from streams.backtest.steps import ReplayStep, SeenIncident
from streams.backtest.usage_replay import UsageReplay, UsageTurn, UseSeries

DAYS_PER_MONTH = 30.4


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
    case by id, as it was told last.
    """

    span: ReplaySpan
    use: UseReplayed
    steps: Sequence[ReplayStep]
    anomalies: Sequence[Anomaly]
    incidents: Sequence[SeenIncident]
    cases: Mapping[str, ChurnAlert]

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


def replay_use(
    recording: Recording,
    policy: UsagePolicy,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> UseReplayed:
    """Play a recording through the usage group; `progress` gets the number of events of each turn."""
    replay = UsageReplay(recording.partitions, policy)
    found: list[FoundTurn] = []
    for turn in turns(recording):
        found.append(FoundTurn(turn.now, replay.turn(turn.events), turn.moods))
        progress(len(turn.events))
    replay.note_open_days()
    return UseReplayed(found, replay.series, replay.fates, replay.set_aside)


def replay_churn(recording: Recording, use: UseReplayed, rules: AlertRules) -> Backtest:
    """Play what the usage group found, and the moods, through the churn group; return what it decided.

    Steps before the span are left out; they still weigh on what comes later.
    """
    replay = ChurnReplay(rules, recording.accounts)
    for turn in use.turns:
        replay.turn(turn.found, turn.moods, turn.now)
    cases = replay.finish(recording.span.end)
    span, log = recording.span, replay.log
    known = sorted(log.incidents.values(), key=lambda seen: seen.incident.detected_at)
    return Backtest(
        span,
        use,
        [step for step in log.steps if span.holds(step.at)],
        sorted(_found_in(log.anomalies, span), key=lambda one: (one.detected_at, one.anomaly_id)),
        [seen for seen in known if seen.last_move_at >= span.start],
        cases,
    )


def _found_in(anomalies: Sequence[Anomaly], span: ReplaySpan) -> Iterator[Anomaly]:
    return (anomaly for anomaly in anomalies if anomaly.detected_at >= span.start)
