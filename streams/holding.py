"""The watch over all accounts: which alerts wait for the others of their time, and until when."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from detectors.churn.outages.explaining import explained_by
from detectors.churn.outages.watch import OutageWatch, SharedOutage
from detectors.churn.policy import HoldPolicy
from detectors.churn.shared import HELD_CAUSES, HoldResult, SharedCause
from schemas import ChurnAlert, Incident, Record
from schemas.base import Instant
from streams.outages import JudgedHours
from streams.rules import HeardRules

CLOCK_DELAY: Final = timedelta(seconds=5)
"""Partitions are read side by side: the event time of one partition becomes the clock this much later.

So long a signal is on its way from the usage group to this one.
"""

MOST_WAIT: Final = timedelta(minutes=10)
"""Time on the wall without progress of the slowest partition after which nobody waits for it. By hand."""

_SAME_START: Final = timedelta(hours=2)
_SAME_SHARE: Final = 0.8
"""An incident of alerts is that of an outage if it began at most so long before or after it, and the outage
hit so many of its accounts. Chosen by hand: more than the share of accounts that most outages hit."""

OFFERED: Final = replace(
    HoldPolicy(), hold_minutes=HoldPolicy().hold_minutes + 60.0 * HoldPolicy().window_hours
)
"""An alert that was offered before goes out if one that is newer by its hold and the window is offered.

