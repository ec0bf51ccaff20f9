"""Give every record of a batch its fate, in one SQL transaction: effect, drop or dead letter."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from sqlmodel import Session

from responders.store import letters as letter_store
from responders.store import outbox, progress, seen
from schemas.letters import DeadLetter
from streams.consume.errors import Fenced
from streams.consume.records import (
    Computed,
    Dropped,
    Failed,
    FateCounts,
    Handler,
    Item,
    LaneWork,
    RawRecord,
    Result,
)
from streams.kafka.topics import DEAD_LETTERS

Effects = list[tuple[Item, Result]]

MAX_PUBLISHED_BYTES = 900_000
"""Brokers and producers refuse records beyond 1 MiB by default; base64 makes a letter a third larger."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes: the group, its topic and the build, for dead letters and dedupe rows."""

    group: str
    topic: str
    build: str


@dataclass(slots=True)
class Written:
    """What one transaction did, for acknowledgement and metrics; valid only after its commit."""

    counts: list[FateCounts]
    reasons: list[str]
    # Those of the letters that count towards the pause of their partition.
    letter_offsets: list[list[int]]
    effects: list[Any]
    extra: Any


class FateWriter(Generic[Item, Result]):
    """Write one batch: dedupe rows, effects, dead letters, outbox rows and the new offsets."""

    def __init__(self, handler: Handler[Item, Result], build: str) -> None:
        self.handler = handler
        self._origin = Origin(handler.group, handler.topic, build)

    def write(
        self,
        session: Session,
        works: Sequence[LaneWork[Item, Result]],
        computed: Computed[Result],
        *,
        now: datetime,
    ) -> Written:
        """Write the batch into the open transaction.

        Raises Fenced, with nothing written, where a partition has another owner by now.
        """
        effects: Effects[Item, Result] = []
        counts, letters, offsets = [], [], []
        for work, outcomes in zip(works, computed.outcomes, strict=True):
            fresh, failures, count = self._sort_out(session, work, outcomes, now)
            effects += fresh
            counts.append(count)
            letters += [self._letter(record, failed, now) for record, failed in failures]
            offsets.append([record.offset for record, failed in failures if not failed.is_isolated])
        self.handler.write(session, effects, computed.extra)
        self._bury(session, letters, now)
        for work, count in zip(works, counts, strict=True):
            self._advance(session, work, count, now)
        return Written(counts, [letter.reason for letter in letters], offsets, effects, computed.extra)

    def _sort_out(
        self, session: Session, work: LaneWork[Item, Result], outcomes: Sequence[Any], now: datetime
    ) -> tuple[Effects[Item, Result], list[tuple[RawRecord, Failed]], FateCounts]:
        if self.handler.dedupes_itself and not work.failures and not any(outcomes):
            return [], [], FateCounts(effects=len(outcomes))
        failures, count = list(work.failures), FateCounts()
        candidates: list[tuple[RawRecord, Item, Result]] = []
        for record, item, outcome in zip(work.item_records, work.items, outcomes, strict=True):
            if isinstance(outcome, Failed):
                failures.append((record, outcome))
            elif isinstance(outcome, Dropped):
                _count_drop(count, outcome)
            else:
                candidates.append((record, item, outcome))
        fresh, conflicts = self._first_sightings(session, candidates, now)
        failures += conflicts
        count.effects, count.dead_letters = len(fresh), len(failures)
        count.duplicates += len(candidates) - len(fresh) - len(conflicts)
        return fresh, failures, count

    def _first_sightings(
        self, session: Session, candidates: list[tuple[RawRecord, Item, Result]], now: datetime
    ) -> tuple[Effects[Item, Result], list[tuple[RawRecord, Failed]]]:
        if self.handler.dedupes_itself:
            return [(item, result) for _, item, result in candidates], []
        identities = [self.handler.identity(item) for _, item, _ in candidates]
        known = [identity for identity in identities if identity is not None]
        if not known:
            return [(item, result) for _, item, result in candidates], []
        first = self._mark(session, candidates, identities, now)
        again = [event_id for event_id, _ in known] if len(first) < len(known) else []
        hashes = seen.known_hashes(session, self._origin.group, again)
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
        sightings: dict[str, seen.Sighting] = {}
        for (record, _, _), identity in zip(candidates, identities, strict=True):
            if identity is not None:
                event_id, content = identity
                place = (self._origin.topic, record.partition, record.offset)
                sightings.setdefault(event_id, seen.Sighting(event_id, content, *place))
        ordered = list(sightings.values())
        first = seen.mark_seen(session, self._origin.group, ordered, now=now)
        return {(ordered[i].event_id, ordered[i].partition, ordered[i].offset) for i in first}

    def _bury(self, session: Session, letters: list[DeadLetter], now: datetime) -> None:
        new = letter_store.save_letters(session, letters)
        outbox.enqueue(session, [_outgoing(one) for one in letters if one.letter_id in new], now=now)

    def _advance(
        self, session: Session, work: LaneWork[Item, Result], count: FateCounts, now: datetime
    ) -> None:
        lane = work.lane
        step = progress.Advance(
            epoch=lane.epoch,
            expected_offset=lane.next_offset,
            next_offset=work.next_offset,
            effects=count.effects,
            duplicates=count.duplicates,
            late=count.late,
            dead_letters=count.dead_letters,
            holes=work.holes,
        )
        place = progress.Place(self._origin.group, self._origin.topic, lane.partition)
        if not progress.advance(session, place, step, now=now):
            raise Fenced(f"partition {lane.partition} of {self._origin.topic} has another owner")
        if work.pause_reason is not None:
            progress.pause(session, place, epoch=lane.epoch, reason=work.pause_reason, now=now)

    def _letter(self, record: RawRecord, failed: Failed, now: datetime) -> DeadLetter:
        origin = self._origin
        place = f"{origin.group}/{record.topic}/{record.partition}/{record.offset}"
        return DeadLetter(
            letter_id=hashlib.blake2b(place.encode(), digest_size=12).hexdigest(),
            consumer_group=origin.group,
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
            build=origin.build,
            created_at=now,
        )


def _count_drop(count: FateCounts, dropped: Dropped) -> None:
    if dropped.policy == "late":
        count.late += 1
    else:
        count.duplicates += 1


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
