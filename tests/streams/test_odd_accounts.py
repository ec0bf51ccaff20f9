"""Whatever is known of an account, its trouble becomes an alert, an outreach and a page."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from responders.desk import create_desk
from responders.door import Refused, admit
from responders.drafting import Drafter, Rules
from responders.drafting.outreach import occasion_of
from responders.drafting.usage_facts import anomaly_fact
from responders.generation import Composer
from responders.store import knowledge
from responders.store.knowledge import SqlKnowledge
from responders.store.signals import load_accounts, save_alert
from schemas import Account, Anomaly, ChurnAlert
from schemas.tables import AccountRow
from streams.churn import ChurnHandler, handle
from streams.drafting import OutreachHandler
from streams.process.metrics import Metrics
from tests.responders.support.desk_client import Browser
from tests.responders.support.drafting_samples import SOURCES, HashingEmbedder
from tests.streams.support.samples import WHEN, rows, work_off
from tests.streams.test_churn_handler import anomaly

NAMES = {"task.labelled": "labelled tasks"}
ODD_TEXTS: tuple[Any, ...] = (
    "",
    " ",
    "x" * 1_000,
    "x" * 10_000,
    "Acme\r\nBcc: all@example.com",
    "\x00\x07",
    "🦓" * 300,
    "\u202emirror",
    "<b>Acme</b>",
    "{plan} {owner}",
    "javascript:alert(1)",
    "May 5 100 %",
    None,
    7,
    True,
    [],
    {},
)
ODD_NUMBERS: tuple[Any, ...] = (
    0,
    -1,
    -0.0,
    1,
    0.5,
    10**9,
    10**12,
    10**400,
    1e308,
    "-3",
    "12",
    "1e999",
    "",
    None,
    True,
    [],
    "n/a",
)
ODD_TIMES = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2199-12-31T23:59:59Z",
    "2026-01-09T00:00:00",
    "2026-01-09T00:00:00+14:00",
    "2026-01-09",
    "",
    0,
    253402300799,
    None,
)
ODD: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(ODD_TEXTS) | st.text(max_size=400),
    "plan": st.sampled_from(ODD_TEXTS) | st.text(max_size=400),
    "region": st.sampled_from(ODD_TEXTS),
    "owner": st.sampled_from(ODD_TEXTS) | st.text(max_size=400),
    "seats": st.sampled_from(ODD_NUMBERS) | st.integers(),
    "annual_revenue": st.sampled_from(ODD_NUMBERS) | st.floats(),
    "renewal_on": st.sampled_from(ODD_TIMES) | st.datetimes().map(str),
}
ACCOUNT_IDS = st.sampled_from(["gamma", "x" * 200, " ", "a#b:c/d", "🦓", "<b>", ":" * 200, "a\nb"])
ROWS = st.fixed_dictionaries({}, optional=ODD)


def silence(account_id: str) -> Anomaly:
    return anomaly("some", "silence").model_copy(update={"account_id": account_id})


def outreach_of(engine: Engine, raised: list[ChurnAlert]) -> list[tuple[Any, ...]]:
    drafter = Drafter(SqlKnowledge(engine), Composer(), Rules(threshold=0.05, metric_names=NAMES))
    work_off(engine, OutreachHandler(engine, drafter, HashingEmbedder(), metrics=Metrics()), raised)
    return rows(engine, "SELECT draft_id, state FROM drafts")


def page_of(engine: Engine, path: str, now: datetime) -> str:
    answer = Browser(create_desk(engine, now=lambda: now)).get(path)
    assert answer.status_code == 200, path
    return answer.text


def stored_accounts(engine: Engine, account_id: str) -> dict[str, Account]:
    with Session(engine) as session:
        return load_accounts(session, [account_id])


def alert_outreach_and_pages(engine: Engine, account_id: str) -> None:
    """Follow one silent account from its anomaly to the desk."""
    found = silence(account_id)
    work_off(engine, ChurnHandler(metrics=Metrics()), [found])
    accounts = stored_accounts(engine, account_id)
    (alert,) = handle({}, [found], accounts)
    drafts = outreach_of(engine, [alert])
    assert [state for _, state in drafts] == ["ready"]
    with Session(engine) as session, session.begin():
        save_alert(session, alert, now=WHEN)
    later = WHEN + timedelta(hours=1)
    page_of(engine, "/accounts", later)
    page_of(engine, "/tickets", later)
    page_of(engine, f"/drafts/{drafts[0][0]}", later)


@pytest.fixture
def shop(tables: Engine) -> Engine:
    with Session(tables) as session, session.begin():
        knowledge.save_sources(session, SOURCES, HashingEmbedder(), now=WHEN)
    return tables


def forget(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in ("accounts", "drafts", "churn_alerts", "outbox", "account_health"):
            connection.execute(text(f"DELETE FROM {table}"))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(account_id=ACCOUNT_IDS, row=ROWS)
def test_whatever_the_door_lets_pass_reaches_alert_outreach_and_desk(
    shop: Engine, account_id: str, row: dict[str, Any]
) -> None:
    forget(shop)
    with Session(shop) as session, session.begin():
        with contextlib.suppress(Refused):
            account = admit(Account, {"name": "Gamma", **row, "account_id": account_id}).record
            knowledge.save_account(session, account, now=WHEN)
    alert_outreach_and_pages(shop, account_id)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(account_id=ACCOUNT_IDS, row=ROWS)
def test_an_account_that_an_older_build_stored_swallows_no_alert(
    shop: Engine, account_id: str, row: dict[str, Any]
) -> None:
    forget(shop)
    record = json.loads(json.dumps(row, allow_nan=True).replace("\\u0000", ""), parse_constant=lambda _: -1)
    stored = {**record, "account_id": account_id, "schema_version": 1}
    with Session(shop) as session, session.begin():
        session.add(AccountRow(account_id=account_id, name="Gamma", record=stored, updated_at=WHEN))
    alert_outreach_and_pages(shop, account_id)


def test_a_negative_number_and_a_good_one_lead_to_the_same_alert(tables: Engine) -> None:
    for account_id, seats, revenue in (("gamma", -3, -1.0), ("ctrl", 3, 1200.0)):
        record = {"account_id": account_id, "name": account_id, "seats": seats, "annual_revenue": revenue}
        with Session(tables) as session, session.begin():
            session.add(AccountRow(account_id=account_id, name="x", record=record, updated_at=WHEN))
    accounts = stored_accounts(tables, "gamma") | stored_accounts(tables, "ctrl")
    raised = handle({}, [silence("gamma"), silence("ctrl")], accounts)
    assert [(one.account_id, one.stakes.seats) for one in raised] == [("gamma", None), ("ctrl", 3)]


HUGE = st.sampled_from([0.0, 1e-308, 1.0, 1e15, 1e16, 1e300, 1.7e308])


@settings(max_examples=50, deadline=None)
@given(observed=HUGE, expected=HUGE, low=HUGE, high=HUGE, words=st.text(min_size=1, max_size=100))
def test_no_size_of_a_number_and_no_words_for_a_metric_stop_an_outreach(
    observed: float, expected: float, low: float, high: float, words: str
) -> None:
    numbers = {"observed": observed, "expected": expected, "expected_low": low, "expected_high": high}
    found = anomaly("a", "error_surge").model_copy(update={**numbers, "metric": "m" * 300})
    Anomaly.model_validate(found.model_dump())
    names = {"m" * 300: words}
    assert anomaly_fact(found, names=names, now=datetime(2026, 1, 6, tzinfo=UTC)).spoken
    assert anomaly_fact(found, names={}, now=datetime(2026, 1, 6, tzinfo=UTC)).spoken
    for alert in handle({}, [found], {}):
        assert len(occasion_of(alert, names=names, now=alert.detected_at).facts) == 1
