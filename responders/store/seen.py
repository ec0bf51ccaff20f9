"""Dedupe rows: which event ids already had an effect in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from responders.store.arrays import insert_columns
from schemas.tables import Seen

_KNOWN: Final = text(
    "SELECT event_id, content_hash FROM seen"
    " WHERE consumer_group = :consumer_group AND event_id = ANY(CAST(:event_ids AS text[]))"
)


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
    columns = {
        "consumer_group": group,
        "event_id": [one.event_id for one in sightings],
        "content_hash": [one.content_hash for one in sightings],
        "topic": [one.topic for one in sightings],
        "partition": [one.partition for one in sightings],
        "record_offset": [one.offset for one in sightings],
        "seen_at": now,
    }
    fresh = set(insert_columns(session, Seen, columns, returning="event_id"))
    return {index for index, one in enumerate(sightings) if one.event_id in fresh}


def known_hashes(session: Session, group: str, event_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the content hash of each id that had an effect in this group."""
    if not event_ids:
        return {}
    known = session.execute(_KNOWN, {"consumer_group": group, "event_ids": list(event_ids)})
    return {event_id: bytes(content) for event_id, content in known}
