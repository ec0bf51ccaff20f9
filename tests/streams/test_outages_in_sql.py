"""Hours of all accounts through SQL: the stored watch, and what the churn group does of outages it finds."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from detectors.churn.outages.watch import REVIEW_HOURS, OutageWatch, detected_at
from detectors.usage.hour_use import ClosedUse, HourUse, pack_uses
from detectors.usage.policy import moment
from responders.store import hours as store
from responders.store import signals
from schemas import Anomaly
from schemas.usage import AnomalyCause
from streams import holding
from streams.churn import HOURS_KEY, ChurnHandler
from streams.holding import SharedState
from streams.outages import complete_hours, restored, stored_watch
from streams.process.metrics import Metrics
from tests.detectors.support.hours_of_accounts import MONDAY_HOUR, ONSET, WatchedCompany, hit, name
from tests.streams.support.samples import rows, work_off
from tests.streams.test_outages import COMPANY, NOW

LONG_AGO = 490_000
MOST_BYTES = 10_000
"""Bytes of the row that is written after each judged hour, however many accounts an outage hits."""


def hand_over(session: Session, hours: range, company: WatchedCompany = COMPANY) -> None:
    """Hand over the hours of a company; the use of an hour comes in two parts."""
    recall = company.recall()
    for hour in hours:
        use = recall(hour)
        if use is None:
            continue
        columns = zip(*(column.tolist() for column in use[1:]), strict=True)
        closed = [
            ClosedUse(hour, key, HourUse(*row)) for key, row in zip(use.account_ids, columns, strict=True)
        ]
        for part in (closed[::2], closed[1::2]):
            store.hand_over_hours(session, pack_uses(part))


def test_hours_go_through_sql(tables: Engine) -> None:
    uses = [ClosedUse(LONG_AGO, "a", HourUse(1.0, 5.0, 0.1, is_odd=True))]
    more = [ClosedUse(LONG_AGO, "b", HourUse(0.0, 6.0, 0.1, is_odd=False))]
    with Session(tables) as session, session.begin():
        for part in (uses, more):
            store.hand_over_hours(session, pack_uses(part))
        found = complete_hours(session, detected_at(LONG_AGO))
        assert (found.ready, found.next_from(0)) == (LONG_AGO + 1, LONG_AGO)
        hours = found.recall(LONG_AGO)
        assert hours is not None
        assert (hours.account_ids, hours.is_odd.tolist()) == (("a", "b"), [True, False])
        store.forget_hours(session, LONG_AGO + 1)
        assert store.next_hour(session, 0) is None


def test_the_stored_watch_is_small_and_names_accounts_only_in_its_incidents(tables: Engine) -> None:
    watch = WatchedCompany(500, hit(0.6, 0.4, 72, accounts=500)).watched(24)[0]
    [outage] = watch.outages
    full = watch
    for number in range(1, 40):
        behind = tuple(name(account) for account in range(400, 450))
        changes = {"first": outage.first + number, "is_over": True, "behind": behind}
        full = full.with_outage(outage.model_copy(update=changes))
    content = stored_watch(full.skip(full.until))
    assert len(json.dumps(content)) <= MOST_BYTES
    assert name(1) not in json.dumps(content)
    with Session(tables) as session, session.begin():
        signals.save_incident(session, outage.incident, now=NOW)
        assert restored(session, OutageWatch.model_validate(stored_watch(watch))) == watch


def test_an_incident_that_cannot_be_read_hit_nobody_and_blocks_nothing(tables: Engine) -> None:
    watch = COMPANY.watched(3)[0]
    with Session(tables) as session, session.begin():
        signals.save_incident(session, watch.outages[0].incident, now=NOW)
        session.execute(text("UPDATE incidents SET record = '{}'"))
        [outage] = restored(session, OutageWatch.model_validate(stored_watch(watch))).outages
    assert (outage.level, outage.incident.account_ids) == (watch.outages[0].level, ())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "CLOCK_DELAY", timedelta(0))


class Clock:
    """The event time that all partitions have reached."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def __call__(self, session: Session, *, now: datetime) -> datetime | None:
        return self.at

    def reach(self, hour: int) -> None:
        """Let all partitions have closed the hours before `hour`."""
        self.at = detected_at(hour - 1)


def fall_of(account: int, hour: int, cause: AnomalyCause = "silence") -> Anomaly:
    fields = {
        "anomaly_id": f"an-{account}-{hour}",
        "account_id": name(account),
        "cause": cause,
        "metric": "activity",
        "observed": 0.0,
        "expected": 300.0,
        "expected_low": 210.0,
        "expected_high": 390.0,
        "deviation": -6.0,
        "baseline_days": 12,
        "sample_count": 900,
        "started_at": moment(ONSET),
        "detected_at": detected_at(hour),
        "summary": "no events at all",
        "model": "m",
    }
    return Anomaly.model_validate(fields)


