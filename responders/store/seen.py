"""Dedupe rows: which event ids already had an effect in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

_INSERT: Final = text(
    "INSERT INTO seen (consumer_group, event_id, content_hash, topic, partition, record_offset, seen_at)"
    " SELECT :consumer_group, one.event_id, one.content_hash, one.topic, one.partition, one.record_offset,"
    " :seen_at"
    " FROM unnest(CAST(:event_ids AS text[]), CAST(:hashes AS bytea[]), CAST(:topics AS text[]),"
    " CAST(:partitions AS int[]), CAST(:offsets AS bigint[]))"
    " AS one (event_id, content_hash, topic, partition, record_offset)"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
"""One constant statement whatever the number of rows: SQLAlchemy spends 20 times as long on making one of
VALUES as PostgreSQL on running it, and five arrays are five parameters."""

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
    columns: dict[str, list[object]] = {
        "event_ids": [one.event_id for one in sightings],
        "hashes": [one.content_hash for one in sightings],
        "topics": [one.topic for one in sightings],
        "partitions": [one.partition for one in sightings],
        "offsets": [one.offset for one in sightings],
    }
    fresh = set(session.scalars(_INSERT, {**columns, "consumer_group": group, "seen_at": now}))
    return {index for index, one in enumerate(sightings) if one.event_id in fresh}


def known_hashes(session: Session, group: str, event_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the content hash of each id that had an effect in this group."""
    if not event_ids:
        return {}
    known = session.execute(_KNOWN, {"consumer_group": group, "event_ids": list(event_ids)})
    return {event_id: bytes(content) for event_id, content in known}
