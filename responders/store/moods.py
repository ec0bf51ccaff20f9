"""Moods that people gave messages, and the models that desks learned from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from sqlalchemy import desc, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.tables import DeskMoodModelRow, MoodCorrectionRow, SentimentRow, TicketEventRow
from schemas.tickets import Mood, Sentiment, Ticket

LEARN_LOCK: Final = 0x6C_65_61_72
"""Key of the advisory lock under which one process learns; "lear" in ASCII."""

_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")
_TRY_LOCK: Final = text("SELECT pg_try_advisory_xact_lock(:key)")


@dataclass(frozen=True, slots=True)
class PersonMood:
    """The mood that a person gave a message, who did, when, and the model's mood (None if it had none)."""

    mood: Mood
    corrected_by: str
    corrected_at: datetime
    shown: Mood | None


@dataclass(frozen=True, slots=True)
class Click:
    """A click in the order of commits: the message, and its mood or None if it was taken back."""

    correction_id: int
    event_id: str
    mood: Mood | None
    ticket: Ticket | None


def moods_by_people(session: Session, event_ids: Sequence[str]) -> dict[str, PersonMood]:
    """Return the moods that people gave these messages and did not take back, by event id."""
    correction_id, event_id = col(MoodCorrectionRow.correction_id), col(MoodCorrectionRow.event_id)
    newest = select(func.max(correction_id)).where(event_id.in_(event_ids)).group_by(event_id)
    found = {}
    for row in session.scalars(select(MoodCorrectionRow).where(correction_id.in_(newest))):
        mood = mood_of(row.mood)
        if mood is not None and not row.undone:
            found[row.event_id] = PersonMood(mood, row.corrected_by, row.corrected_at, mood_of(row.shown))
    return found


def heard_moods(session: Session, event_ids: Sequence[str]) -> dict[str, Sentiment]:
    """Return the stored sentiments of messages by event id; a mood that a person gave replaces the model's.

    A message without a sentiment has none here, also if a person gave it a mood.
    """
    given = moods_by_people(session, event_ids)
    return {
        event_id: heard_as(sentiment, given[event_id].mood) if event_id in given else sentiment
        for event_id, sentiment in _sentiments(session, event_ids).items()
    }


def heard_as(sentiment: Sentiment, mood: Mood) -> Sentiment:
    """Return the sentiment of a message to which a person gave a mood: certain, by the person's word.

    A person who hears no dissatisfaction hears no frustration, threat or sarcasm either.
    """
    negative, neutral, positive = (1.0 if mood == known else 0.0 for known in get_args(Mood))
    changes: dict[str, Any] = {
        "label": mood,
        "probabilities": (negative, neutral, positive),
        "score": positive - negative,
        "abstained": None,
    }
    if mood != "negative":
        calm = {"threat": 0.0, "sarcasm": 0.0, "frustration": 0.0}
        changes |= calm | {"frustration_reasons": (), "frustration_words": {}}
    return sentiment.model_copy(update=changes)


def clicks_after(session: Session, correction_id: int, *, limit: int) -> list[Click]:
    """Return the next clicks after this id, oldest first; `ticket` is None if the message is erased."""
    rows = session.scalars(
        select(MoodCorrectionRow)
        .where(col(MoodCorrectionRow.correction_id) > correction_id)
        .order_by(col(MoodCorrectionRow.correction_id))
        .limit(limit)
    ).all()
    wanted = col(TicketEventRow.event_id).in_([row.event_id for row in rows])
    events = {row.event_id: row for row in session.scalars(select(TicketEventRow).where(wanted))}
    return [
        Click(
            correction_id=row.correction_id or 0,
            event_id=row.event_id,
            mood=None if row.undone else mood_of(row.mood),
            ticket=Ticket.model_validate(events[row.event_id].record) if row.event_id in events else None,
        )
        for row in rows
    ]


def newest_click(session: Session) -> int:
    """Return the id of the newest click, 0 if there is none."""
    return int(session.scalar(select(func.max(col(MoodCorrectionRow.correction_id)))) or 0)


def desk_model(session: Session, base_model: str) -> DeskMoodModelRow | None:
    """Return what the desk learned on top of a shipped model, or None if it learned nothing yet."""
    return session.get(DeskMoodModelRow, base_model, populate_existing=True)


def desk_models(session: Session) -> list[DeskMoodModelRow]:
    """Return the rows of all shipped models, the newest first."""
    return list(session.scalars(select(DeskMoodModelRow).order_by(desc(col(DeskMoodModelRow.updated_at)))))


def may_learn(session: Session) -> bool:
    """Return whether this transaction is the one that learns until it ends; False if another does."""
    return bool(session.scalar(_TRY_LOCK, {"key": LEARN_LOCK}))


def save_desk_model(session: Session, row: DeskMoodModelRow) -> None:
    """Insert or replace the row of a shipped model."""
    values = row.model_dump()
    statement = insert(DeskMoodModelRow).values(values)
    changes = {name: statement.excluded[name] for name in values if name != "base_model"}
    session.execute(statement.on_conflict_do_update(index_elements=["base_model"], set_=changes))


def reset_desk(session: Session, *, now: datetime) -> list[str]:
    """Return every desk to its shipped model and forget the corrections so far; return the shipped models.

    Waits until nobody learns. The clicks stay in the table and on the pages of their tickets.
    """
    session.execute(_LOCK, {"key": LEARN_LOCK})
    newest = newest_click(session)
    names = []
    for row in desk_models(session):
        fresh = DeskMoodModelRow(
            base_model=row.base_model,
            learned_to=newest,
            starts_after=newest,
            version=row.version,
            figures={},
            promoted_at=None,
            updated_at=now,
        )
        save_desk_model(session, fresh)
        names.append(row.base_model)
    return sorted(names)


def mood_of(value: str | None) -> Mood | None:
    """Return the value as a mood, or None if it is none."""
    known: tuple[Mood, ...] = get_args(Mood)
    return next((mood for mood in known if mood == value), None)


def _sentiments(session: Session, event_ids: Sequence[str]) -> dict[str, Sentiment]:
    """Return the stored sentiments of the events, by event id."""
    query = select(col(SentimentRow.record)).where(col(SentimentRow.event_id).in_(event_ids))
    known = [Sentiment.model_validate(record) for record in session.scalars(query)]
    return {sentiment.event_id: sentiment for sentiment in known}
