"""Ticket events and drafts on a real PostgreSQL: at most one live draft per ticket."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, delete
from sqlmodel import Session, col, select

from responders.store.desk.replies import newest_event
from responders.store.drafts import retire, save_draft, save_ticket_event
from schemas import Draft, Ticket
from schemas.tables import DraftRow, TicketEventRow, metadata
from schemas.tickets import DraftState
from tests.responders.support.drafting_samples import NOW, ticket

LIVE = ("ready", "abstained")


@pytest.fixture(scope="module")
def module_engine(postgres_url: str) -> Iterator[Engine]:
    admin = psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True)
    admin.execute("CREATE DATABASE test_drafts TEMPLATE rapport_test_template")
    engine = create_engine(postgres_url.replace("/rapport?", "/test_drafts?", 1))
    metadata.create_all(engine)
    yield engine
    engine.dispose()
    admin.execute("DROP DATABASE test_drafts WITH (FORCE)")
    admin.close()


@pytest.fixture
def engine(module_engine: Engine) -> Engine:
    clear(module_engine)
    return module_engine


def clear(engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(delete(DraftRow))
        session.execute(delete(TicketEventRow))
        session.commit()


def event(number: int, **given: object) -> Ticket:
    return ticket("Hi", event_id=f"ev-{number}", occurred_at=NOW + timedelta(minutes=number), **given)


def draft(number: int, *, state: DraftState = "ready", ticket_id: str | None = "t-1") -> Draft:
    return Draft(
        draft_id=f"d-{number}",
        kind="reply" if ticket_id else "outreach",
        ticket_id=ticket_id,
        account_id="acme",
        based_on=f"ev-{number}",
        channel="web",
        state=state,
        body="Hello" if state == "ready" else "",
        model="m",
        created_at=NOW + timedelta(minutes=number),
    )


def states(session: Session) -> dict[str, tuple[str, str | None]]:
    rows = session.exec(select(DraftRow).order_by(col(DraftRow.draft_id))).all()
    assert all(row.record["state"] == row.state for row in rows)
    return {row.draft_id: (row.state, row.stale_reason) for row in rows}


def test_a_draft_is_saved_once(engine: Engine) -> None:
    with Session(engine) as session:
        save_ticket_event(session, event(1))
        assert save_draft(session, draft(1))
        assert not save_draft(session, draft(1))
        assert states(session) == {"d-1": ("ready", None)}


def test_the_draft_of_a_newer_message_takes_over(engine: Engine) -> None:
    with Session(engine) as session:
        for number in (1, 2):
            save_ticket_event(session, event(number))
            assert save_draft(session, draft(number))
        assert states(session) == {"d-1": ("stale", "newer_draft"), "d-2": ("ready", None)}


@pytest.mark.parametrize("kind", ["customer_message", "human_reply", "merged", "closed"])
def test_a_draft_of_an_overtaken_message_is_stored_as_stale(engine: Engine, kind: str) -> None:
    with Session(engine) as session:
        save_ticket_event(session, event(1))
        save_ticket_event(session, event(2, kind=kind))
        assert not save_draft(session, draft(1))
        reason = "newer_message" if kind == "customer_message" else kind
        assert states(session) == {"d-1": ("stale", reason)}


def test_an_event_retires_an_older_draft_but_not_a_newer_draft(engine: Engine) -> None:
    with Session(engine) as session:
        save_ticket_event(session, event(2))
        assert save_draft(session, draft(2))
        assert retire(session, "t-1", reason="human reply", now=NOW, before=event(1, kind="human_reply")) == 0
        assert retire(session, "t-2", reason="human reply", now=NOW) == 0
        assert retire(session, "t-1", reason="human reply", now=NOW, before=event(3, kind="human_reply")) == 1
        assert retire(session, "t-1", reason="again", now=NOW) == 0
        assert states(session) == {"d-2": ("stale", "human reply")}


@pytest.mark.parametrize("kind", ["human_reply", "closed", "merged"])
@pytest.mark.parametrize("reversed_order", [False, True])
def test_a_message_comes_before_a_reply_or_close_of_the_same_instant(
    engine: Engine, kind: str, reversed_order: bool
) -> None:
    """Exports often give only the day, and the order of ids does not say which event was first."""
    message = event(1)
    ending = ticket("", event_id="a-first-by-id", occurred_at=message.occurred_at, kind=kind)
    with Session(engine) as session:
        for saved in (ending, message) if reversed_order else (message, ending):
            save_ticket_event(session, saved)
        assert not save_draft(session, draft(1))
        newest = newest_event(session, message.ticket_id)
        assert newest is not None
        assert newest.kind == kind


def test_a_close_of_the_same_instant_retires_the_draft(engine: Engine) -> None:
    message = event(1)
    ending = ticket("", event_id="a-first-by-id", occurred_at=message.occurred_at, kind="closed")
    with Session(engine) as session:
        save_ticket_event(session, message)
        assert save_draft(session, draft(1))
        save_ticket_event(session, ending)
        assert retire(session, message.ticket_id, reason="closed", now=NOW, before=ending) == 1


def test_a_draft_with_a_decision_is_not_retired(engine: Engine) -> None:
    with Session(engine) as session:
        save_ticket_event(session, event(1))
        save_draft(session, draft(1, state="sent"))
        save_ticket_event(session, event(2))
        assert save_draft(session, draft(2))
        assert states(session) == {"d-1": ("sent", None), "d-2": ("ready", None)}


def test_outreach_drafts_do_not_replace_each_other(engine: Engine) -> None:
    with Session(engine) as session:
        assert all(save_draft(session, draft(number, ticket_id=None)) for number in (1, 2))
        assert set(states(session).values()) == {("ready", None)}


def test_an_event_with_a_known_id_replaces_the_stored_event(engine: Engine) -> None:
    with Session(engine) as session:
        save_ticket_event(session, event(1))
        save_ticket_event(session, event(1, subject="new"))
        assert [row.record["subject"] for row in session.exec(select(TicketEventRow))] == ["new"]


def test_the_desk_is_notified_when_the_transaction_commits(engine: Engine) -> None:
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as listener, Session(engine) as session:
        listener.execute("LISTEN rapport_desk")
        save_ticket_event(session, event(1))
        save_draft(session, draft(1))
        assert list(listener.notifies(timeout=0.05)) == []
        session.commit()
        told = next(listener.notifies(timeout=5))
    assert told.payload == "draft:d-1"


def test_concurrent_drafts_of_one_ticket_leave_one_live(engine: Engine) -> None:
    with Session(engine) as session:
        for number in range(8):
            save_ticket_event(session, event(number))
        session.commit()

    def write(number: int) -> bool:
        with Session(engine) as session:
            kept = save_draft(session, draft(number))
            session.commit()
            return kept

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with Session(engine) as session:
        found = states(session)
    assert [key for key, (state, _) in found.items() if state in LIVE] == ["d-7"]
    assert len(found) == 8


STEPS = st.lists(
    st.tuples(st.sampled_from(["event", "draft", "abstained", "retire"]), st.integers(0, 4)), max_size=12
)


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_no_order_of_steps_leaves_two_live_drafts(
    module_engine: Engine, steps: list[tuple[str, int]]
) -> None:
    clear(module_engine)
    with Session(module_engine) as session:
        for step, number in steps:
            if step == "event":
                save_ticket_event(session, event(number))
            elif step == "retire":
                retire(session, "t-1", reason="closed", now=NOW, before=event(number))
            else:
                save_ticket_event(session, event(number))
                save_draft(session, draft(number, state="ready" if step == "draft" else "abstained"))
        live = [key for key, (state, _) in states(session).items() if state in LIVE]
        assert len(live) <= 1
