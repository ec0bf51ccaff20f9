"""The head of a ticket equals the one computed from its events, moods, drafts and decisions, in any order."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, text
from sqlmodel import Session, SQLModel, col, select

from responders.store.desk import DecisionRefused, DeskChoice, open_queue, record_decision, undo_decision
from responders.store.desk.mood_clicks import correct_mood, undo_mood
from responders.store.drafts import retire, save_draft, save_ticket_event
from responders.store.heads import hold
from responders.store.signals import save_sentiments
from responders.urgency import SaidWords, due_at, place_at, said_words
from schemas import Sentiment, Ticket
from schemas.table_queue import TicketHeadRow
from schemas.tables import DecisionRow, DraftRow, MoodCorrectionRow, SentimentRow, TicketEventRow
from schemas.tickets import Mood
from tests.responders.support.desk_samples import NOW, angry, draft_of, event_row, mood_row
from tests.responders.support.shared_database import empty, shared_database

TICKETS = ("t1", "t2")
KINDS = ("customer_message", "customer_message", "human_reply", "customer_message", "closed")
REASONS = ("tone", "handled", "other", "not_needed: by phone", "handled: by phone")


@pytest.fixture(scope="module")
def shared(postgres_url: str) -> Iterator[Engine]:
    with shared_database(postgres_url) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Engine:
    empty(shared)
    return shared


def clear(engine: Engine) -> None:
    """Delete the rows of all tickets; a test calls this often, and deleting is faster than truncating."""
    with Session(engine) as session, session.begin():
        for kind in (MoodCorrectionRow, DecisionRow, DraftRow, SentimentRow, TicketEventRow, TicketHeadRow):
            session.execute(delete(kind))


def event(ticket_id: str, number: int) -> Ticket:
    """Return event `number`; two events of a ticket share each minute, so their ids give the order."""
    kind = KINDS[number % len(KINDS)]
    row = event_row(ticket_id, f"{ticket_id}-{number}", minutes_ago=30 - number // 2, kind=kind)
    return Ticket.model_validate(row.record)


def mood(ticket_id: str, number: int) -> Sentiment:
    make = angry if number % 2 else mood_row
    return Sentiment.model_validate(make(ticket_id, f"{ticket_id}-{number}").record)


def draft(ticket_id: str, number: int) -> str:
    return f"d-{ticket_id}-{number}"


@dataclass
class Desk:
    """The steps of the service that change a ticket, each in its own transaction."""

    engine: Engine
    refused: list[str] = field(default_factory=list)

    def do(self, step: str, ticket_id: str, number: int) -> None:
        with Session(self.engine) as session, session.begin():
            try:
                getattr(self, step)(session, ticket_id, number)
            except DecisionRefused as refusal:
                self.refused.append(refusal.reason)

    def event(self, session: Session, ticket_id: str, number: int) -> None:
        hold(session, [ticket_id])
        save_ticket_event(session, event(ticket_id, number))

    def mood(self, session: Session, ticket_id: str, number: int) -> None:
        save_sentiments(session, [mood(ticket_id, number)])

    def draft(self, session: Session, ticket_id: str, number: int) -> None:
        made = draft_of(ticket_id, draft(ticket_id, number), based_on=f"{ticket_id}-{number}")
        save_draft(session, made)

    def retire(self, session: Session, ticket_id: str, number: int) -> None:
        retire(session, ticket_id, reason="closed", now=NOW, before=event(ticket_id, number))

    def send(self, session: Session, ticket_id: str, number: int) -> None:
        record_decision(session, draft(ticket_id, number), DeskChoice("Mine", None, "kim"), now=NOW)

    def dismiss(self, session: Session, ticket_id: str, number: int) -> None:
        choice = DeskChoice(None, REASONS[number % len(REASONS)], "kim")
        record_decision(session, draft(ticket_id, number), choice, now=NOW)

    def close(self, session: Session, ticket_id: str, number: int) -> None:
        record_decision(session, draft(ticket_id, number), DeskChoice(None, "handled", "kim"), now=NOW)

    def undo(self, session: Session, ticket_id: str, number: int) -> None:
        undo_decision(session, draft(ticket_id, number), now=NOW)

    def correct(self, session: Session, ticket_id: str, number: int) -> None:
        moods: tuple[Mood, ...] = ("negative", "neutral", "positive")
        correct_mood(session, f"{ticket_id}-{number}", moods[number % 3], corrected_by="kim", now=NOW)

    def take_back(self, session: Session, ticket_id: str, number: int) -> None:
        undo_mood(session, f"{ticket_id}-{number}", undone_by="kim", now=NOW)

    def erase(self, session: Session, ticket_id: str, number: int) -> None:
        row = session.get(TicketEventRow, f"{ticket_id}-{number}")
        if row is not None:
            session.delete(row)


def rows(session: Session, kind: type[SQLModel]) -> Sequence[SQLModel]:
    return session.exec(select(kind)).all()


Standing = tuple[str, bool, int, str | None, datetime | None, datetime | None]


def ends(row: TicketEventRow, settled: set[tuple[str | None, str]]) -> bool:
    """Return whether nobody waits for an answer to this event any more."""
    return row.kind != "customer_message" or (row.ticket_id, row.event_id) in settled


def standing_of(
    newest: TicketEventRow, unanswered: list[TicketEventRow], said: dict[str, SaidWords]
) -> Standing:
    if not unanswered:
        return newest.event_id, False, 0, None, None, None
    level, _, pressing = max(
        (said.get(row.event_id, SaidWords()).level, n, row.event_id) for n, row in enumerate(unanswered)
    )
    since = unanswered[0].occurred_at
    return newest.event_id, True, level, pressing, due_at(since, level), place_at(since, level)


def heard(session: Session) -> dict[str, SaidWords]:
    """Return what each message says; the newest correction of a person counts before the model."""
    scored = session.exec(select(SentimentRow)).all()
    said = {row.event_id: said_words(row.label, row.record) or SaidWords() for row in scored}
    clicks = session.exec(select(MoodCorrectionRow).order_by(col(MoodCorrectionRow.correction_id)))
    newest = {row.event_id: None if row.undone else row.mood for row in clicks}
    return said | {key: said.get(key, SaidWords()).heard_as(mood) for key, mood in newest.items()}


def computed(session: Session) -> dict[str, Standing]:
    """Return (newest event, waits, tier, pressing message, due, place) of each ticket, from other rows."""
    events = session.exec(select(TicketEventRow)).all()
    said = heard(session)
    reasons = {row.draft_id: str(row.record["reason"]) for row in session.exec(select(DecisionRow))}
    settled = {
        (row.ticket_id, row.based_on)
        for row in session.exec(select(DraftRow))
        if row.state in ("sent", "edited")
        or (row.state == "dismissed" and reasons[row.draft_id].split(":")[0] in ("handled", "not_needed"))
    }
    found = {}
    for ticket_id in {row.ticket_id for row in events}:
        own = [row for row in events if row.ticket_id == ticket_id]
        own.sort(key=lambda row: (row.occurred_at, row.event_id))
        open_from = max((n + 1 for n, row in enumerate(own) if ends(row, settled)), default=0)
        found[ticket_id] = standing_of(own[-1], own[open_from:], said)
    return found


def kept(session: Session) -> dict[str, Standing]:
    known = session.exec(select(TicketHeadRow)).all()
    return {
        row.ticket_id: (row.event_id, row.waits, row.tier, row.pressing_id, row.due_at, row.place_at)
        for row in known
        if row.event_id is not None
    }


def standing(engine: Engine) -> tuple[dict[str, Standing], dict[str, Standing]]:
    with Session(engine) as session:
        return kept(session), computed(session)


NAMES = (
    "event",
    "event",
    "event",
    "mood",
    "draft",
    "draft",
    "retire",
    "send",
    "dismiss",
    "close",
    "undo",
    "erase",
    "correct",
    "take_back",
)
STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(TICKETS), st.integers(0, 3)), min_size=4, max_size=25
)
CLOSED = [("event", "t1", 1), ("draft", "t1", 1), ("dismiss", "t1", 1)]


@settings(max_examples=40, deadline=None)
@given(STEPS)
@example(CLOSED)
@example([*CLOSED, ("undo", "t1", 1)])
@example([("event", "t1", 0), ("draft", "t1", 0), ("dismiss", "t1", 0), ("close", "t1", 0)])
@example([("event", "t1", 0), ("draft", "t1", 0), ("send", "t1", 0), ("undo", "t1", 0)])
@example([("mood", "t1", 1), ("event", "t1", 1), ("event", "t1", 0), ("erase", "t1", 1)])
@example([("event", "t1", 1), ("mood", "t1", 1), ("correct", "t1", 1), ("take_back", "t1", 1)])
@example([("event", "t1", 0), ("correct", "t1", 0)])
def test_after_any_sequence_of_steps_the_head_equals_the_computed_head(
    shared: Engine, steps: list[tuple[str, str, int]]
) -> None:
    clear(shared)
    desk = Desk(shared)
    for step in steps:
        desk.do(*step)
    kept_rows, computed_rows = standing(shared)
    assert kept_rows == computed_rows
    with Session(shared) as session:
        queued = {row.item_id for row in open_queue(session)}
    assert queued == {ticket_id for ticket_id, (_, waits, *_) in computed_rows.items() if waits}


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 2))
def test_events_and_moods_in_any_order_and_with_repeats_give_the_same_head(
    shared: Engine, random: Random, repeats: int
) -> None:
    steps = [(step, "t1", number) for number in range(5) for step in ("event", "mood")] * (repeats + 1)
    random.shuffle(steps)
    clear(shared)
    desk = Desk(shared)
    for step in steps:
        desk.do(*step)
    with Session(shared) as session:
        assert kept(session) == computed(session) == {"t1": ("t1-4", False, 0, None, None, None)}
        assert len(rows(session, TicketHeadRow)) == 1


def test_two_groups_that_write_the_same_tickets_never_deadlock_or_lose_a_write(
    engine: Engine,
) -> None:
    names = [f"t{n}" for n in range(12)]

    def events(seed: int) -> None:
        chosen = Random(seed).sample(names, len(names))
        with Session(engine) as session, session.begin():
            hold(session, chosen)
            for ticket_id in chosen:
                save_ticket_event(session, event(ticket_id, seed % 2))

    def moods(seed: int) -> None:
        chosen = Random(seed).sample(names, len(names))
        with Session(engine) as session, session.begin():
            save_sentiments(session, [mood(ticket_id, seed % 2) for ticket_id in chosen])

    with ThreadPoolExecutor(6) as pool:
        for task in [pool.submit((events, moods)[n % 2], n // 2) for n in range(24)]:
            task.result()
    kept_rows, computed_rows = standing(engine)
    assert kept_rows == computed_rows
    assert {name: kept_rows[name][:4] for name in names} == {
        name: (f"{name}-1", True, 2, f"{name}-1") for name in names
    }


def test_plain_sql_statements_update_the_heads_as_well(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ticket_events SELECT 'e' || n, 't' || n % 3, 'acme', 'customer_message', 'web',"
                ' \'{"subject": "", "body": ""}\', now() + n * interval \'1 second\''
                " FROM generate_series(1, 30) n"
            )
        )
    kept_rows, _ = standing(engine)
    assert {ticket_id: event_id for ticket_id, (event_id, *_) in kept_rows.items()} == {
        "t0": "e30",
        "t1": "e28",
        "t2": "e29",
    }
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM ticket_events WHERE event_id IN ('e28', 'e29', 'e26', 'e23')"))
    kept_rows, _ = standing(engine)
    assert {event_id for event_id, *_ in kept_rows.values()} == {"e30", "e25", "e20"}


def test_tickets_of_equal_urgency_are_ordered_by_waiting_time_and_not_by_scoring_time(engine: Engine) -> None:
    desk = Desk(engine)
    for step, ticket_id, number in (
        ("mood", "t1", 1),
        ("event", "t1", 1),
        ("event", "t2", 1),
        ("mood", "t2", 1),
    ):
        desk.do(step, ticket_id, number)
    with Session(engine) as session:
        queue = open_queue(session)
    assert [(row.item_id, row.tier) for row in queue] == [("t1", 2), ("t2", 2)]
    assert queue[0].waiting_since == NOW - timedelta(minutes=30)
