"""The SQL of a pipeline, each method one transaction: claim partitions, load their state, write fates.

Every record of a batch gets its fate in one transaction: an effect, a named drop or a dead letter, together
with the new offset of its partition. Everything here runs in the SQL thread.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from responders.store import letters as letter_store
from responders.store import outbox, progress, seen
from schemas.letters import DeadLetter
from streams.consume.handler import Dropped, Failed, Handler
from streams.consume.partitions import OwnedPartition, PartitionBatch
from streams.kafka.records import RawRecord
from streams.kafka.topics import DEAD_LETTERS
from streams.process.clock import CLOCK, utc_now
from streams.process.errors import ServiceError, sqlstate_of

MAX_PUBLISHED_BYTES: Final = 900_000
"""Brokers and producers refuse records beyond 1 MiB by default; base64 makes a letter a third larger."""

RESTORE_IDLE_SECONDS: Final = 30.0
"""How long a restore may pause between two statements. It holds no lock that another worker waits for, so it
may take longer than a claim or a write, which the engine's own limit ends."""

ROW_CHANGED: Final = "40001"
"""PostgreSQL's answer to a lock on a row that changed since the snapshot."""


class Fenced(ServiceError):
    """The partition has a newer owner or moved on; this worker's work on it is void."""


@dataclass(slots=True)
class FateCounts:
    """How many records of a partition ended how in one transaction."""

    effects: int = 0
    duplicates: int = 0
    late: int = 0
    dead_letters: int = 0


@dataclass(frozen=True, slots=True)
class Fates:
    """The fates of one partition's part of a batch; valid only after the commit of the transaction.

    `effects` has the (item, result) pairs that were written, `failures` the records that became dead letters.
    """

    part: PartitionBatch
    counts: FateCounts
    effects: list[tuple[Any, Any]]
    failures: list[tuple[RawRecord, Failed]]

    @property
    def pausing_offsets(self) -> list[int]:
        """Return the offsets of the dead letters that count towards a pause of the partition."""
        return [record.offset for record, failed in self.failures if not failed.is_isolated]


def effects_of(written: Sequence[Fates]) -> list[tuple[Any, Any]]:
    """Return the effects of all partitions, in order."""
    return [effect for fates in written for effect in fates.effects]


class Transactions:
    """Each method is one transaction, committed or rolled back as a whole."""

    def __init__(
        self, engine: Engine, handler: Handler[Any, Any, Any], writer: "FateWriter", *, owner: str
    ) -> None:
        self._engine = engine
        self._handler = handler
        self._writer = writer
        self._owner = owner

    def claim(self, wanted: Mapping[int, int], generation: int) -> list[OwnedPartition]:
        """Raise the epoch of partitions, given the offset at which each begins; load nothing.

        The transaction is short, because other workers that claim wait for its locks. After its commit no
        older owner can write: the epoch refuses everything that such an owner does not hold under a lock by
        now. So the state that `restore` reads later belongs to the offset returned here.
        """
        with Session(self._engine) as session, session.begin():
            CLOCK.follow(progress.database_now(session))
            # In one order everywhere, so that two workers that claim the same never wait for each other.
            return [self._claim_one(session, item, generation) for item in sorted(wanted.items())]

    def _claim_one(self, session: Session, wanted: tuple[int, int], generation: int) -> OwnedPartition:
        partition, first_offset = wanted
        claimed = progress.claim(
            session, self._place(partition), first_offset=first_offset, owner=self._owner, now=utc_now()
        )
        return OwnedPartition(partition, generation, claimed.epoch, claimed.next_offset, claimed.paused)

    def restore(self, owned: OwnedPartition) -> None:
        """Load the state of a partition just claimed, as of one moment; raise Fenced if that is too late.

        Reading takes long and locks nothing that others wait for. A newer owner may claim and write
        meanwhile: the snapshot is still of one moment. At the end the epoch is compared with the row, under a
        lock of that moment; so nothing that the handler set aside is committed for a partition with a newer
        owner.
        """
        with Session(self._engine) as session, session.begin():
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            progress.allow_idle(session, RESTORE_IDLE_SECONDS)
            self._handler.restore(session, owned.partition)
            if not self._still_owns(session, owned):
                raise Fenced(f"partition {owned.partition} of {self._handler.topic} has another owner")

    def _still_owns(self, session: Session, owned: OwnedPartition) -> bool:
        try:
            return progress.owns(session, self._place(owned.partition), epoch=owned.epoch)
        except OperationalError as error:
            if sqlstate_of(error) != ROW_CHANGED:
                raise
            return False

    def write(self, parts: Sequence[PartitionBatch], extra: Any) -> list[Fates]:
        """Commit a batch: afterwards every record of it has its fate. Raises Fenced."""
        with Session(self._engine) as session, session.begin():
            return self._writer.write(session, parts, extra, now=utc_now())

    def pause(self, owned: OwnedPartition, reason: str) -> None:
        """Pause a partition if this worker still owns it."""
        with Session(self._engine) as session, session.begin():
            place = self._place(owned.partition)
            progress.pause(session, place, epoch=owned.epoch, reason=reason, now=utc_now())

    def look(self) -> tuple[datetime, dict[int, str]]:
        """Return the database's time, and why each paused partition of the topic is paused."""
        with Session(self._engine) as session, session.begin():
            paused = progress.paused_places(session, self._handler.group, self._handler.topic)
            return progress.database_now(session), paused

    def next_offsets(self) -> dict[int, int]:
        """Return the next offset without a fate of each partition of the topic that was ever claimed."""
        with Session(self._engine) as session, session.begin():
            return progress.next_offsets(session, self._handler.group, self._handler.topic)

    def idle(self) -> None:
        """Commit the handler's idle turn."""
        with Session(self._engine) as session, session.begin():
            self._handler.idle(session)

    def _place(self, partition: int) -> progress.Place:
        return progress.Place(self._handler.group, self._handler.topic, partition)


