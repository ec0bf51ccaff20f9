"""A replay in memory decides what the live handlers decide on PostgreSQL, over the same history."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from schemas import Anomaly, ChurnAlert, UsageEvent
from schemas.base import EPOCH
from schemas.churn import Signal
from streams import churn
from streams.backtest.recording import Recording, turns
from streams.backtest.records import Backtest
from streams.churn import ChurnHandler, event_time
from streams.holding import CLOCK_DELAY
from streams.process.metrics import Metrics
from streams.usage.clocks import QUIET
from streams.usage.handler import UsageHandler
from streams.usage.sealing import clock_of
from tests.detectors.churn.hazard.populations import days_of_use
from tests.faults.stories import usage_story
from tests.streams.backtest.histories import Recorder, backtest_of, mood_at, steady_use
from tests.streams.support.samples import TOLERANCE, rows, work_off


class LiveService:
    """The usage group and the churn group on PostgreSQL, whose wall clock is the time of the history."""

    def __init__(self, tables: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self._tables = tables
        self._usage = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE)
        self._churn = ChurnHandler(metrics=Metrics(), slowest=self._slowest, hours=self._hours)
        self._now = EPOCH
        self.anomalies: list[Anomaly] = []
        monkeypatch.setattr(churn, "utc_now", lambda: self._now)
        with Session(tables) as session, session.begin():
            self._usage.restore(session, 0)

    def play(self, recording: Recording) -> None:
        for turn in turns(recording):
            self._now = turn.now
            found = self._use(turn.events)
            self.anomalies += found
            signals: list[Signal] = sorted([*found, *turn.moods], key=event_time)
            if signals:
                work_off(self._tables, self._churn, signals)
            self._now += CLOCK_DELAY
            self._idle()
        for _ in range(12):
            self._now += timedelta(minutes=5)
            self._idle()

    def _use(self, events: Sequence[UsageEvent]) -> list[Anomaly]:
        extra = work_off(self._tables, self._usage, events).extra
        return extra.anomalies if extra is not None else []

    def _slowest(self, session: Session, *, now: datetime) -> datetime:
        return now

    def _hours(self, session: Session, *, now: datetime) -> datetime:
        ((state,),) = rows(self._tables, "SELECT state FROM detector_states WHERE account_id = ''")
        return max(clock_of(bytes(state)), now - QUIET)

    def _idle(self) -> None:
        with Session(self._tables) as session, session.begin():
            self._churn.idle(session)


def live_cases(tables: Engine) -> dict[str, tuple[ChurnAlert, str]]:
    found = rows(tables, "SELECT alert_id, record, state FROM churn_alerts")
    return {alert_id: (ChurnAlert.model_validate(record), state) for alert_id, record, state in found}


def replayed_cases(found: Backtest) -> dict[str, tuple[ChurnAlert, str]]:
    """The cases as they were told last; a case is new until a step closes it."""
    closed = {step.case_id: step for step in found.steps if step.kind in {"recovered", "expired"}}
    states = {"recovered": "resolved", "expired": "expired"}
    return {
        key: (case, states[closed[key].kind] if key in closed else "new") for key, case in found.cases.items()
    }


def in_order(events: Sequence[UsageEvent]) -> list[UsageEvent]:
    return sorted(events, key=lambda event: event.occurred_at)


def test_anomalies_and_alerts_of_a_story_with_drops_are_those_of_the_live_handlers(
    tables: Engine, recorded: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = usage_story(5, falling=2, days=16)[::3]
    recording = recorded(story)
    live = LiveService(tables, monkeypatch)
    live.play(recording)
    found = backtest_of(recording)
    assert found.anomalies
    assert sorted(one.to_bytes() for one in found.anomalies) == sorted(
        one.to_bytes() for one in live.anomalies
    )
    assert found.count("opened") == 2
    assert replayed_cases(found) == live_cases(tables)


def test_an_incident_and_a_slide_of_moods_are_those_of_the_live_handlers(
    tables: Engine, recorded: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"a{number}" for number in range(9)]
    # It ends before the day after, at which accounts that are still away are told again, alone.
    events = steady_use(ids, days=18, falls={**dict.fromkeys(ids[:6], (17.5, 0.0)), "a7": (16, 0.1)})
    start = events[0].occurred_at
    fine = [mood_at("a8", start + timedelta(days=day), 0.7) for day in range(9)]
    sour = [mood_at("a8", start + timedelta(days=12 + day), -0.7) for day in range(5)]
    recording = recorded(events, moods=[*fine, *sour])
    live = LiveService(tables, monkeypatch)
    live.play(recording)
    found = backtest_of(recording)
    incidents = rows(tables, "SELECT record->'account_ids' FROM incidents")
    assert [list(seen.incident.account_ids) for seen in found.incidents] == [names for (names,) in incidents]
    assert [seen.incident.account_ids for seen in found.incidents] == [tuple(ids[:6])]
    assert {step.account_id for step in found.opened()} == {"a7", "a8"}
    assert replayed_cases(found) == live_cases(tables)


def test_risks_and_closed_cases_of_a_fading_population_are_those_of_the_live_handlers(
    tables: Engine, recorded: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = in_order([event for day in days_of_use(60, 80) for event in day])
    recording = recorded(events)
    live = LiveService(tables, monkeypatch)
    live.play(recording)
    found = backtest_of(recording)
    told = [step for step in found.steps if step.kind in {"opened", "joined"}]
    assert "churn_risk" in {step.alert.cause for step in told if step.alert is not None}
    assert found.count("recovered", "expired") > 0
    assert replayed_cases(found) == live_cases(tables)