So alerts of one turn are told apart by event time, however fast it flows; the clock releases the others.
"""


class Pace(Record):
    """How far the slowest partition of usage has come: as it was read last, and as it was one delay before.

    `passed` is what all partitions had passed CLOCK_DELAY ago, so that the signals of that time have come.
    `moved_at` is the wall time at which the slowest partition last made progress.
    """

    noted: Instant
    noted_at: Instant
    moved_at: Instant
    passed: Instant | None = None

    def read(self, slowest: datetime, now: datetime) -> "Pace":
        """Return the pace after one more reading at the wall time `now`."""
        if now - self.noted_at < CLOCK_DELAY:
            return self
        moved_at = now if slowest != self.noted else self.moved_at
        return Pace(noted=slowest, noted_at=now, moved_at=moved_at, passed=self.noted)

    def is_stuck(self, now: datetime) -> bool:
        """Tell whether the slowest partition is not waited for any longer."""
        return now - self.moved_at >= MOST_WAIT

    def has_passed(self, at: datetime, now: datetime) -> bool:
        """Tell whether all partitions have passed an event time, or are not waited for any longer."""
        return self.is_stuck(now) or (self.passed is not None and at <= self.passed)


class SharedState(Record):
    """The watch over all accounts: the held alerts, and an event-time clock that lags the wall clock.

    `clock` was right at the wall time `clock_at` and advances with the wall clock, so that a hold ends even
    if signals are rare. `heard` is the newest event time heard since `heard_at`; it becomes the clock
    CLOCK_DELAY later, but the clock never passes a partition that is still behind. Alerts that are newer than
    what all partitions have passed, or whose hours `outages` has not judged, are `waiting`: they are offered
    in the order of event time. `pace` is None if no partition is read at the moment. `outages` is the watch
    over the hours of all accounts; it is stored apart.
    """

    cause: SharedCause = SharedCause()
    clock: Instant | None = None
    clock_at: Instant | None = None
    heard: Instant | None = None
    heard_at: Instant | None = None
    waiting: tuple[ChurnAlert, ...] = ()
    pace: Pace | None = None
    outages: OutageWatch = Field(default=OutageWatch(), exclude=True)

    def hear(self, at: datetime, now: datetime) -> "SharedState":
        """Return the state with one more event time heard."""
        newest = at if self.heard is None else max(at, self.heard)
        return self.model_copy(update={"heard": newest, "heard_at": self.heard_at or now})

    def paced(self, slowest: datetime | None, now: datetime) -> "SharedState":
        """Return the state with how far the slowest live partition has come; None if there is none."""
        if slowest is None:
            return self.model_copy(update={"pace": None})
        first = Pace(noted=slowest, noted_at=now, moved_at=now)
        return self.model_copy(update={"pace": self.pace.read(slowest, now) if self.pace else first})

    def tick(self, now: datetime) -> "SharedState":
        """Return the state at the wall time `now`."""
        if self.heard is None or self.heard_at is None or now - self.heard_at < CLOCK_DELAY:
            return self
        reached = self.time(now)
        if self.pace is not None and not self.pace.has_passed(self.heard, now):
            return self._as_far_as(self.pace.passed, now)
        clock = self.heard if reached is None else max(reached, self.heard)
        return self.model_copy(update={"clock": clock, "clock_at": now, "heard": None, "heard_at": None})

    def _as_far_as(self, passed: datetime | None, now: datetime) -> "SharedState":
        """Return the state whose clock is what all partitions have passed; it never runs backwards."""
        known = [at for at in (passed, self.clock) if at is not None]
        return self.model_copy(update={"clock": max(known), "clock_at": now}) if known else self

    def time(self, now: datetime) -> datetime | None:
        """Return the event time that all partitions have probably reached, or None if no signal came yet."""
        if self.clock is None or self.clock_at is None:
            return None
        return self.clock + max(timedelta(0), now - self.clock_at)

    def with_waiting(self, alerts: Iterable[ChurnAlert]) -> "SharedState":
        """Return the state in which these alerts wait as well; one that waits already is not added."""
        known = {alert.alert_id for alert in self.waiting}
        added = tuple(alert for alert in alerts if alert.alert_id not in known)
        return self.model_copy(update={"waiting": (*self.waiting, *added)}) if added else self

    def ready(self, now: datetime) -> tuple["SharedState", tuple[ChurnAlert, ...]]:
        """Return the state, and the alerts that wait no longer, in the order of event time.

        Of more than HoldPolicy.max_moves alerts the oldest wait no longer.
        """
        ordered = sorted(self.waiting, key=lambda alert: (alert.detected_at, alert.alert_id))
        passed = [self._has_passed(alert.detected_at, now) for alert in ordered]
        due = max(sum(passed), len(ordered) - OFFERED.max_moves)
        return self.model_copy(update={"waiting": tuple(ordered[due:])}), tuple(ordered[:due])

    def _has_passed(self, at: datetime, now: datetime) -> bool:
        if self.pace is None or self.pace.is_stuck(now):
            return True
        return self.pace.has_passed(at, now) and self.outages.has_judged(at)


@dataclass
class Outcome:
    """The effects of a batch of signals: alerts, incidents, the alerts that an incident explains.

    `hit` has the outages that were found now or hit more accounts. `changes` counts what happened to cases,
    by kind; `rules` has the standing of the rules if it was needed.
    """

    alerts: list[ChurnAlert] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    explained: list[ChurnAlert] = field(default_factory=list)
    hit: list[SharedOutage] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    rules: HeardRules = field(default_factory=HeardRules)

    def absorb(self, verdict: HoldResult) -> SharedCause:
        """Add a verdict's released alerts, swallowed alerts and incident; return its state."""
        self.alerts += verdict.released
        self.explained += verdict.swallowed
        if verdict.incident is not None:
            self.incidents.append(verdict.incident)
        return verdict.state

    def follow(self, found: "Outcome") -> None:
        """Add what judged hours found before the alerts."""
        self.hit, self.incidents = found.hit, [*found.incidents, *self.incidents]

    def explain(self, watch: OutageWatch, outage: SharedOutage, alert: ChurnAlert) -> OutageWatch:
        """Add an alert that an outage explains; return the watch in which the outage hit its account too."""
        self.explained.append(alert)
        grown = outage.with_account(alert.account_id)
        if grown is outage:
            return watch
        self.incidents.append(grown.incident)
        return watch.with_outage(grown)

    def take_back(self, state: SharedState) -> SharedState:
        """Keep alerts that were offered before an outage was found and that it explains; return the state."""
        watch, own = state.outages, []
        for alert in self.alerts:
            outage = explained_by(watch, alert) if alert.cause in HELD_CAUSES else None
            watch = watch if outage is None else self.explain(watch, outage, alert)
            own += [alert] if outage is None else []
        self.alerts = own
        return state.model_copy(update={"outages": watch})


