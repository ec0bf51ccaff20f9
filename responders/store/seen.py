"""Dedupe rows: which event ids already had an effect in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.tables import Seen

INSERT_ROWS = 1_000
"""Rows of one statement: PostgreSQL takes at most 65,535 parameters."""


@dataclass(frozen=True)
class Sighting:
    """One arrival of an event: its id, the hash of its content, and where it stood."""

    event_id: str
    content_hash: bytes
    topic: str
    partition: int
    offset: int


def mark_seen(session: Session, group: str, sightings: Sequence[Sighting], *, now: datetime) -> set[int]:
    """Insert dedupe rows; return the indices of the arrivals that are the first of their id.

    Ids must be unique within `sightings`. A concurrent first arrival waits for the other
    transaction and then counts as second.
    """
    rows = [
        {
            "consumer_group": group,
            "event_id": one.event_id,
            "content_hash": one.content_hash,
            "topic": one.topic,
            "partition": one.partition,
            "record_offset": one.offset,
            "seen_at": now,
        }
        for one in sightings
    ]
    fresh: set[str] = set()
    for start in range(0, len(rows), INSERT_ROWS):
        statement = insert(Seen).values(rows[start : start + INSERT_ROWS]).on_conflict_do_nothing()
        fresh.update(session.scalars(statement.returning(col(Seen.event_id))))
    return {index for index, one in enumerate(sightings) if one.event_id in fresh}


def known_hashes(session: Session, group: str, event_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the content hash of each id that had an effect in this group."""
    if not event_ids:
        return {}
    query = select(col(Seen.event_id), col(Seen.content_hash)).where(
        col(Seen.consumer_group) == group, col(Seen.event_id).in_(event_ids)
    )
    return {event_id: bytes(content) for event_id, content in session.execute(query)}
