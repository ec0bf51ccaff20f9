"""One case per account on PostgreSQL: signals and decisions of people in, one case and its revisions out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.churn.cases import EXPIRY
from detectors.churn.hazard.packing import unpack
from detectors.churn.hazard.shipped import load_prior
from responders.store import cases, hazards, signals
from responders.store.desk.alerts import AlertMove, list_alerts, move_alert
from schemas.churn import ChurnAlert
from streams import churn, holding
from streams.churn import ChurnHandler
from streams.drafting import OutreachHandler
from streams.process.metrics import Metrics
from tests.detectors.churn.hazard.populations import FIRST_DAY, end_of, event
from tests.detectors.churn.test_cases import alert
from tests.responders.support.drafting_samples import HashingEmbedder
from tests.streams.support.samples import WHEN, rows, work_off
from tests.streams.test_churn_handler import HOLD, anomaly, mood
from tests.streams.test_hazards import used

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "CLOCK_DELAY", timedelta(0))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def handler(metrics: Metrics) -> ChurnHandler:
    return ChurnHandler(metrics=metrics)


def after(tables: Engine, handler: ChurnHandler, *told: Any) -> None:
    """Handle signals, then let the clock pass the hold of their alerts."""
    work_off(tables, handler, list(told))
    newest = max(churn.event_time(signal) for signal in told)
    work_off(tables, handler, [mood("other", at=newest + HOLD)])


def move(tables: Engine, to: AlertMove, now: Any) -> None:
    ((alert_id,),) = rows(tables, "SELECT alert_id FROM churn_alerts WHERE account_id = 'a'")
    with Session(tables) as session, session.begin():
        move_alert(session, alert_id, to, now=now)


def case_of(tables: Engine) -> ChurnAlert:
    ((record,),) = rows(tables, "SELECT record FROM churn_alerts WHERE account_id = 'a'")
    return ChurnAlert.model_validate(record)


def states(tables: Engine) -> list[tuple[Any, ...]]:
    return rows(tables, "SELECT state, outcome, closed_by FROM churn_alerts ORDER BY detected_at")


def published(tables: Engine) -> list[ChurnAlert]:
    query = "SELECT value FROM outbox WHERE topic = 'success.churn-alerts' ORDER BY outbox_id"
    return [ChurnAlert.model_validate_json(bytes(value)) for (value,) in rows(tables, query)]


def count(metrics: Metrics, change: str) -> float:
    return metrics.registry.get_sample_value("rapport_cases_total", {"change": change}) or 0.0


def test_two_troubles_of_one_account_are_one_case_that_is_published_twice(
    tables: Engine, handler: ChurnHandler, metrics: Metrics
) -> None:
    after(tables, handler, anomaly("a", "drop"))
    after(tables, handler, anomaly("a", "silence", at=WHEN + 2 * DAY))
    case = case_of(tables)
    assert {reason.cause for reason in case.reasons} == {"drop", "silence"}
    assert [(told.alert_id, told.revision) for told in published(tables)] == [
        (case.alert_id, 1),
        (case.alert_id, 2),
    ]
    headers = rows(tables, "SELECT headers->0->>1 FROM outbox ORDER BY outbox_id")
    assert headers == [(case.alert_id,), (f"{case.alert_id}.2",)]
    assert (count(metrics, "opened"), count(metrics, "joined")) == (1, 1)


def test_a_later_revision_drafts_no_second_outreach(tables: Engine) -> None:
    handler = OutreachHandler(tables, None, HashingEmbedder(), metrics=Metrics())  # type: ignore[arg-type]
    later = alert().model_copy(update={"revision": 2})
    assert handler.compute([(0, [later])]).outcomes == [[None]]
    assert handler.identity(later)[0] != handler.identity(alert())[0]


def test_new_signals_of_a_cause_keep_the_text_current_without_another_alert(
    tables: Engine, handler: ChurnHandler
) -> None:
    after(tables, handler, anomaly("a"))
    before = case_of(tables)
    newer = anomaly("a", at=WHEN + DAY).model_copy(update={"observed": 99.0, "summary": "99 runs failed"})
    after(tables, handler, newer)
    case = case_of(tables)
    assert "99 runs failed" in case.sentence
    assert (case.alert_id, case.detected_at) == (before.alert_id, before.detected_at)
    assert len(published(tables)) == 1


def test_what_they_wrote_leads_the_next_action(tables: Engine, handler: ChurnHandler) -> None:
    after(tables, handler, anomaly("a"))
    work_off(tables, handler, [mood("a", at=WHEN + timedelta(hours=1))])
    assert case_of(tables).next_action.startswith("They wrote on 5 January at 01:00 UTC (ticket t)")


def test_after_a_false_alarm_the_account_rests(
    tables: Engine, handler: ChurnHandler, metrics: Metrics
) -> None:
    after(tables, handler, anomaly("a", "silence"))
    move(tables, AlertMove("resolved", "kim", outcome="false alarm"), WHEN + DAY)
    after(tables, handler, anomaly("a", "drop", at=WHEN + 5 * DAY))
    assert states(tables) == [("resolved", "false alarm", "person")]
    assert count(metrics, "rested") == 1


def test_a_snoozed_case_that_becomes_worse_is_new_again(tables: Engine, handler: ChurnHandler) -> None:
    after(tables, handler, anomaly("a"))
    assert case_of(tables).severity != "critical"
    move(tables, AlertMove("snoozed", "kim", days=14), WHEN + DAY)
    after(tables, handler, anomaly("a", "silence", at=WHEN + 2 * DAY))
    assert case_of(tables).severity == "critical"
    assert states(tables) == [("new", None, None)]
    changes = rows(tables, "SELECT state, changed_by FROM alert_changes ORDER BY change_id")
    assert changes == [("snoozed", "kim"), ("new", "rapport")]


def test_an_acknowledged_case_stays_so_when_a_lesser_cause_joins(
    tables: Engine, handler: ChurnHandler
) -> None:
    after(tables, handler, anomaly("a", "silence"))
    move(tables, AlertMove("acknowledged", "kim"), WHEN + DAY)
    after(tables, handler, anomaly("a", at=WHEN + 2 * DAY))
    assert {part.name.partition(":")[0] for part in case_of(tables).contributions} == {
        "silence",
        "error_surge",
    }
    assert states(tables) == [("acknowledged", None, None)]


def test_a_case_without_new_evidence_expires_but_not_while_someone_works_on_it(
    tables: Engine, handler: ChurnHandler, metrics: Metrics
) -> None:
    after(tables, handler, anomaly("a"))
    move(tables, AlertMove("acknowledged", "kim"), WHEN + DAY)
    work_off(tables, handler, [mood("other", at=WHEN + EXPIRY + 2 * DAY)])
    assert states(tables) == [("acknowledged", None, None)]
    work_off(tables, handler, [mood("other", at=WHEN + 100 * DAY)])
    assert states(tables) == [("expired", None, "expiry")]
    assert count(metrics, "expired") == 1


def hand_over(tables: Engine, days: range) -> None:
    uses = [(FIRST_DAY + day, used([event("a", day), event("b", day)])) for day in days]
    with Session(tables) as session, session.begin():
        hazards.hand_over(session, 0, uses, now=end_of(99))


def idle(tables: Engine, handler: ChurnHandler) -> None:
    for _ in range(6):
        with Session(tables) as session, session.begin():
            handler.idle(session)
        handler.idle_committed()


def test_recovery_closes_a_snoozed_case_and_says_why(
    tables: Engine, handler: ChurnHandler, metrics: Metrics
) -> None:
    """The anomaly is of day 20; the account uses the product as before."""
    after(tables, handler, anomaly("a", "drop", at=end_of(20)))
    move(tables, AlertMove("snoozed", "kim", days=14), end_of(20))
    hand_over(tables, range(22))
    idle(tables, handler)
    assert states(tables) == [("snoozed", None, None)]
    hand_over(tables, range(22, 30))
    idle(tables, handler)
    assert states(tables) == [("resolved", None, "recovery")]
    assert count(metrics, "recovered") == 1
    with Session(tables) as session:
        (standing,) = list_alerts(session, "closed", now=end_of(40))
    assert standing.closed_by == "recovery"
    assert "back at 100%" in (standing.changes[-1].comment or "")
    after(tables, handler, anomaly("a", "silence", at=end_of(31)))
    assert [state for state, *_ in states(tables)] == ["resolved", "new"]


def test_what_people_said_of_a_case_is_learned_once(tables: Engine, handler: ChurnHandler) -> None:
    hand_over(tables, range(5))
    idle(tables, handler)
    after(tables, handler, anomaly("a", "drop", at=end_of(5)))
    move(tables, AlertMove("resolved", "kim", outcome="lost"), end_of(5))
    hand_over(tables, range(5, 9))
    idle(tables, handler)
    hand_over(tables, range(9, 12))
    idle(tables, handler)
    ((state,),) = rows(tables, "SELECT state FROM hazard_watches")
    learner = unpack(bytes(state), load_prior()).learner
    assert learner.labels == 1
    assert learner.intercept > load_prior().intercept
    assert rows(tables, "SELECT count(*) FROM learned_outcomes") == [(1,)]


def test_the_page_links_the_tickets_of_the_messages_behind_a_case(
    tables: Engine, handler: ChurnHandler
) -> None:
    told = alert("mood_slide")
    part = told.contributions[0].model_copy(update={"source_ids": ("m1", "m2")})
    with Session(tables) as session, session.begin():
        signals.save_sentiments(
            session,
            [
                mood("a", at=WHEN).model_copy(update={"event_id": name, "ticket_id": f"t-{name}"})
                for name in ("m1", "m2", "m3")
            ],
        )
        signals.save_alert(session, told.model_copy(update={"contributions": (part,)}), now=WHEN)
        (standing,) = list_alerts(session, "open", now=WHEN)
    assert sorted(standing.ticket_ids) == ["t-m1", "t-m2"]


def test_locks_find_only_open_cases(tables: Engine, handler: ChurnHandler) -> None:
    after(tables, handler, anomaly("a"), anomaly("b", "drop"))
    move(tables, AlertMove("resolved", "kim", outcome="saved"), WHEN)
    with Session(tables) as session, session.begin():
        assert set(cases.lock_open(session, ["a", "b", "c"])) == {"b"}
        assert cases.with_open(session) == ["b"]
        assert cases.newest_closed(session, ["a", "b"])["a"].outcome == "saved"