def turn(tables: Engine, handler: ChurnHandler, found: Sequence[Anomaly] = ()) -> None:
    if found:
        work_off(tables, handler, found)
    for _ in range(8):
        with Session(tables) as session, session.begin():
            handler.idle(session)


def open_cases(tables: Engine) -> list[str]:
    return [
        key for (key,) in rows(tables, "SELECT account_id FROM churn_alerts WHERE state = 'new' ORDER BY 1")
    ]


GONE = 79


def left(account: int, hour: int) -> float:
    return 0.0 if account == GONE and hour >= ONSET else hit(0.6, 0.0, 4, accounts=80)(account, hour)


TOTAL = WatchedCompany(left=left)


@pytest.mark.usefixtures("impatient")
def test_a_leaver_of_the_hour_of_a_total_outage_gets_an_alert_of_its_own_a_day_after_it(
    tables: Engine,
) -> None:
    clock = Clock()
    handler = ChurnHandler(metrics=Metrics(), slowest=clock, hours=clock)
    with Session(tables) as session, session.begin():
        hand_over(session, range(MONDAY_HOUR, ONSET + 60), TOTAL)
    clock.reach(ONSET + 3)
    turn(tables, handler, [fall_of(account, ONSET + 1) for account in (1, 2, GONE)])
    clock.reach(ONSET + 4 + REVIEW_HOURS - 1)
    turn(tables, handler)
    assert (open_cases(tables), rows(tables, "SELECT state FROM incidents")) == ([], [("ended",)])
    clock.reach(ONSET + 4 + REVIEW_HOURS + 9)
    turn(tables, handler)
    assert open_cases(tables) == [name(GONE)]
    [(record,)] = rows(tables, "SELECT record FROM incidents")
    assert name(GONE) not in record["account_ids"]
    assert datetime.fromisoformat(record["ended_at"]) == moment(ONSET + 4)
    assert rows(tables, f"SELECT count(*) FROM usage_hours WHERE hour < {ONSET + 24}") == [(0,)]


@pytest.mark.usefixtures("impatient")
def test_a_young_case_that_an_outage_explains_is_closed_and_one_with_another_cause_is_not(
    tables: Engine,
) -> None:
    clock = Clock()
    handler = ChurnHandler(metrics=Metrics(), hours=clock)
    with Session(tables) as session, session.begin():
        hand_over(session, range(MONDAY_HOUR, ONSET + 8), TOTAL)
    clock.reach(ONSET)
    turn(tables, handler, [fall_of(account, ONSET + 1) for account in (1, 2)])
    turn(tables, handler, [fall_of(70, ONSET + 3, "drop")])
    assert open_cases(tables) == [name(1), name(2)]
    with tables.begin() as connection:
        joined = """UPDATE churn_alerts SET record = jsonb_set(record, '{cause}', '"churn_risk"')"""
        connection.execute(text(f"{joined} WHERE account_id = '{name(2)}'"))
    clock.reach(ONSET + 3)
    turn(tables, handler)
    assert open_cases(tables) == [name(2)]


def test_an_unreadable_watch_over_hours_begins_again_beside_the_watch_over_alerts(tables: Engine) -> None:
    clock = Clock()
    handler = ChurnHandler(metrics=Metrics(), slowest=clock, hours=clock)
    with Session(tables) as session, session.begin():
        hand_over(session, range(MONDAY_HOUR, MONDAY_HOUR + 12))
    clock.reach(MONDAY_HOUR + 9)
    turn(tables, handler, [fall_of(1, ONSET)])
    with tables.begin() as connection:
        damaged = 'UPDATE account_health SET state = \'{"until": "x"}\''
        connection.execute(text(f"{damaged} WHERE health_key = '{HOURS_KEY}' AND scope = 'shared'"))
    turn(tables, handler)
    assert rows(tables, "SELECT account_id FROM corrupt_states") == [(HOURS_KEY,)]
    [(state,)] = rows(
        tables, "SELECT state FROM account_health WHERE scope = 'shared' AND health_key = 'all'"
    )
    assert len(SharedState.model_validate(state).waiting) == 1


@pytest.mark.usefixtures("impatient")
def test_alerts_that_waited_are_compared_with_all_accounts(tables: Engine) -> None:
    clock = Clock()
    handler = ChurnHandler(metrics=Metrics(), slowest=clock, hours=clock)
    with Session(tables) as session, session.begin():
        signals.save_detector_states(session, "product.usage-events", {(0, f"w{n}"): b"" for n in range(500)})
    clock.reach(ONSET)
    turn(tables, handler, [fall_of(account, ONSET + 1) for account in range(6)])
    assert open_cases(tables) == []
    clock.reach(ONSET + 9)
    turn(tables, handler)
    work_off(tables, handler, [fall_of(70, ONSET + 6)])
    turn(tables, handler)
    assert rows(tables, "SELECT count(*) FROM incidents") == [(0,)]
    assert len(open_cases(tables)) == 6
