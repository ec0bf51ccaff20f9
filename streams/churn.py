"""The churn group: signals change account health, and health raises alerts, held while many accounts move."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from sqlmodel import Session
from typing_extensions import override

from detectors.churn import AccountHealth, assess
from detectors.churn.assess import present
from detectors.churn.cases import retold
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.shipped import load_prior
from detectors.churn.outages.left_behind import own_trouble
from detectors.churn.outages.watch import LeftBehind, OutageWatch
from detectors.churn.policy import ChurnPolicy
from responders.store import signals
from schemas import SIGNAL, Account, Anomaly, ChurnAlert, Record, Sentiment, Signal
from schemas.base import EPOCH
from streams.cases import CaseFiler, close_recovered, expire, refresh, take_over
from streams.consume.decode import SIGNAL_TOLERANCE, check_key, check_time, content_hash, decode_json
from streams.consume.handler import Computed, Dropped, Failed, Handler
from streams.hazards import judge_waiting
from streams.holding import Outcome, SharedState, hold, judge
from streams.kafka.records import RawRecord
from streams.kafka.topics import CHURN, SIGNALS
from streams.outages import complete_hours, forget_judged, judge_hours, restored, stored_watch
from streams.process.clock import utc_now
from streams.process.metrics import Metrics
from streams.rules import hear

logger = logging.getLogger(__name__)

StoredState = TypeVar("StoredState", bound=Record)

ACCOUNT_SCOPE = "account"
SHARED_SCOPE = "shared"
SHARED_KEY = "all"
HOURS_KEY = "hours"
"""The key of the watch over the hours of all accounts, beside that over their alerts."""

HEARD_EVERY = timedelta(seconds=10)
"""What people said of cases is counted again after this time, and before alerts are filed."""

_DEFAULT_POLICY = ChurnPolicy()


def event_time(signal: Signal) -> datetime:
    """Return when the cause of the signal could first be seen."""
    return signal.detected_at if isinstance(signal, Anomaly) else signal.occurred_at


def handle(
    healths: dict[str, AccountHealth],
    signals_: Sequence[Signal],
    accounts: Mapping[str, Account],
    policy: ChurnPolicy = _DEFAULT_POLICY,
) -> list[ChurnAlert]:
    """Feed signals in order into `healths` (changed in place); return the alerts that they raise."""
    raised = []
    for signal in signals_:
        account_id = signal.account_id
        health = healths.get(account_id, AccountHealth(account_id=account_id)).after(signal, policy)
        alert = assess(health, account=accounts.get(account_id), now=event_time(signal), policy=policy)
        if alert is not None:
            health = health.after_alert(alert)
            raised.append(alert)
        healths[account_id] = health
    return raised


def raise_left_behind(
    healths: dict[str, AccountHealth],
    behind: LeftBehind,
    accounts: Mapping[str, Account],
    policy: ChurnPolicy,
) -> list[ChurnAlert]:
    """Return the alerts of accounts that did not come back after an outage; note them in `healths`."""
    raised: list[ChurnAlert] = []
    for key in behind.account_ids:
        if key not in healths:
            continue
        trouble = own_trouble(healths[key], behind, accounts.get(key), policy)
        if trouble is not None:
            healths[key] = trouble.health
            raised.append(trouble.alert)
    return raised


class ClockReader(Protocol):
    """Tells how far the partition of usage that is least far has come; None if none makes progress."""

    def __call__(self, session: Session, *, now: datetime) -> datetime | None:
        """Return the event time that the slowest live partition has reached at the wall time `now`."""
        ...


def no_partitions(session: Session, *, now: datetime) -> datetime | None:
    """Return None: no partition of usage is waited for."""
    return None


class ChurnHandler(Handler[Signal, None, Outcome]):
    """Keep account health in SQL: every batch reads, changes and writes it in one transaction."""

    group = CHURN
    topic = SIGNALS

    def __init__(
        self,
        *,
        metrics: Metrics,
        hazard: HazardRule | None = None,
        policy: ChurnPolicy = _DEFAULT_POLICY,
        slowest: ClockReader = no_partitions,
        hours: ClockReader = no_partitions,
    ) -> None:
        self._metrics = metrics
        self._slowest, self._hours = slowest, hours
        self._policy = policy
        self._hazard = hazard or HazardRule(load_prior())
        self._released = Outcome()
        self._heard_at = EPOCH

    @override
    def decode(self, record: RawRecord) -> Signal:
        """Return the signal; raise InvalidRecord."""
        signal = decode_json(record, SIGNAL)
        check_key(record, signal.account_id)
        check_time(event_time(signal), utc_now(), SIGNAL_TOLERANCE)
        return signal

    @override
    def identity(self, item: Signal) -> tuple[str, bytes]:
        """Return the signal's id and content hash."""
        signal_id = item.event_id if isinstance(item, Sentiment) else item.anomaly_id
        return f"{item.kind}:{signal_id}", content_hash(item)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Signal]]]) -> Computed[None, Outcome]:
        """Compute nothing: health is read, changed and written inside the transaction."""
        outcomes: list[list[Dropped | Failed | None]] = [[None for _ in items] for _, items in work]
        return Computed(outcomes, Outcome())

    @override
    def write(self, session: Session, effects: Sequence[tuple[Signal, None]], extra: Outcome | None) -> None:
        """Update health, hold or release alerts, write alerts, incidents and outbox rows."""
        if extra is None:
            return
        now = utc_now()
        fresh = [signal for signal, _ in effects]
        account_ids = sorted({signal.account_id for signal in fresh})
        # Before any health is read: whoever releases an alert writes the health of another worker's account.
        signals.lock_health(session, SHARED_SCOPE, SHARED_KEY, now=now)
        healths = self._load_healths(session, account_ids)
        accounts = signals.load_accounts(session, account_ids)
        raised = handle(healths, fresh, accounts, self._policy)
        self._save_healths(session, healths, now)
        times = _newest_times(fresh)
        self._settle(session, raised, list(times.values()), extra)

        def retell(case: ChurnAlert) -> ChurnAlert:
            key, health = case.account_id, healths[case.account_id]
            told = present(health, account=accounts.get(key), now=times[key], policy=self._policy)
            return retold(case, told, health.wrote)

        refresh(session, times, retell, now=now)

    @override
    def idle(self, session: Session) -> None:
        """Release the alerts that waited long enough while no signal came."""
        self._released = Outcome()
        self._settle(session, [], [], self._released)

    @override
    def idle_committed(self) -> None:
        """Count the alerts and incidents of the last idle turn."""
        self.committed([], self._released)

    @override
    def committed(self, effects: Sequence[tuple[Signal, None]], extra: Outcome | None) -> None:
        """Count alerts and incidents."""
        if extra is None:
            return
        for alert in extra.alerts:
            self._metrics.churn_alerts.labels(alert.cause).inc()
        for change, count in extra.changes.items():
            self._metrics.cases.labels(change).inc(count)
        extra.rules.show(self._metrics)
        for incident in extra.incidents:
            self._metrics.incidents.labels(incident.cause).inc()

    def _settle(
        self, session: Session, raised: list[ChurnAlert], heard: Sequence[datetime], extra: Outcome
    ) -> None:
        now = utc_now()
        days = judge_waiting(session, self._hazard, self._load_healths, now=now)
        raised = raised + days.alerts
        before = self._load_shared(session, now)
        state = before.hear(max(heard), now) if heard else before
        judged = judge_hours(before.outages, complete_hours(session, self._hours(session, now=now)))
        state, found = judge(state, judged)
        active = signals.count_watched_accounts(session) if raised or before.waiting else 0
        slowest = self._slowest(session, now=now)
        state, outcome = hold(state, raised, active_accounts=active, now=now, slowest=slowest)
        outcome.follow(found)
        outcome.alerts += self._left_behind(session, judged.left_behind, now)
        self._save_shared(session, before, state, now)
        if outcome.alerts or now - self._heard_at >= HEARD_EVERY:
            extra.rules, self._heard_at = hear(session, now=now), now
        self._publish(session, outcome, extra, now)
        taken = take_over(session, state.outages, outcome.hit, now=now)
        self._explain(session, taken, now)
        extra.changes["recovered"] += len(taken)
        healths = self._load_healths(session, list(days.standings)) if days.standings else {}
        extra.changes["recovered"] += close_recovered(session, days.standings, healths, now=now)
        clock = state.time(now)
        if clock is not None and (days.standings or heard):
            extra.changes["expired"] += expire(session, clock, now=now)

    def _load_shared(self, session: Session, now: datetime) -> SharedState:
        """Return the watch over all accounts, locked; one that cannot be read begins again."""
        alerts = signals.lock_health(session, SHARED_SCOPE, SHARED_KEY, now=now)
        hours = signals.load_health(session, SHARED_SCOPE, [HOURS_KEY]).get(HOURS_KEY)
        state = _read(SharedState, alerts) if alerts else SharedState()
        watch = _read(OutageWatch, hours) if hours else OutageWatch(until=1)
        if state is None:
            _set_aside(session, SHARED_SCOPE, {SHARED_KEY: alerts}, now)
        if watch is None and hours:
            _set_aside(session, SHARED_SCOPE, {HOURS_KEY: hours}, now)
        outages = restored(session, watch or OutageWatch(until=1))
        return (state or SharedState()).model_copy(update={"outages": outages})

    def _save_shared(self, session: Session, before: SharedState, after: SharedState, now: datetime) -> None:
        if after.outages != before.outages:
            hours = {HOURS_KEY: stored_watch(after.outages)}
            signals.save_health(session, SHARED_SCOPE, hours, now=now)
            forget_judged(session, before.outages, after.outages)
        if after.model_copy(update={"outages": before.outages}) != before:
            signals.save_health(session, SHARED_SCOPE, {SHARED_KEY: after.to_json()}, now=now)

    def _left_behind(
        self, session: Session, left_behind: Sequence[LeftBehind], now: datetime
    ) -> list[ChurnAlert]:
        """Return the alerts of accounts that did not come back after an outage; note them in their health."""
        alerts: list[ChurnAlert] = []
        for behind in left_behind:
            healths = self._load_healths(session, behind.account_ids)
            accounts = signals.load_accounts(session, behind.account_ids)
            alerts += raise_left_behind(healths, behind, accounts, self._policy)
            self._save_healths(session, healths, now)
        return alerts

    def _publish(self, session: Session, outcome: Outcome, extra: Outcome, now: datetime) -> None:
        """Write the outcome; note in `extra` the alerts and incidents that are new."""
        account_ids = sorted({alert.account_id for alert in outcome.alerts})
        healths = self._load_healths(session, account_ids) if account_ids else {}
        filed = CaseFiler(session, healths, extra.rules, now)
        filed.file(outcome.alerts)
        extra.alerts, extra.changes = filed.told, filed.changes
        told = {incident.incident_id: incident for incident in outcome.incidents}
        extra.incidents = [
            incident for incident in told.values() if signals.save_incident(session, incident, now=now)
        ]
        self._explain(session, outcome.explained, now)

    def _explain(self, session: Session, alerts: Sequence[ChurnAlert], now: datetime) -> None:
        if not alerts:
            return
        healths = self._load_healths(session, [alert.account_id for alert in alerts])
        for alert in alerts:
            if alert.account_id in healths:
                healths[alert.account_id] = healths[alert.account_id].after_incident(alert)
        self._save_healths(session, healths, now)

    def _load_healths(self, session: Session, account_ids: Sequence[str]) -> dict[str, AccountHealth]:
        """Return the health of accounts that have one; unreadable health is set aside and begins again."""
        stored = signals.load_health(session, ACCOUNT_SCOPE, account_ids)
        read = {key: _read(AccountHealth, state) for key, state in stored.items()}
        healths = {key: health for key, health in read.items() if health and health.account_id == key}
        bad = {key: state for key, state in stored.items() if key not in healths}
        if bad:
            _set_aside(session, ACCOUNT_SCOPE, bad, utc_now())
        return healths

    def _save_healths(self, session: Session, healths: dict[str, AccountHealth], now: datetime) -> None:
        states = {key: health.to_json() for key, health in healths.items()}
        signals.save_health(session, ACCOUNT_SCOPE, states, now=now)


def _read(kind: type[StoredState], stored: dict[str, Any]) -> StoredState | None:
    """Return a stored state, or None if it is damaged or of another build."""
    try:
        return kind.model_validate(stored)
    except ValidationError:
        return None


def _set_aside(session: Session, scope: str, states: dict[str, dict[str, Any]], now: datetime) -> None:
    """Keep unreadable states for a search for the cause; otherwise all signals of the accounts would fail."""
    reason = f"{scope} health that this build cannot read"
    logger.error("churn states cannot be read and begin again", extra={"scope": scope, "states": len(states)})
    aside = {key: (json.dumps(state).encode(), reason) for key, state in states.items()}
    signals.set_aside_states(session, SIGNALS, 0, aside, now=now)


def _newest_times(batch: Iterable[Signal]) -> dict[str, datetime]:
    """Return the event time of the newest signal of each account."""
    newest: dict[str, datetime] = {}
    for signal in batch:
        at = event_time(signal)
        newest[signal.account_id] = max(at, newest.get(signal.account_id, at))
    return newest
