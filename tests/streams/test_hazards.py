"""The daily hazard of the churn group on PostgreSQL: the use of days in, alerts of accounts at risk out."""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from detectors.churn.hazard.days import OpenDays
from detectors.churn.hazard.packing import pack, unpack
from detectors.churn.hazard.rule import HazardRule
from detectors.churn.hazard.shipped import load_prior
from detectors.churn.hazard.watch import LEAST_TENURE, HazardWatch
from detectors.churn.health import AccountHealth, HeardWords
from detectors.churn.judging import MOST_GAP
from responders.store import hazards, signals
from schemas import Account, UsageEvent
from schemas.churn import ChurnAlert
from schemas.tables import AccountRow
from streams.churn import ChurnHandler
from streams.hazards import DAYS_AT_ONCE, judge_waiting
from streams.process.metrics import Metrics
from streams.usage.handler import UsageHandler
from tests.detectors.churn.hazard.populations import FIRST_DAY, days_of_use, end_of, event
from tests.streams.support.samples import TOLERANCE, rows, work_off
from tests.streams.test_churn_handler import anomaly

PRIOR = load_prior()
NOW = end_of(400)
ALERTED_BY = 40


def used(events: Sequence[UsageEvent]) -> bytes:
    """The use of a day as the usage group hands it over."""

    opened = OpenDays(ended=FIRST_DAY - 1)
    day = events[0].occurred_at if events else end_of(0) - timedelta(hours=1)
    opened.ended = day.toordinal() - 1
    opened.after(events, [None] * len(events), day)
    ((_, content),) = opened.after([], [], day + timedelta(days=1)).ended
    return content


@lru_cache(maxsize=1)
def population() -> tuple[tuple[int, bytes], ...]:
    """A population of which a third fades out; each day as it is handed over."""
    return tuple(
        (FIRST_DAY + number, used(events)) for number, events in enumerate(days_of_use(60, ALERTED_BY))
    )


def hand_over(tables: Engine, days: Sequence[tuple[int, bytes]], partition: int = 0) -> None:
    with Session(tables) as session, session.begin():
        hazards.hand_over(session, partition, days, now=NOW)


def judged(tables: Engine, *, healths: Any = None) -> list[ChurnAlert]:
    """Judge until nothing waits; return all alerts."""
    found: list[ChurnAlert] = []
    while rows(tables, "SELECT 1 FROM hazard_days LIMIT 1"):
        with Session(tables) as session, session.begin():
            found += judge_waiting(session, HazardRule(PRIOR), healths or no_healths, now=NOW).alerts
    return found


def loud(*account_ids: str) -> Any:
    """Healths of accounts that say they leave, on day 18."""

    def healths(_session: Session, wanted: Sequence[str]) -> dict[str, AccountHealth]:
        return {account_id: leaving(account_id) for account_id in wanted if account_id in account_ids}

    return healths


def leaving(account_id: str, day: int = 18) -> AccountHealth:
    at = end_of(day) - timedelta(hours=3)
    words = HeardWords(event_id="m", at=at, ticket_id="t", threat=1.0, asks=("closing", "export_all"))
    return AccountHealth(account_id=account_id, heard=(words,), wrote=words)


def no_healths(_session: Session, _account_ids: Sequence[str]) -> dict[str, Any]:
    return {}


def watch_of(tables: Engine, partition: int = 0) -> HazardWatch:
    ((state,),) = rows(tables, f"SELECT state FROM hazard_watches WHERE partition = {partition}")
    return unpack(bytes(state), PRIOR)


def test_the_use_that_the_usage_group_counts_is_the_use_that_the_churn_group_judges(tables: Engine) -> None:
    days = list(days_of_use(5, 20))
    usage, watch = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE), HazardWatch(PRIOR, day=FIRST_DAY - 1)
    for number, events in enumerate(days):
        if number % 3 == 0:
            usage = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE)
            with Session(tables) as session, session.begin():
                usage.restore(session, 0)
        for start in range(0, len(events), 4):
            work_off(tables, usage, events[start : start + 4])
    assert judged(tables) == []
    for events in days[:-1]:
        watch.end_day(events)
    assert pack(watch_of(tables)) == pack(watch)


def test_accounts_at_risk_are_alerted_with_probability_reasons_and_horizon(tables: Engine) -> None:
    with Session(tables) as session, session.begin():
        account = Account(account_id="a0", name="Acme", seats=40, owner="Kim")
        session.add(AccountRow(account_id="a0", name="Acme", record=account.to_json(), updated_at=NOW))
    hand_over(tables, population())
    alerts = judged(tables, healths=loud("a0", "a3"))
    assert {alert.account_id for alert in alerts} == {"a0", "a3"}
    for alert in alerts:
        assert (alert.cause, alert.horizon_days, alert.rule) == ("churn_risk", 28, PRIOR.version)
        assert (alert.probability or 0.0) >= 0.5
        assert sum(part.share for part in alert.contributions) == pytest.approx(1.0)
        assert {part.name for part in alert.contributions} >= {"asks", "threats"}
        assert end_of(18) <= alert.detected_at <= end_of(21)
    first, second = sorted(alerts, key=lambda alert: alert.account_id)
    assert first.sentence.startswith("Acme: ")
    assert (first.stakes.owner, first.stakes.seats) == ("Kim", 40)
    assert (second.stakes.owner, second.stakes.seats) == (None, None)


