"""A whole replay: the usage group and then the churn group over a recording, and what became of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from detectors.alert_rules import AlertRules
from detectors.usage.policy import UsagePolicy
from schemas.churn import ChurnAlert
from schemas.tickets import Sentiment
from schemas.usage import UsageEvent
from streams.backtest.recording import Recording, turns
from streams.backtest.records import Backtest, FoundTurn, ReplayLog, UsageTurn, UseReplayed, UseSeries


class UseGroup(Protocol):
    """The usage group: `turn` takes events in order of time; the others tell what became of them."""

    fates: Counter[str]
    set_aside: int

    @property
    def series(self) -> Mapping[str, UseSeries]:
        """The use of each account by day."""
        ...

    def turn(self, events: Sequence[UsageEvent]) -> UsageTurn:
        """Let each partition handle its events of a turn."""
        ...

    def note_open_days(self) -> None:
        """Note the use of the days that had not ended when the recording did."""
        ...


class ChurnGroup(Protocol):
    """The churn group: `turn` takes what the usage group found; `log` has what was decided."""

    log: ReplayLog

    def turn(self, found: UsageTurn, moods: Sequence[Sentiment], now: datetime) -> None:
        """Handle the signals of a turn; `now` is its end."""
        ...

    def finish(self, end: datetime) -> Mapping[str, ChurnAlert]:
        """Let the time pass until the end; return all cases by id."""
        ...


class GroupMakers(NamedTuple):
    """How the two groups are made, before anything is played, for given rules."""

    use: Callable[[UsagePolicy], UseGroup]
    churn: Callable[[AlertRules], ChurnGroup]


def replay_use(
    recording: Recording, group: UseGroup, progress: Callable[[int], None] = lambda _: None
) -> UseReplayed:
    """Play a recording through the usage group; `progress` gets the number of events of each turn."""
    found: list[FoundTurn] = []
    for turn in turns(recording):
        found.append(FoundTurn(turn.now, group.turn(turn.events), turn.moods))
        progress(len(turn.events))
    group.note_open_days()
    return UseReplayed(found, group.series, group.fates, group.set_aside)


def replay_churn(recording: Recording, use: UseReplayed, group: ChurnGroup) -> Backtest:
    """Play what the usage group found, and the moods, through the churn group; return what it decided.

    Steps before the span are left out; they still weigh on what comes later.
    """
    for turn in use.turns:
        group.turn(turn.found, turn.moods, turn.now)
    cases = group.finish(recording.span.end)
    span, log = recording.span, group.log
    found = [anomaly for anomaly in log.anomalies if anomaly.detected_at >= span.start]
    known = sorted(log.incidents.values(), key=lambda seen: seen.incident.detected_at)
    return Backtest(
        span,
        use,
        [step for step in log.steps if span.holds(step.at)],
        sorted(found, key=lambda one: (one.detected_at, one.anomaly_id)),
        [seen for seen in known if seen.last_move_at >= span.start],
        cases,
        [step for step in log.steps if step.kind == "opened" and step.at < span.start],
    )
