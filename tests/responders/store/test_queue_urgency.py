"""The queue on a real PostgreSQL: due times from words, accounts and alerts, and reasons for people."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, text
from sqlmodel import Session, select

from responders.store.desk import AlertMove, move_alert, open_queue, outreach_queue, queue_counts, ticket_view
from responders.store.desk.mood_clicks import correct_mood, undo_mood
from responders.store.desk.queue import with_outreach
from responders.store.drafts import save_ticket_event
from responders.store.heads import hold, hold_waiting
from responders.store.knowledge import save_accounts
from responders.store.signals import save_alert
from responders.store.withdrawal import remove_accounts
from responders.urgency import ALLOWED, HEAD_START, Plea, said_words, stakes_of
from schemas import Account, ChurnAlert, Ticket
from schemas.table_queue import TicketHeadRow
from schemas.tables import AccountRow, ChurnAlertRow
from tests.responders.support.desk_samples import (
    NOW,
    account_row,
    alert_row,
    angry,
    draft_of,
    draft_row,
    event_row,
    mood_row,
    outreach_row,
    put,
)
from tests.responders.support.shared_database import empty, shared_database


@pytest.fixture(scope="module")
def shared(postgres_url: str) -> Iterator[Engine]:
    with shared_database(postgres_url) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Engine:
    empty(shared)
    return shared


def queue(engine: Engine) -> list[tuple[str, int]]:
    with Session(engine) as session:
        return [(row.item_id, row.tier) for row in open_queue(session)]


def reasons(engine: Engine, item_id: str = "t") -> list[str]:
    with Session(engine) as session:
        row = next(row for row in open_queue(session) if row.item_id == item_id)
        return [reason.text for reason in row.reasons(NOW)]


def test_the_most_pressing_unanswered_message_decides_and_the_first_one_counts_the_wait(
    engine: Engine,
) -> None:
    put(
        engine,
        event_row("t", "old", minutes_ago=600, body="Before the reply"),
        event_row("t", "reply", minutes_ago=500, kind="human_reply"),
        event_row("t", "threat", minutes_ago=200),
        event_row("t", "nudge", minutes_ago=10, body="Any news?"),
        angry("t", "old", threat=0.9),
        mood_row("t", "nudge"),
    )
    assert queue(engine) == [("t", 0)]
    put(engine, mood_row("t", "threat", threat=0.9, frustration_words={"threat_to_leave": "we will leave"}))
    assert queue(engine) == [("t", 2)]
    with Session(engine) as session:
        (row,) = open_queue(session)
        view = ticket_view(session, "t")
    assert row.due_at == NOW - timedelta(minutes=200) + ALLOWED[2]
    assert row.snippet == "Any news?"
    assert [reason.words for reason in row.reasons(NOW)] == ["we will leave", ""]
    assert view is not None
    assert (view.due_at, view.plea) == (row.due_at, row.plea)


def test_a_corrected_mood_moves_the_ticket_and_its_undo_moves_it_back(engine: Engine) -> None:
    put(engine, event_row("calm", minutes_ago=40), event_row("t", minutes_ago=30), angry("t"))
    assert queue(engine) == [("t", 2), ("calm", 0)]
    with Session(engine) as session, session.begin():
        correct_mood(session, "t-1", "positive", corrected_by="kim", now=NOW)
    assert queue(engine) == [("calm", 0), ("t", 0)]
    assert reasons(engine) == ["waiting 30 min"]
    with Session(engine) as session:
        assert {row.item_id: row.mood for row in open_queue(session)}["t"] == "positive"
        view = ticket_view(session, "t")
    assert view is not None
    assert view.plea is not None
    assert view.plea.level == 0
    with Session(engine) as session, session.begin():
        undo_mood(session, "t-1", undone_by="kim", now=NOW)
        correct_mood(session, "calm-1", "negative", corrected_by="kim", now=NOW)
    assert queue(engine) == [("t", 2), ("calm", 1)]
    assert reasons(engine, "calm") == ["unhappy", "waiting 40 min"]


def test_a_formal_notice_passes_a_calm_question_that_is_overdue_for_days(engine: Engine) -> None:
    put(engine, event_row("calm", minutes_ago=60 * 24 * 6), event_row("notice", minutes_ago=60))
    put(engine, angry("notice", frustration_reasons=("escalation",)))
    assert queue(engine) == [("notice", 4), ("calm", 0)]


def test_a_wait_begins_again_after_a_message_that_needed_no_reply(engine: Engine) -> None:
    settled = draft_row(draft_of("t", based_on="t-1"), state="sent")
    put(engine, event_row("t", "t-1", minutes_ago=900), angry("t", "t-1"), settled)
    put(engine, event_row("t", "t-2", minutes_ago=30))
    assert queue(engine) == [("t", 0)]
    assert reasons(engine) == ["waiting 30 min"]


def test_an_alert_raises_the_tickets_of_its_account_until_it_is_resolved(engine: Engine) -> None:
    put(engine, event_row("first", minutes_ago=60), event_row("t", minutes_ago=50, account_id="other"))
    assert queue(engine) == [("first", 0), ("t", 0)]
    alert = ChurnAlert.model_validate(alert_row(account_id="other").record)
    with Session(engine) as session, session.begin():
        hold_waiting(session, [alert.account_id])
        assert save_alert(session, alert, now=NOW)
        assert not save_alert(session, alert, now=NOW)
    assert queue(engine) == [("t", 1), ("first", 0)]
    assert reasons(engine) == ["critical churn alert", "waiting 50 min"]
    with Session(engine) as session, session.begin():
        move_alert(session, alert.alert_id, AlertMove("resolved", "kim", outcome="saved"), now=NOW)
    assert queue(engine) == [("first", 0), ("t", 0)]


def test_a_changed_account_moves_its_waiting_tickets(engine: Engine) -> None:
    put(engine, event_row("t"), event_row("answered"))
    put(engine, event_row("answered", "r", minutes_ago=1, kind="human_reply"))
    accounts = (Account(account_id="acme", name="Acme", renewal_on=NOW + timedelta(days=12)),)
    with Session(engine) as session, session.begin():
        save_accounts(session, accounts, now=NOW)
    assert queue(engine) == [("t", 1)]
    assert reasons(engine) == ["renewal in 12 days", "waiting 30 min"]
    with Session(engine) as session, session.begin():
        remove_accounts(session, ["acme"])
    assert queue(engine) == [("t", 0)]


def test_outreach_keeps_its_place_among_the_tickets(engine: Engine) -> None:
    put(engine, event_row("calm", minutes_ago=10), event_row("old", minutes_ago=60 * 30), outreach_row())
    put(engine, event_row("angry", minutes_ago=10), angry("angry"))
    with Session(engine) as session:
        merged = with_outreach(open_queue(session), outreach_queue(session))
    assert [row.item_id for row in merged] == ["old", "angry", "outreach-1", "calm"]


def test_outreach_pages_by_key_cover_every_draft_once(engine: Engine) -> None:
    put(engine, *(outreach_row(f"o{n}", created_at=NOW - timedelta(minutes=n % 4)) for n in range(23)))
    seen: list[str] = []
    after = None
    while True:
        with Session(engine) as session:
            page = outreach_queue(session, after=after, page_size=5)
        if not page:
            break
        seen += [row.item_id for row in page]
        after = page[-1].cursor
    assert len(seen) == len(set(seen)) == 23


def test_urgent_tickets_are_counted_from_two_signs_on(engine: Engine) -> None:
    put(engine, *(event_row(t) for t in "abc"), angry("a", threat=0.9), angry("b"))
    put(engine, angry("c", frustration=0.1))
    with Session(engine) as session:
        assert queue_counts(session).urgent == 2
        assert [row.is_urgent for row in open_queue(session)] == [True, True, False]


VALUES = st.one_of(st.none(), st.booleans(), st.sampled_from([0, 0.3, 0.5, 0.9, 1, "0.9", "x", -1]))
SAID = st.fixed_dictionaries(
    {},
    optional={
        "probabilities": st.one_of(st.none(), st.lists(VALUES, max_size=3)),
        "frustration": VALUES,
        "threat": VALUES,
        "sarcasm": VALUES,
        "frustration_reasons": st.lists(
            st.sampled_from(["waiting", "threat_to_leave", "escalation"]), max_size=2
        ),
    },
)
LABELS = st.sampled_from([None, "negative", "neutral", "positive"])
SEATS = st.sampled_from([None, 0, 99, 100, 500])
REVENUE = st.sampled_from([None, 0, 49_999.5, 50_000, 1e9])
RENEWALS = st.one_of(
    st.none(), st.sampled_from([-400, -1, 0, 1, 29, 30, 31]).map(lambda n: NOW + timedelta(days=n))
)
STATES = st.sampled_from([None, "new", "acknowledged", "snoozed", "resolved", "expired"])


@settings(max_examples=150, deadline=None)
@given(SAID, LABELS, st.tuples(SEATS, REVENUE, RENEWALS), STATES)
def test_the_database_computes_the_same_level_as_the_pure_function(
    shared: Engine, said: dict[str, Any], label: str | None, known: tuple[Any, ...], alert: str | None
) -> None:
    row = account_row(seats=known[0], annual_revenue=known[1], renewal_on=known[2])
    stakes = stakes_of("acme", row.record)
    with Session(shared) as session, session.begin():
        session.execute(delete(AccountRow))
        session.execute(delete(ChurnAlertRow))
        session.add(row)
        if alert:
            session.add(alert_row(state=alert))
        session.flush()
        level = "SELECT level_of_words(:label, CAST(:said AS jsonb)) + level_of_account('acme', :since)"
        bound = {"label": label, "said": json.dumps(said), "since": NOW}
        found = session.execute(text(level), bound).scalar_one()
    live = "critical" if alert in ("new", "acknowledged", "snoozed") else None
    expected = Plea(said_words(label, said), stakes, live, NOW)
    assert found == expected.level


@pytest.mark.parametrize(
    "record", [{}, {"seats": "many", "annual_revenue": [], "renewal_on": 7}, {"seats": None}]
)
def test_a_damaged_account_record_never_stops_a_ticket(engine: Engine, record: dict[str, Any]) -> None:
    put(engine, AccountRow(account_id="acme", name="Acme", record=record, updated_at=NOW), event_row("t"))
    assert queue(engine) == [("t", 0)]
    assert reasons(engine) == ["waiting 30 min"]


def test_the_allowed_times_of_the_database_are_those_of_the_pure_function(engine: Engine) -> None:
    moods: list[dict[str, Any]] = [
        {"label": "neutral"},
        {"label": "negative"},
        {"label": "negative", "frustration": 0.6},
        {"label": "negative", "threat": 0.9},
        {"label": "negative", "threat": 0.9, "frustration": 0.6},
    ]
    for n, mood in enumerate(moods):
        put(engine, event_row(f"t{n}"), mood_row(f"t{n}", **mood))
    put(engine, event_row("t5", account_id="big"), mood_row("t5", **moods[-1]))
    put(engine, account_row("big", seats=1_000))
    with Session(engine) as session:
        heads = session.exec(select(TicketHeadRow).order_by(TicketHeadRow.ticket_id)).all()
    assert [head.tier for head in heads] == list(range(len(ALLOWED)))
    assert [(head.due_at or NOW) - (head.waiting_since or NOW) for head in heads] == list(ALLOWED)
    assert [(head.due_at or NOW) - (head.place_at or NOW) for head in heads] == list(HEAD_START)


def test_alerts_accounts_and_events_of_the_same_tickets_never_deadlock(engine: Engine) -> None:
    tickets = [Ticket.model_validate(event_row(f"t{n:02}", account_id=f"a{n % 4}").record) for n in range(16)]

    def events(seed: int) -> None:
        with Session(engine) as session, session.begin():
            hold(session, [ticket.ticket_id for ticket in tickets])
            for ticket in tickets[seed % 16 :] + tickets[: seed % 16]:
                save_ticket_event(session, ticket)

    def alerts(seed: int) -> None:
        made = [alert_row(f"al{seed}-{n}", account_id=f"a{(seed + n) % 4}") for n in range(4)]
        with Session(engine) as session, session.begin():
            hold_waiting(session, [row.account_id for row in made])
            for row in made:
                save_alert(session, ChurnAlert.model_validate(row.record), now=NOW)

    def accounts(seed: int) -> None:
        made = [Account(account_id=f"a{(seed + n) % 4}", name="A", seats=seed * 40) for n in range(4)]
        with Session(engine) as session, session.begin():
            save_accounts(session, made, now=NOW)

    events(0)
    with ThreadPoolExecutor(6) as pool:
        for task in [pool.submit(partial((events, alerts, accounts)[n % 3], n // 3)) for n in range(24)]:
            task.result()
    assert [tier for _, tier in queue(engine)] == [1] * 16
