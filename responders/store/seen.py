"""Dedupe rows: which event ids already had an effect in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from responders.store.arrays import insert_columns
from schemas.table_streams import Seen

_KNOWN: Final = text(
    "SELECT event_id, content_hash FROM seen"
    " WHERE consumer_group = :consumer_group AND event_id = ANY(CAST(:event_ids AS text[]))"
)


@dataclass(frozen=True)
class Sighting:
    """One arrival of an event: its id, the hash of its content, and its place in a topic."""

    event_id: str
    content_hash: bytes
    topic: str
    partition: int
    offset: int


def mark_seen(session: Session, group: str, sightings: Sequence[Sighting], *, now: datetime) -> set[int]:
    """Insert dedupe rows; return the indices of the sightings whose id is new to the group.

    Ids must be unique within `sightings`. If two transactions insert the same id at once, the second waits
    for the first and then counts as a duplicate.
    """
    columns = {
        "consumer_group": group,
        "event_id": [sighting.event_id for sighting in sightings],
        "content_hash": [sighting.content_hash for sighting in sightings],
        "topic": [sighting.topic for sighting in sightings],
        "partition": [sighting.partition for sighting in sightings],
        "record_offset": [sighting.offset for sighting in sightings],
        "seen_at": now,
    }
    fresh = set(insert_columns(session, Seen, columns, returning="event_id"))
    return {index for index, sighting in enumerate(sightings) if sighting.event_id in fresh}


def known_hashes(session: Session, group: str, event_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the content hash of each event id that already had an effect in this group."""
    if not event_ids:
        return {}
    known = session.execute(_KNOWN, {"consumer_group": group, "event_ids": list(event_ids)})
    return {event_id: bytes(content) for event_id, content in known}
