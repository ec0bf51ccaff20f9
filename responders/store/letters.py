"""Dead letters as rows: written with the offset, listed, shown and replayed."""

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.letters import DeadLetter
from schemas.tables import DeadLetterRow

INSERT_ROWS = 500
"""Rows of one statement: PostgreSQL takes at most 65,535 parameters, and a row may carry a megabyte."""

_HEADERS: TypeAdapter[tuple[tuple[str, bytes | None], ...]] = TypeAdapter(
    tuple[tuple[str, bytes | None], ...], config=ConfigDict(val_json_bytes="base64")
)
_SAME_NAMES = set(DeadLetter.model_fields) & set(DeadLetterRow.model_fields) - {"headers"}


def save_letters(session: Session, letters: Sequence[DeadLetter]) -> set[str]:
    """Insert dead letters; return the ids of those not known before."""
    new: set[str] = set()
    for start in range(0, len(letters), INSERT_ROWS):
        rows = [_row(letter) for letter in letters[start : start + INSERT_ROWS]]
        statement = insert(DeadLetterRow).values(rows).on_conflict_do_nothing()
        new.update(session.scalars(statement.returning(col(DeadLetterRow.letter_id))))
    return new


def _row(letter: DeadLetter) -> dict[str, object]:
    row = letter.model_dump(exclude={"schema_version", "offset", "headers", "key", "value"})
    encoded = letter.model_dump(mode="json", include={"headers"})["headers"]
    return {
        **row,
        "record_offset": letter.offset,
        "headers": encoded,
        "key": letter.key,
        "value": letter.value,
        "state": "new",
    }


def list_letters(
    session: Session,
    *,
    state: str | None = None,
    reason: str | None = None,
    topic: str | None = None,
    limit: int = 100,
) -> Sequence[DeadLetterRow]:
    """Return dead letters, newest first, that match every filter given."""
    query = select(DeadLetterRow).order_by(col(DeadLetterRow.created_at).desc(), col(DeadLetterRow.letter_id))
    filters = {"state": state, "reason": reason, "topic": topic}
    for name, value in filters.items():
        if value is not None:
            query = query.where(getattr(DeadLetterRow, name) == value)
    return session.scalars(query.limit(limit)).all()


def claim_letters(session: Session, letter_ids: Sequence[str]) -> Sequence[DeadLetterRow]:
    """Return those of the letters that were not replayed yet, locked for this transaction.

    Ordered by where they were read. A letter that another replay holds is left to it.
    """
    query = (
        select(DeadLetterRow)
        .where(col(DeadLetterRow.letter_id).in_(letter_ids), col(DeadLetterRow.state) == "new")
        .order_by(*(getattr(DeadLetterRow, name) for name in ("topic", "partition", "record_offset")))
    )
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def to_letter(row: DeadLetterRow) -> DeadLetter:
    """Return the record of a row, byte for byte what was saved."""
    return DeadLetter(
        **{name: getattr(row, name) for name in _SAME_NAMES},
        offset=row.record_offset,
        headers=_HEADERS.validate_json(json.dumps(row.headers)),
    )


def get_letter(session: Session, letter_id: str) -> DeadLetterRow | None:
    """Return one dead letter, or None."""
    return session.get(DeadLetterRow, letter_id)


def mark_replayed(session: Session, letter_ids: Sequence[str], *, now: datetime) -> None:
    """Mark letters as sent back to their topic."""
    statement = update(DeadLetterRow).where(col(DeadLetterRow.letter_id).in_(letter_ids))
    session.execute(statement.values(state="replayed", replayed_at=now))


def count_by_source(session: Session) -> dict[tuple[str, str], int]:
    """Return how many dead letters each (group, topic) has."""
    columns = (col(DeadLetterRow.consumer_group), col(DeadLetterRow.topic))
    query = select(*columns, func.count()).group_by(*columns)
    return {(group, topic): int(count) for group, topic, count in session.execute(query)}
