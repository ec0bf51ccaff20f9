"""The churn group without Kafka: signals in, alerts held and released, one incident for a shared cause."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from schemas import Anomaly, ChurnAlert, Sentiment
from schemas.usage import AnomalyCause
from streams import holding
from streams.churn import ChurnHandler, event_time, handle
from streams.holding import CLOCK_DELAY, MOST_WAIT, Outcome, SharedState, hold
from streams.process.metrics import Metrics
from tests.streams.support.samples import WHEN, raw_of, rows, work_off

WALL = datetime(2026, 5, 1, tzinfo=UTC)
HOLD = timedelta(minutes=30)
METRICS = {"drop": "task.labelled", "silence": "activity", "error_surge": "errors"}


def anomaly(account_id: str, cause: AnomalyCause = "error_surge", *, at: datetime = WHEN) -> Anomaly:
    observed, expected = (60.0, 4.0) if cause == "error_surge" else (0.0, 500.0)
    fields = {
        "anomaly_id": f"{cause}-{account_id}-{at.isoformat()}",
        "account_id": account_id,
        "cause": cause,
        "metric": METRICS[cause],
        "observed": observed,
        "expected": expected,
        "expected_low": expected * 0.7,
        "expected_high": expected * 1.3,
        "deviation": -5.0,
        "baseline_days": 12,
        "sample_count": 900,
        "started_at": at - timedelta(hours=3),
        "detected_at": at,
        "summary": "it left its band",
        "model": "m",
    }
    return Anomaly.model_validate(fields)


def mood(account_id: str, *, at: datetime) -> Sentiment:
    fields = {"event_id": f"m-{at.isoformat()}", "ticket_id": "t", "account_id": account_id}
    scored = {"label": "positive", "probabilities": (0.1, 0.2, 0.7), "score": 0.6, "model": "m"}
    return Sentiment.model_validate({**fields, **scored, "occurred_at": at, "scored_at": at})


def alerts_of(*accounts: str, at: datetime = WHEN) -> list[ChurnAlert]:
    return handle({}, [anomaly(account_id, at=at) for account_id in accounts], {})


def test_a_strong_signal_raises_one_alert_and_no_second() -> None:
    healths: dict[str, Any] = {}
    later = anomaly("a", at=WHEN + timedelta(days=1))
    raised = handle(healths, [anomaly("a"), later, mood("b", at=WHEN)], {})
    assert [(alert.account_id, alert.cause) for alert in raised] == [("a", "error_surge")]
    assert set(healths) == {"a", "b"}
    assert event_time(later) == later.detected_at


def test_an_alert_is_held_until_all_partitions_have_probably_passed_its_hold() -> None:
    state, outcome = hold(SharedState().hear(WHEN, WALL), alerts_of("a"), active_accounts=100, now=WALL)
    assert outcome == Outcome()
    heard = state.hear(WHEN + HOLD, WALL + timedelta(seconds=1))
    _, too_early = hold(heard, [], active_accounts=100, now=WALL + CLOCK_DELAY / 2)
    assert too_early == Outcome()
    _, released = hold(heard, [], active_accounts=100, now=WALL + CLOCK_DELAY)
    assert [alert.account_id for alert in released.alerts] == ["a"]


def test_the_clock_advances_with_the_wall_clock_while_no_signal_comes() -> None:
    state, _ = hold(SharedState().hear(WHEN, WALL), alerts_of("a"), active_accounts=100, now=WALL)
    state, waiting = hold(state, [], active_accounts=100, now=WALL + CLOCK_DELAY)
    assert waiting.alerts == []
    state, waiting = hold(state, [], active_accounts=100, now=WALL + CLOCK_DELAY + HOLD * 0.9)
    assert waiting.alerts == []
    state, released = hold(state, [], active_accounts=100, now=WALL + CLOCK_DELAY + HOLD)
    assert len(released.alerts) == 1
    _, again = hold(state, [], active_accounts=100, now=WALL + 3 * HOLD)
    assert again.alerts == []


def test_accounts_that_move_together_are_one_incident_and_no_alerts() -> None:
    together = alerts_of(*(f"a{number}" for number in range(6)))
    state = SharedState().hear(WHEN, WALL)
    state, outcome = hold(state, together, active_accounts=40, now=WALL)
    assert outcome.alerts == []
    assert {incident.incident_id for incident in outcome.incidents} == {outcome.incidents[0].incident_id}
    assert outcome.incidents[-1].account_ids == tuple(f"a{number}" for number in range(6))
    assert sorted(alert.account_id for alert in outcome.explained) == sorted(a.account_id for a in together)
    _, later = hold(state, [], active_accounts=40, now=WALL + timedelta(days=2))
    assert later.alerts == []


MOMENTS = st.integers(0, 5_000_000).map(lambda seconds: WHEN + timedelta(seconds=seconds))


@given(
    heard=st.lists(st.tuples(MOMENTS, st.floats(0, 60)), min_size=1, max_size=12),
    pause=st.floats(0, 3_600),
)
def test_the_clock_never_runs_backwards_nor_ahead_of_times_heard_plus_time_waited(
    heard: list[tuple[datetime, float]], pause: float
) -> None:
    state, now, before = SharedState(), WALL, None
    for moment, seconds in heard:
        now += timedelta(seconds=seconds)
        state = state.hear(moment, now).tick(now)
        reached = state.time(now)
        assert before is None or (reached is not None and reached >= before)
        before = reached
    end = now + CLOCK_DELAY + timedelta(seconds=pause)
    reached = state.tick(end).time(end)
    assert reached is not None
    newest = max(moment for moment, _ in heard)
    assert newest <= reached <= newest + (end - WALL)


@given(heard=st.lists(MOMENTS, max_size=5))
def test_the_shared_state_is_the_same_after_a_round_trip_through_sql(heard: list[datetime]) -> None:
    state = SharedState()
    for moment in heard:
        state = state.hear(moment, WALL).tick(WALL + CLOCK_DELAY)
    assert SharedState.model_validate(state.to_json()) == state


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "CLOCK_DELAY", timedelta(0))


def count(metrics: Metrics, name: str, cause: str) -> float:
    return metrics.registry.get_sample_value(name, {"cause": cause}) or 0.0


@pytest.mark.usefixtures("impatient")
def test_a_lone_alert_is_written_published_and_counted_when_its_hold_is_over(tables: Engine) -> None:
    metrics = Metrics()
    handler = ChurnHandler(metrics=metrics)
    work_off(tables, handler, [anomaly("a")])
    assert rows(tables, "SELECT count(*) FROM churn_alerts") == [(0,)]
    work_off(tables, handler, [mood("b", at=WHEN + HOLD)])
    assert rows(tables, "SELECT account_id, cause, state FROM churn_alerts") == [("a", "error_surge", "new")]
    ((topic, key, value),) = rows(tables, "SELECT topic, key, value FROM outbox")
    assert (topic, bytes(key)) == ("success.churn-alerts", b"a")
    assert ChurnAlert.model_validate_json(bytes(value)).account_id == "a"
    assert count(metrics, "rapport_churn_alerts_total", "error_surge") == 1


@pytest.mark.usefixtures("impatient")
def test_an_outage_is_one_incident_and_its_accounts_can_alert_again_later(tables: Engine) -> None:
    metrics = Metrics()
    handler = ChurnHandler(metrics=metrics)
    work_off(tables, handler, [anomaly(f"a{number}") for number in range(5)])
    work_off(tables, handler, [anomaly("a5", at=WHEN + timedelta(minutes=10))])
    work_off(tables, handler, [mood("b", at=WHEN + timedelta(days=1))])
    assert rows(tables, "SELECT count(*) FROM churn_alerts") == [(0,)]
    ((record,),) = rows(tables, "SELECT record FROM incidents")
    assert record["account_ids"] == [f"a{number}" for number in range(6)]
    assert count(metrics, "rapport_incidents_total", "error_surge") >= 1
    again = WHEN + timedelta(days=3)
    work_off(tables, handler, [anomaly("a2", at=again)])
    work_off(tables, handler, [mood("b", at=again + HOLD)])
    assert rows(tables, "SELECT account_id FROM churn_alerts") == [("a2",)]


@pytest.mark.usefixtures("impatient")
def test_an_idle_turn_releases_nothing_early_and_writes_no_needless_row(tables: Engine) -> None:
    handler = ChurnHandler(metrics=Metrics())
    work_off(tables, handler, [anomaly("a")])
    (before,) = rows(tables, "SELECT state FROM account_health WHERE scope = 'shared'")
    with Session(tables) as session, session.begin():
        handler.idle(session)
    assert rows(tables, "SELECT state FROM account_health WHERE scope = 'shared'") == [before]
    assert rows(tables, "SELECT count(*) FROM churn_alerts") == [(0,)]


def test_health_is_read_and_written_in_the_transaction_so_that_a_rollback_loses_nothing(
    tables: Engine,
) -> None:
    handler = ChurnHandler(metrics=Metrics())
    with Session(tables) as session:
        handler.write(session, [(anomaly("a"), None)], Outcome())
        session.rollback()
    assert rows(tables, "SELECT count(*) FROM account_health") == [(0,)]
    work_off(tables, handler, [anomaly("a")])
    assert rows(tables, "SELECT health_key FROM account_health ORDER BY 1") == [("a",), ("all",)]


def test_a_batch_that_was_never_computed_writes_nothing(tables: Engine) -> None:
    """There is no `extra` then, which once ended the process, and again after each restart."""
    handler = ChurnHandler(metrics=Metrics())
    with Session(tables) as session, session.begin():
        handler.write(session, [], None)
    handler.committed([], None)
    assert rows(tables, "SELECT count(*) FROM account_health") == [(0,)]


def test_signals_of_both_kinds_are_decoded_and_have_different_ids() -> None:
    handler = ChurnHandler(metrics=Metrics())
    surge, happy = anomaly("a"), mood("a", at=WHEN)
    assert handler.decode(raw_of(surge, "a")) == surge
    assert handler.decode(raw_of(happy, "a")) == happy
    same_id = surge.model_copy(update={"anomaly_id": happy.event_id})
    assert handler.identity(same_id)[0] != handler.identity(happy)[0]


DAMAGES = {
    "no object of ours": "'{}'",
    "a field of another type": "state || '{\"account_id\": 7}'",
    "another account's": 'state || \'{"account_id": "b"}\'',
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_unreadable_health_is_set_aside_and_the_signals_of_the_account_go_on(
    tables: Engine, damage: str
) -> None:
    handler = ChurnHandler(metrics=Metrics())
    work_off(tables, handler, [anomaly("a"), anomaly("c")])
    with tables.begin() as connection:
        connection.execute(text(f"UPDATE account_health SET state = {damage} WHERE health_key = 'a'"))
    (kept,) = rows(tables, "SELECT state FROM account_health WHERE health_key = 'c'")
    work_off(tables, handler, [anomaly("a", at=WHEN + timedelta(days=40))])
    aside = rows(tables, "SELECT topic, account_id, error FROM corrupt_states")
    assert aside == [("customer.signals", "a", "account health that this build cannot read")]
    healths = rows(
        tables, "SELECT health_key, state->>'account_id' FROM account_health WHERE scope = 'account'"
    )
    assert sorted(healths) == [("a", "a"), ("c", "c")]
    assert rows(tables, "SELECT state FROM account_health WHERE health_key = 'c'") == [kept]


def test_an_unreadable_watch_over_all_accounts_begins_again(tables: Engine) -> None:
    handler = ChurnHandler(metrics=Metrics())
    work_off(tables, handler, [anomaly("a")])
    with tables.begin() as connection:
        connection.execute(text("UPDATE account_health SET state = '{\"clock\": 7}' WHERE scope = 'shared'"))
    work_off(tables, handler, [anomaly("b")])
    assert rows(tables, "SELECT account_id FROM corrupt_states") == [("all",)]
    (state,) = rows(tables, "SELECT state FROM account_health WHERE scope = 'shared'")
    assert SharedState.model_validate(state[0]).heard == WHEN


def test_an_alert_waits_until_the_slowest_partition_has_passed_its_time() -> None:
    behind, state = WHEN - timedelta(days=1), SharedState().hear(WHEN + 2 * HOLD, WALL)
    state, outcome = hold(state, alerts_of("a"), active_accounts=100, now=WALL, slowest=behind)
    assert outcome == Outcome()
    later = WALL + 10 * CLOCK_DELAY
    state, outcome = hold(state, [], active_accounts=100, now=later, slowest=WHEN + 2 * HOLD)
    assert outcome == Outcome()
    _, outcome = hold(state, [], active_accounts=100, now=later + CLOCK_DELAY, slowest=WHEN + 2 * HOLD)
    assert [alert.account_id for alert in outcome.alerts] == ["a"]


def test_alerts_of_a_slower_partition_join_those_of_one_that_is_days_ahead() -> None:
    accounts, behind, ahead = [f"a{number}" for number in range(6)], -timedelta(days=1), timedelta(days=3)
    state, now, incidents = SharedState(), WALL, []
    for raised, slowest in [*((account, behind) for account in accounts), *[(None, ahead)] * 3]:
        now += 2 * CLOCK_DELAY
        alerts = alerts_of(raised) if raised else []
        state, outcome = hold(
            state.hear(WHEN + ahead, now), alerts, active_accounts=40, now=now, slowest=WHEN + slowest
        )
        assert outcome.alerts == []
        incidents += outcome.incidents
    assert incidents[-1].account_ids == tuple(accounts)


def test_waiting_alerts_are_offered_in_the_order_of_event_time_whatever_came_first() -> None:
    times = [WHEN + timedelta(hours=hours) for hours in (9, 0, 4)]
    alerts = [alert for place, at in enumerate(times) for alert in alerts_of(f"a{place}", at=at)]
    state, _ = hold(SharedState(), alerts, active_accounts=100, now=WALL, slowest=WHEN - timedelta(days=1))
    assert len(state.waiting) == 3
    left, due = state.ready(WALL + MOST_WAIT)
    assert ([alert.account_id for alert in due], left.waiting) == (["a1", "a2", "a0"], ())


def test_nobody_waits_for_a_partition_that_does_not_move_for_long_nor_if_none_is_read() -> None:
    stuck, state = WHEN - timedelta(days=1), SharedState().hear(WHEN + HOLD, WALL)
    state, _ = hold(state, alerts_of("a"), active_accounts=100, now=WALL, slowest=stuck)
    _, outcome = hold(state, [], active_accounts=100, now=WALL + MOST_WAIT, slowest=stuck)
    assert len(outcome.alerts) == 1
    _, outcome = hold(state, [], active_accounts=100, now=WALL + CLOCK_DELAY, slowest=None)
    assert len(outcome.alerts) == 1


def test_a_mood_alert_does_not_wait_for_partitions_of_usage() -> None:
    alert = alerts_of("a")[0].model_copy(update={"cause": "mood_slide"})
    _, outcome = hold(SharedState(), [alert], active_accounts=100, now=WALL, slowest=WHEN - timedelta(days=1))
    assert outcome.alerts == [alert]


def test_the_handler_waits_for_the_partition_that_its_reader_names(tables: Engine) -> None:
    handler = ChurnHandler(metrics=Metrics(), slowest=lambda session, *, now: WHEN - timedelta(days=1))
    work_off(tables, handler, [anomaly("a")])
    [state] = rows(tables, "SELECT state FROM account_health WHERE scope = 'shared'")
    assert [alert.account_id for alert in SharedState.model_validate(state[0]).waiting] == ["a"]
