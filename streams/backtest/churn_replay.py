"""The churn group over a recording: its handler, the hold, hazard and cases, without Kafka and SQL.

A worker's wall clock drives the hold of alerts; here event time stands in for it. What people would have done
with a case is unknown: nobody acknowledges, snoozes or resolves one, and no outcome teaches a rule.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from detectors.alert_rules import AlertRules
from detectors.churn.assess import present, risk_of
from detectors.churn.cases import retold
from detectors.churn.evidence import evidence_of
from detectors.churn.hazard.watch import HazardWatch
from detectors.churn.health import AccountHealth
from detectors.churn.judging import end_of_next_day, judge_day, watch_before
from detectors.churn.outages.explaining import TAKEN_OVER
from detectors.churn.outages.watch import OutageWatch
from detectors.churn.recovery import UseStanding, standings_of
from schemas.churn import ChurnAlert, Signal
from schemas.knowledge import Account
from schemas.tickets import Sentiment
from schemas.usage import Anomaly
from streams.backtest.casebook import CaseBook
from streams.backtest.hours import HoursInMemory
from streams.backtest.records import EndedDay, ReplayLog, ReplayStep, SeenIncident, UsageTurn
from streams.churn import event_time, handle, raise_left_behind
from streams.holding import CLOCK_DELAY, Outcome, SharedState, hold, judge
from streams.outages import judge_hours
from streams.usage.clocks import QUIET

_IDLE = timedelta(minutes=5)
"""Event time between two looks at held alerts while no record comes. Chosen by hand."""


class _DaysJudged(NamedTuple):
    alerts: list[ChurnAlert]
    standings: dict[str, UseStanding]


class ChurnReplay:
    """The churn group; `turn` feeds what a turn of the usage group found, and the moods of that time."""

    def __init__(self, rules: AlertRules, accounts: Mapping[str, Account]) -> None:
        self._rules = rules
        self._accounts = accounts
        self._healths: dict[str, AccountHealth] = {}
        self._watches: dict[int, HazardWatch] = {}
        self._cases = CaseBook()
        self._shared = SharedState(outages=OutageWatch(until=1))
        self._hours = HoursInMemory()
        self._clock: datetime | None = None
        self._watched = 0
        self._now: datetime | None = None
        self.log = ReplayLog()

    def turn(self, found: UsageTurn, moods: Sequence[Sentiment], now: datetime) -> None:
        """Handle the signals of a turn in order of their time; `now` is the end of the turn."""
        self._idle_until(now)
        self._now, self._watched, self._clock = now, found.watched, found.clock
        self._hours.add(found.uses)
        fresh: list[Signal] = sorted([*found.anomalies, *moods], key=event_time)
        self.log.anomalies += found.anomalies
        raised = handle(self._healths, fresh, self._accounts, self._rules.churn)
        self._note_held_back(fresh, raised, now)
        times = {signal.account_id: event_time(signal) for signal in fresh}
        self._settle(raised, found.ended, list(times.values()), now)
        self._cases.refresh(list(times), lambda case: self._retell(case, times[case.account_id]))

    def finish(self, end: datetime) -> dict[str, ChurnAlert]:
        """Let the time pass until the end, so that alerts on hold go out; return all cases by id."""
        self._idle_until(end)
        if self._now is not None and self._now < end:
            self._now = end
            self._settle([], [], [], end)
        return self._cases.told

    def _retell(self, case: ChurnAlert, at: datetime) -> ChurnAlert:
        key, health = case.account_id, self._healths[case.account_id]
        told = present(health, account=self._accounts.get(key), now=at, policy=self._rules.churn)
        return retold(case, told, health.wrote)

    def _idle_until(self, until: datetime) -> None:
        """Release alerts on hold as time passes without a record."""
        while self._now is not None and self._is_holding and self._now + _IDLE < until:
            self._now += _IDLE
            self._settle([], [], [], self._now)

    @property
    def _is_holding(self) -> bool:
        return bool(self._shared.waiting or self._shared.cause.held)

    def _settle(
        self,
        raised: list[ChurnAlert],
        ended: Sequence[EndedDay],
        heard: Sequence[datetime],
        now: datetime,
    ) -> None:
        judged = self._judge(ended)
        raised = [*raised, *judged.alerts]
        state = self._shared.hear(max(heard), now) if heard else self._shared
        # A turn holds the batches of all partitions: they have passed its end. Hours wait for a quiet one.
        clock = None if self._clock is None else max(self._clock, now - QUIET)
        hours = judge_hours(state.outages, self._hours.complete(clock))
        state, found = judge(state.paced(now, now), hours)
        self._shared, outcome = hold(
            state, raised, active_accounts=self._watched, now=now + CLOCK_DELAY, slowest=now
        )
        outcome.follow(found)
        for behind in hours.left_behind:
            outcome.alerts += raise_left_behind(self._healths, behind, self._accounts, self._rules.churn)
        self._hours.forget(self._shared.outages.needs_from)
        self._note_incidents(outcome, now)
        self.log.steps += self._cases.file(outcome.alerts, self._healths, now)
        self._take_over(outcome, now)
        self.log.steps += self._cases.close_recovered(judged.standings, self._healths, now)
        clock = self._shared.time(now)
        if clock is not None and (judged.standings or heard):
            self.log.steps += self._cases.expire(clock, now)

    def _take_over(self, outcome: Outcome, now: datetime) -> None:
        for case in self._cases.take_over(self._shared.outages, outcome.hit, now):
            self._healths[case.account_id] = self._healths[case.account_id].after_incident(case)
            self.log.steps.append(
                ReplayStep(now, case.account_id, "recovered", TAKEN_OVER, case_id=case.alert_id)
            )

    def _judge(self, ended: Sequence[EndedDay]) -> _DaysJudged:
        """Judge the days that ended, by partition; the standings are those of the last day of each."""
        judged = _DaysJudged([], {})
        for day in ended:
            known = self._watches.get(day.partition)
            if known is not None and day.day <= known.book.day:
                continue
            watch = self._watches[day.partition] = watch_before(known, self._rules.hazard, day.day)
            end = end_of_next_day(watch)
            wanted = [*watch.book.places, *day.use]
            evidence = {
                key: evidence_of(self._healths[key], end=end, policy=self._rules.churn)
                for key in wanted
                if key in self._healths
            }
            found = judge_day(watch, day.use, evidence, self._accounts_of)
            judged.alerts.extend(found.alerts)
            judged.standings.update(standings_of(watch, found.risks, day.use, self._cases.open, found.end))
        return judged

    def _accounts_of(self, account_ids: Sequence[str]) -> dict[str, Account]:
        return {key: self._accounts[key] for key in account_ids if key in self._accounts}

    def _note_incidents(self, outcome: Outcome, now: datetime) -> None:
        latest = self._shared.cause.latest
        for incident in (*outcome.incidents, *self._shared.cause.incidents):
            moved = incident.ended_at or latest.get(incident.incident_id, incident.detected_at)
            before = self.log.incidents.get(incident.incident_id)
            last = moved if before is None else max(moved, before.last_move_at)
            self.log.incidents[incident.incident_id] = SeenIncident(incident, last)
        for alert in outcome.explained:
            key = alert.account_id
            self._healths[key] = self._healths[key].after_incident(alert)
            self.log.steps.append(self._explained(alert, now))

    def _explained(self, alert: ChurnAlert, now: datetime) -> ReplayStep:
        """Return the step of an alert that the newest incident with its account explains."""
        own = [
            seen.incident
            for seen in self.log.incidents.values()
            if alert.account_id in seen.incident.account_ids
        ]
        newest = max(own, key=lambda incident: incident.detected_at, default=None)
        incident_id = None if newest is None else newest.incident_id
        return ReplayStep(now, alert.account_id, "explained", alert.sentence, alert, incident_id=incident_id)

    def _note_held_back(self, fresh: Sequence[Signal], raised: Sequence[ChurnAlert], now: datetime) -> None:
        """Note each anomaly that called for no alert, and why."""
        told = {source for alert in raised for part in alert.contributions for source in part.source_ids}
        for signal in fresh:
            if isinstance(signal, Anomaly) and signal.anomaly_id not in told:
                why = self._why_held_back(signal)
                step = ReplayStep(now, signal.account_id, "held_back", f"{signal.summary}: {why}")
                self.log.steps.append(step)

    def _why_held_back(self, anomaly: Anomaly) -> str:
        policy, health = self._rules.churn, self._healths[anomaly.account_id]
        score, _ = risk_of(health, now=anomaly.detected_at, policy=policy)
        if score < policy.alert_score:
            return f"score {score:.2f} is below {policy.alert_score:.2f}"
        rest = timedelta(days=policy.cool_down_days)
        told = [one.at for one in health.alerted if abs(anomaly.detected_at - one.at) < rest]
        newest = max(told, default=anomaly.detected_at)
        return f"the alert of {newest:%Y-%m-%d %H:%M} UTC tells of it already"