def hold(
    state: SharedState,
    alerts: Sequence[ChurnAlert],
    *,
    active_accounts: int,
    now: datetime,
    slowest: datetime | None = None,
) -> tuple[SharedState, Outcome]:
    """Offer alerts to the shared-cause watch, and release the alerts that waited long enough.

    An alert that an outage can make is offered once all partitions have passed its time and the hours before
    it are judged: `slowest` is the event time of the slowest live one, None if there is none. It waits no
    longer if none is live, if the slowest stands still for MOST_WAIT, or if more than HoldPolicy.max_moves
    wait. Others go out at once.
    """
    outcome = Outcome(alerts=[alert for alert in alerts if alert.cause not in HELD_CAUSES])
    state = state.paced(slowest, now).with_waiting(alert for alert in alerts if alert.cause in HELD_CAUSES)
    before, (state, due) = state.cause, state.ready(now)
    cause, watch = state.cause, state.outages
    for alert in due:
        outage = explained_by(watch, alert)
        if outage is not None:
            watch = outcome.explain(watch, outage, alert)
        else:
            cause = outcome.absorb(cause.offer(alert, active_accounts=active_accounts, policy=OFFERED))
    state = state.model_copy(update={"cause": cause, "outages": watch}).tick(now)
    reached = state.time(now)
    if reached is not None:
        # An incident must not end before alerts that wait for their hours could join it.
        first = min([reached, *(alert.detected_at for alert in state.waiting)])
        state = state.model_copy(update={"cause": outcome.absorb(state.cause.advance(first))})
    state = outcome.take_back(state)
    outcome.incidents += _ended(before, outcome.incidents, state)
    return state, outcome


def _ended(before: SharedCause, changed: Sequence[Incident], after: SharedState) -> list[Incident]:
    """Return the incidents of alerts that are no longer followed: each ended with its newest move.

    `changed` has the incidents of this turn, newest last: one may begin and end within it.
    """
    followed = {known.incident_id for known in after.cause.incidents}
    followed |= {outage.incident.incident_id for outage in after.outages.outages}
    known = {one.incident_id: one for one in (*before.incidents, *changed)}
    return [
        one.model_copy(update={"ended_at": max(one.detected_at, before.latest.get(key, one.detected_at))})
        for key, one in known.items()
        if key not in followed
    ]


def judge(state: SharedState, judged: JudgedHours) -> tuple[SharedState, Outcome]:
    """Take over judged hours; a new outage goes on as the incident that its first alerts had made."""
    outcome, cause = Outcome(), state.cause
    ids = {one.first: one.incident.incident_id for one in state.outages.outages}
    for outage in judged.changes:
        if outage.first not in ids:
            known = _same(cause, outage.incident)
            ids[outage.first] = outage.incident.incident_id if known is None else known.incident_id
            cause = cause if known is None else cause.without(known)
        outcome.hit += [] if outage.is_over else [_named(outage, ids)]
        outcome.incidents.append(_named(outage, ids).incident)
    named = tuple(_named(one, ids) for one in judged.watch.outages)
    watch = judged.watch.model_copy(update={"outages": named})
    return state.model_copy(update={"cause": cause, "outages": watch}), outcome


def _named(outage: SharedOutage, ids: Mapping[int, str]) -> SharedOutage:
    incident = outage.incident.model_copy(update={"incident_id": ids[outage.first]})
    return outage.model_copy(update={"incident": incident})


def _same(cause: SharedCause, found: Incident) -> Incident | None:
    """Return the incident of alerts that began with an outage and whose accounts are nearly all hit by it."""
    hit = set(found.account_ids)
    for known in cause.incidents:
        is_near = abs(known.started_at - found.started_at) <= _SAME_START
        if is_near and len(hit.intersection(known.account_ids)) >= _SAME_SHARE * len(known.account_ids):
            return known
    return None
