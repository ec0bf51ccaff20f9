"""A click on the mood of a message: written once, never changed, and taken back by another row."""

from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlmodel import Session, col

from responders.store.desk.refusals import DecisionRefused
from responders.store.moods import PersonMood, mood_of, moods_by_people
from responders.store.notify import notify
from schemas.tables import MoodCorrectionRow, SentimentRow, TicketEventRow
from schemas.tickets import Mood

CLICK_LOCK: Final = 0x6D_6F_6F_64
"""Key of the advisory lock under which clicks are written, so that ids ascend with commits; "mood"."""

_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")


def correct_mood(
    session: Session, event_id: str, mood: Mood, *, corrected_by: str, now: datetime
) -> tuple[str, Mood | None]:
    """Record the mood that a person gives a customer's message; return its ticket and the model's mood.

    The sentiment record is not changed. The same mood twice is recorded once. All desks are notified.
    Raises DecisionRefused `unknown` if there is no such message of a customer.
    """
    ticket_id = _ticket_of(session, event_id)
    session.execute(_LOCK, {"key": CLICK_LOCK})
    known = moods_by_people(session, [event_id]).get(event_id)
    label = select(col(SentimentRow.label)).where(col(SentimentRow.event_id) == event_id)
    shown = mood_of(session.scalar(label))
    if known is None or known.mood != mood:
        _add(session, event_id, PersonMood(mood, corrected_by, now, shown), undone=False)
    return ticket_id, shown


def undo_mood(session: Session, event_id: str, *, undone_by: str, now: datetime) -> str:
    """Take back the mood that a person gave a message; return its ticket.

    Raises DecisionRefused: `unknown` if there is no such message, `moved_on` if no mood is to be taken back.
    """
    ticket_id = _ticket_of(session, event_id)
    session.execute(_LOCK, {"key": CLICK_LOCK})
    known = moods_by_people(session, [event_id]).get(event_id)
    if known is None:
        raise DecisionRefused("moved_on")
    _add(session, event_id, PersonMood(known.mood, undone_by, now, known.shown), undone=True)
    return ticket_id


def _ticket_of(session: Session, event_id: str) -> str:
    row = session.get(TicketEventRow, event_id)
    if row is None or row.kind != "customer_message":
        raise DecisionRefused("unknown")
    return row.ticket_id


def _add(session: Session, event_id: str, given: PersonMood, *, undone: bool) -> None:
    session.add(
        MoodCorrectionRow(
            event_id=event_id,
            mood=given.mood,
            shown=given.shown,
            undone=undone,
            corrected_by=given.corrected_by,
            corrected_at=given.corrected_at,
        )
    )
    session.flush()
    notify(session, "sentiment", event_id)
