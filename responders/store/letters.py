"""Dead letters as rows: written with the offset, listed, shown, replayed and discarded."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from responders.store.arrays import insert_columns
from schemas.letters import DeadLetter
from schemas.table_streams import DeadLetterRow

LetterState = Literal["new", "replayed", "discarded"]
LETTER_STATES: Final[tuple[LetterState, ...]] = get_args(LetterState)

NAMED_ROWS = 10_000
"""Ids in one statement at most."""

_HEADERS: TypeAdapter[tuple[tuple[str, bytes | None], ...]] = TypeAdapter(
    tuple[tuple[str, bytes | None], ...], config=ConfigDict(val_json_bytes="base64")
)
_SAME_NAMES = set(DeadLetter.model_fields) & set(DeadLetterRow.model_fields) - {"headers"}


def save_letters(session: Session, letters: Sequence[DeadLetter]) -> set[str]:
    """Insert dead letters; return the ids of the letters that are new."""
    if not letters:
        return set()
    rows = [_row(letter) for letter in letters]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return set(insert_columns(session, DeadLetterRow, columns, returning="letter_id"))


def _storable(header: list[str | None]) -> list[str | None]:
    """Return a header as JSONB can hold it: a name with NUL moves to a third part as base64."""
    name, value = header
    if name is None or "\x00" not in name:
        return header
    return ["", value, base64.b64encode(name.encode()).decode()]


def _plain_name(header: list[str]) -> list[str]:
    return header if len(header) == 2 else [base64.b64decode(header[2]).decode(), header[1]]


def _row(letter: DeadLetter) -> dict[str, object]:
    row = letter.model_dump(exclude={"schema_version", "offset", "headers", "key", "value"})
    headers = letter.model_dump(mode="json", include={"headers"})["headers"]
    return {
        **row,
        "record_offset": letter.offset,
        "headers": [_storable(header) for header in headers],
        "key": letter.key,
        "value": letter.value,
        "state": "new",
    }


@dataclass(frozen=True)
class Filters:
    """A selection of dead letters: all given filters must hold, and `since` <= `created_at` < `until`."""

    states: tuple[LetterState, ...] = ()
    reason: str | None = None
    topic: str | None = None
    group: str | None = None
    partition: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[str, ...] = ()

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on `DeadLetterRow`, one per given filter."""
        row = DeadLetterRow
        equal = (
            (row.reason, self.reason),
            (row.topic, self.topic),
            (row.consumer_group, self.group),
            (row.partition, self.partition),
        )
        yield from (col(column) == value for column, value in equal if value is not None)
        if self.states:
            yield col(row.state).in_(self.states)
        if self.ids:
            yield col(row.letter_id).in_(self.ids)
        if self.since is not None:
            yield col(row.created_at) >= self.since
        if self.until is not None:
            yield col(row.created_at) < self.until


EVERY: Final = Filters()


def list_letters(
    session: Session, filters: Filters = EVERY, *, limit: int = 100, oldest_first: bool = False
) -> Sequence[DeadLetterRow]:
    """Return the newest (or oldest) dead letters that match, in that order.

    Value and headers load on first access, while the session is open, because a letter may hold a megabyte.
    """
    written = col(DeadLetterRow.created_at)
    query = (
        select(DeadLetterRow)
        .options(defer(col(DeadLetterRow.value)), defer(col(DeadLetterRow.headers)))  # type: ignore[arg-type]
        .where(*filters.conditions())
        .order_by(written if oldest_first else written.desc(), col(DeadLetterRow.letter_id))
    )
    return session.scalars(query.limit(limit)).all()


def claim_letters(
    session: Session, letter_ids: Sequence[str], *, states: Sequence[LetterState] = ("new",)
) -> Sequence[DeadLetterRow]:
    """Lock the letters that are in one of the states until the transaction ends; return them.

    They are ordered by topic, partition and offset. Letters that another replay has locked are left out.
    """
    query = (
        select(DeadLetterRow)
        .where(col(DeadLetterRow.letter_id).in_(letter_ids), col(DeadLetterRow.state).in_(states))
        .order_by(*(getattr(DeadLetterRow, name) for name in ("topic", "partition", "record_offset")))
    )
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def states_of(session: Session, letter_ids: Sequence[str]) -> dict[str, str]:
    """Return the state of each letter that exists, by id."""
    found: dict[str, str] = {}
    columns = (col(DeadLetterRow.letter_id), col(DeadLetterRow.state))
    for start in range(0, len(letter_ids), NAMED_ROWS):
        part = letter_ids[start : start + NAMED_ROWS]
        rows = session.execute(select(*columns).where(columns[0].in_(part)))
        found.update((letter_id, state) for letter_id, state in rows)
    return found


def to_letter(row: DeadLetterRow) -> DeadLetter:
    """Return the dead letter of a row, byte for byte as it was saved."""
    return DeadLetter(
        **{name: getattr(row, name) for name in _SAME_NAMES},
        offset=row.record_offset,
        headers=_HEADERS.validate_json(json.dumps([_plain_name(header) for header in row.headers])),
    )


def get_letter(session: Session, letter_id: str) -> DeadLetterRow | None:
    """Return the dead letter, or None if it does not exist."""
    return session.get(DeadLetterRow, letter_id)


def mark_replayed(session: Session, letter_ids: Sequence[str], *, now: datetime) -> None:
    """Mark letters as replayed to their topic."""
    statement = update(DeadLetterRow).where(col(DeadLetterRow.letter_id).in_(letter_ids))
    session.execute(statement.values(state="replayed", replayed_at=now))


def discard(
    session: Session, letter_ids: Sequence[str], *, states: Sequence[LetterState], now: datetime
) -> list[str]:
    """Mark the letters that are in one of the states as discarded; return their ids.

    The bytes are kept, and a discarded letter still counts as the fate of its record.
    """
    done: list[str] = []
    for start in range(0, len(letter_ids), NAMED_ROWS):
        statement = (
            update(DeadLetterRow)
            .where(
                col(DeadLetterRow.letter_id).in_(letter_ids[start : start + NAMED_ROWS]),
                col(DeadLetterRow.state).in_(states),
            )
            .values(state="discarded", discarded_at=now)
        )
        done += session.scalars(statement.returning(col(DeadLetterRow.letter_id)))
    return done


def offsets_of(session: Session, group: str, topic: str, partition: int) -> set[int]:
    """Return the offsets of a partition's records that became dead letters of a group."""
    row = DeadLetterRow
    query = select(col(row.record_offset)).where(
        col(row.consumer_group) == group, col(row.topic) == topic, col(row.partition) == partition
    )
    return set(session.scalars(query))


def count_by_source(session: Session) -> dict[tuple[str, str], int]:
    """Return the number of dead letters by (group, topic)."""
    columns = (col(DeadLetterRow.consumer_group), col(DeadLetterRow.topic))
    query = select(*columns, func.count()).group_by(*columns)
    return {(group, topic): int(count) for group, topic, count in session.execute(query)}