class FateWriter:
    """Write one batch: dedupe rows, effects, dead letters, outbox rows and the new offsets."""

    def __init__(self, handler: Handler[Any, Any, Any], build: str) -> None:
        self._handler = handler
        self._build = build

    def write(
        self, session: Session, parts: Sequence[PartitionBatch], extra: Any, *, now: datetime
    ) -> list[Fates]:
        """Write the batch into the open transaction; return the fates per partition, in order.

        Raises Fenced, with nothing written, if a partition has another owner by now.
        """
        written = [self._decide(session, part, now) for part in parts]
        self._handler.write(session, effects_of(written), extra)
        self._bury(session, written, now)
        for fates in written:
            self._advance(session, fates, now)
        return written

    def _decide(self, session: Session, part: PartitionBatch, now: datetime) -> Fates:
        """Decide the fate of each record of a partition, and write its dedupe rows."""
        if self._handler.dedupes_itself and not part.failures and not any(part.outcomes):
            return Fates(part, FateCounts(effects=len(part.outcomes)), [], [])
        failures, counts = list(part.failures), FateCounts()
        candidates: list[tuple[RawRecord, Any, Any]] = []
        for (record, item), outcome in zip(part.decoded, part.outcomes, strict=True):
            if isinstance(outcome, Failed):
                failures.append((record, outcome))
            elif isinstance(outcome, Dropped):
                _count_drop(counts, outcome)
            else:
                candidates.append((record, item, outcome))
        effects, conflicts = self._first_sightings(session, candidates, now)
        failures += conflicts
        counts.effects, counts.dead_letters = len(effects), len(failures)
        counts.duplicates += len(candidates) - len(effects) - len(conflicts)
        return Fates(part, counts, effects, failures)

    def _first_sightings(
        self, session: Session, candidates: list[tuple[RawRecord, Any, Any]], now: datetime
    ) -> tuple[list[tuple[Any, Any]], list[tuple[RawRecord, Failed]]]:
        """Return the effects of events that came first here, and the records whose id has other content."""
        if self._handler.dedupes_itself:
            return [(item, result) for _, item, result in candidates], []
        identities = [self._handler.identity(item) for _, item, _ in candidates]
        known = [identity for identity in identities if identity is not None]
        if not known:
            return [(item, result) for _, item, result in candidates], []
        first = self._mark(session, candidates, identities, now)
        again = [event_id for event_id, _ in known] if len(first) < len(known) else []
        hashes = seen.known_hashes(session, self._handler.group, again)
        fresh, conflicts = [], []
        for (record, item, result), identity in zip(candidates, identities, strict=True):
            if identity is None or (identity[0], record.partition, record.offset) in first:
                fresh.append((item, result))
            elif hashes[identity[0]] != identity[1]:
                conflicts.append(
                    (record, Failed("id_conflict", "this event id came before with other content"))
                )
        return fresh, conflicts

    def _mark(
        self, session: Session, candidates: Sequence[Any], identities: Sequence[Any], now: datetime
    ) -> set[tuple[str, int, int]]:
        """Write dedupe rows; return (event id, partition, offset) of each record that came first."""
        sightings: dict[str, seen.Sighting] = {}
        for (record, _, _), identity in zip(candidates, identities, strict=True):
            if identity is not None:
                event_id, content = identity
                place = (self._handler.topic, record.partition, record.offset)
                sightings.setdefault(event_id, seen.Sighting(event_id, content, *place))
        ordered = list(sightings.values())
        first = seen.mark_seen(session, self._handler.group, ordered, now=now)
        return {(ordered[i].event_id, ordered[i].partition, ordered[i].offset) for i in first}

    def _bury(self, session: Session, written: Sequence[Fates], now: datetime) -> None:
        letters = [
            self._letter(record, failed, now) for fates in written for record, failed in fates.failures
        ]
        new = letter_store.save_letters(session, letters)
        outbox.enqueue(session, [_outgoing(letter) for letter in letters if letter.letter_id in new], now=now)

    def _advance(self, session: Session, fates: Fates, now: datetime) -> None:
        part, counts, owned = fates.part, fates.counts, fates.part.owned
        step = progress.Advance(
            epoch=owned.epoch,
            expected_offset=owned.next_offset,
            next_offset=part.next_offset,
            effects=counts.effects,
            duplicates=counts.duplicates,
            late=counts.late,
            dead_letters=counts.dead_letters,
            holes=part.holes,
        )
        place = progress.Place(self._handler.group, self._handler.topic, owned.partition)
        if not progress.advance(session, place, step, now=now):
            raise Fenced(f"partition {owned.partition} of {self._handler.topic} has another owner")
        if part.pause_reason is not None:
            progress.pause(session, place, epoch=owned.epoch, reason=part.pause_reason, now=now)

    def _letter(self, record: RawRecord, failed: Failed, now: datetime) -> DeadLetter:
        group = self._handler.group
        place = f"{group}/{record.topic}/{record.partition}/{record.offset}"
        return DeadLetter(
            letter_id=hashlib.blake2b(place.encode(), digest_size=12).hexdigest(),
            consumer_group=group,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp_ms=record.timestamp,
            key=record.key,
            value=record.value,
            headers=tuple((name, value) for name, value in record.headers),
            reason=failed.reason,
            error=failed.error[:1_000],
            attempts=failed.attempts,
            build=self._build,
            created_at=now,
        )


def _count_drop(counts: FateCounts, dropped: Dropped) -> None:
    if dropped.policy == "late":
        counts.late += 1
    else:
        counts.duplicates += 1


def _outgoing(letter: DeadLetter) -> outbox.Outgoing:
    value, key = letter.to_bytes(), letter.key
    headers: tuple[tuple[str, str], ...] = (
        ("dlq.source.topic", letter.topic),
        ("dlq.source.partition", str(letter.partition)),
        ("dlq.source.offset", str(letter.offset)),
        ("dlq.reason", letter.reason),
    )
    if len(value) + len(key or b"") > MAX_PUBLISHED_BYTES:
        # The relay could never publish it, and would hold up every row after it; SQL keeps the bytes.
        value = letter.model_copy(update={"key": None, "value": None, "headers": ()}).to_bytes()
        key, headers = None, (*headers, ("dlq.bytes", "in the database only"))
    return outbox.Outgoing(DEAD_LETTERS, letter.letter_id.encode() if key is None else key, value, headers)