def test_days_in_parts_and_days_at_once_are_judged_alike(tables: Engine) -> None:
    hand_over(tables, population())
    first = judged(tables, healths=loud("a0"))
    hand_over(tables, population()[:17], partition=1)
    second = judged(tables, healths=loud("a0"))
    hand_over(tables, population()[17:], partition=1)
    second += judged(tables, healths=loud("a0"))
    assert second == first != []
    assert pack(watch_of(tables, 1)) == pack(watch_of(tables, 0))


def test_a_rollback_judges_nothing_and_the_days_wait_on(tables: Engine) -> None:
    hand_over(tables, population()[:10])
    with Session(tables) as session:
        judge_waiting(session, HazardRule(PRIOR), no_healths, now=NOW)
        session.rollback()
    assert rows(tables, "SELECT count(*) FROM hazard_days") == [(10,)]
    assert rows(tables, "SELECT state FROM hazard_watches") == [(None,)]
    judged(tables)
    assert watch_of(tables).book.day == FIRST_DAY + 9


def test_two_workers_never_judge_one_partition_at_once(tables: Engine) -> None:
    hand_over(tables, population()[:3])
    with Session(tables) as first, Session(tables) as second, first.begin(), second.begin():
        assert hazards.take_days(first, DAYS_AT_ONCE) is not None
        assert hazards.take_days(second, DAYS_AT_ONCE) is None


def test_a_short_history_says_nothing(tables: Engine) -> None:
    """However loud the words are and however long the absence: an account is judged from two weeks on."""
    healths = {"a": leaving("a", day=10)}
    stays = [[event("b", day), *([event("a", day)] if day < 9 else [])] for day in range(LEAST_TENURE + 6)]
    days = [(FIRST_DAY + day, used(events)) for day, events in enumerate(stays)]
    hand_over(tables, days[:LEAST_TENURE])
    assert judged(tables, healths=lambda _session, _ids: healths) == []
    hand_over(tables, days[LEAST_TENURE:])
    (alert,) = judged(tables, healths=lambda _session, _ids: healths)
    assert alert.account_id == "a"
    assert {part.name for part in alert.contributions[:2]} == {"absence", "asks"}


def test_a_watch_that_cannot_be_read_is_set_aside_and_begins_again(tables: Engine) -> None:
    hand_over(tables, population()[:10])
    judged(tables)
    with tables.begin() as connection:
        connection.execute(text("UPDATE hazard_watches SET state = '\\x00'"))
    hand_over(tables, population()[10:12])
    judged(tables)
    assert rows(tables, "SELECT account_id, partition FROM corrupt_states") == [("hazard watch", 0)]
    assert watch_of(tables).book.day == FIRST_DAY + 11


def test_days_without_a_row_had_no_use_and_a_long_pause_begins_again(tables: Engine) -> None:
    hand_over(tables, [(FIRST_DAY, used([event("a", 0)])), (FIRST_DAY + 9, used([event("a", 9)]))])
    judged(tables)
    assert watch_of(tables).book.habits.rows["longest"].tolist() == [9]
    late = FIRST_DAY + 10 + MOST_GAP
    hand_over(tables, [(late, msgspec.msgpack.encode({}))])
    judged(tables)
    assert (watch_of(tables).book.day, len(watch_of(tables).book.places)) == (late, 0)


def test_use_that_cannot_be_read_counts_as_none(tables: Engine) -> None:
    hand_over(tables, [(FIRST_DAY, used([event("a", 0)])), (FIRST_DAY + 1, b"\x81")])
    judged(tables)
    assert watch_of(tables).book.day == FIRST_DAY + 1


def released(tables: Engine) -> list[tuple[Any, ...]]:
    return rows(tables, "SELECT account_id, cause, severity FROM churn_alerts ORDER BY account_id")


def test_the_churn_group_writes_publishes_and_counts_the_alerts_in_an_idle_turn(tables: Engine) -> None:
    metrics = Metrics()
    handler = ChurnHandler(metrics=metrics)
    with Session(tables) as session, session.begin():
        signals.save_health(session, "account", {"a3": leaving("a3").to_json()}, now=NOW)
    hand_over(tables, population())
    for _ in range(-(-len(population()) // DAYS_AT_ONCE)):
        with Session(tables) as session, session.begin():
            handler.idle(session)
        handler.idle_committed()
    assert [found[:2] for found in released(tables)] == [("a3", "churn_risk")]
    assert rows(tables, "SELECT topic, key FROM outbox") == [("success.churn-alerts", b"a3")]
    assert metrics.registry.get_sample_value("rapport_churn_alerts_total", {"cause": "churn_risk"}) == 1


def test_days_are_judged_while_signals_come_too(tables: Engine) -> None:
    hand_over(tables, population()[:5])
    work_off(tables, ChurnHandler(metrics=Metrics()), [anomaly("x")])
    assert rows(tables, "SELECT count(*) FROM hazard_days") == [(0,)]
