"""The watch over all accounts: which alerts wait for the others of their time, and until when."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from detectors.churn.policy import HoldPolicy
from detectors.churn.shared import HELD_CAUSES, HoldResult, SharedCause
from schemas import ChurnAlert, Incident, Record
from schemas.base import Instant
from streams.rules import HeardRules

CLOCK_DELAY: Final = timedelta(seconds=5)
"""Partitions are read side by side: the event time of one partition becomes the clock this much later.

So long a signal is on its way from the usage group to this one.
"""

MOST_WAIT: Final = timedelta(minutes=10)
"""Time on the wall without progress of the slowest partition after which nobody waits for it. By hand."""

NEVER: Final = replace(HoldPolicy(), hold_minutes=1e7)
"""A hold so long that an offered alert is never released by time: only the clock releases it."""


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

    def has_passed(self, at: datetime, now: datetime) -> bool:
        """Tell whether all partitions have passed an event time, or are not waited for any longer."""
        return now - self.moved_at >= MOST_WAIT or (self.passed is not None and at <= self.passed)


class SharedState(Record):
    """The watch over all accounts: the held alerts, and an event-time clock that lags the wall clock.

    `clock` was right at the wall time `clock_at` and advances with the wall clock, so that a hold ends even
    if signals are rare. `heard` is the newest event time heard since `heard_at`; it becomes the clock
    CLOCK_DELAY later, but the clock never passes a partition that is still behind. Alerts that are newer than
    what all partitions have passed are `waiting`: they are offered in the order of event time. `pace` is None
    if no partition is read at the moment.
    """

    cause: SharedCause = SharedCause()
    clock: Instant | None = None
    clock_at: Instant | None = None
    heard: Instant | None = None
    heard_at: Instant | None = None
    waiting: tuple[ChurnAlert, ...] = ()
    pace: Pace | None = None

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
        passed = [self.pace is None or self.pace.has_passed(alert.detected_at, now) for alert in ordered]
        due = max(sum(passed), len(ordered) - NEVER.max_moves)
        return self.model_copy(update={"waiting": tuple(ordered[due:])}), tuple(ordered[:due])


@dataclass
class Outcome:
    """The effects of a batch of signals: alerts, incidents, the alerts that an incident explains.

    `changes` counts what happened to cases, by kind; `rules` has the standing of the rules if it was needed.
    """

    alerts: list[ChurnAlert] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    explained: list[ChurnAlert] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    rules: HeardRules = field(default_factory=HeardRules)

    def absorb(self, verdict: HoldResult) -> SharedCause:
        """Add a verdict's released alerts, swallowed alerts and incident; return its state."""
        self.alerts += verdict.released
        self.explained += verdict.swallowed
        if verdict.incident is not None:
            self.incidents.append(verdict.incident)
        return verdict.state


def hold(
    state: SharedState,
    alerts: Sequence[ChurnAlert],
    *,
    active_accounts: int,
    now: datetime,
    slowest: datetime | None = None,
) -> tuple[SharedState, Outcome]:
    """Offer alerts to the shared-cause watch, and release the alerts that waited long enough.

    An alert that an outage can make is offered once all partitions have passed its time: `slowest` is the
    event time of the slowest live one, None if there is none. Others go out at once.
    """
    outcome = Outcome(alerts=[alert for alert in alerts if alert.cause not in HELD_CAUSES])
    state = state.paced(slowest, now).with_waiting(alert for alert in alerts if alert.cause in HELD_CAUSES)
    state, due = state.ready(now)
    cause = state.cause
    for alert in due:
        cause = outcome.absorb(cause.offer(alert, active_accounts=active_accounts, policy=NEVER))
    state = state.model_copy(update={"cause": cause}).tick(now)
    reached = state.time(now)
    if reached is not None:
        state = state.model_copy(update={"cause": outcome.absorb(state.cause.advance(reached))})
    return state, outcome
