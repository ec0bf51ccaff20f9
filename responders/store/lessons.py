"""Decisions as a learner reads them, and the lessons of a desk at rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from schemas.lessons import Lessons
from schemas.table_lessons import DeskLessonsRow
from schemas.tickets import Action

NEWEST: Final = 2_000
"""Newest decisions that a desk learns from. Chosen by hand: some months of a team, read in about a second."""

NAME: Final = "drafts"
"""The name of the one set of lessons that there is today."""

LESSON_LOCK: Final = 0x6C_65_73_73
"""Key of the advisory lock under which one process learns; "less" in ASCII."""

_WANTED: Final = """
    SELECT c.decided_at, c.decision_id, c.draft_id, c.record FROM decisions c
    WHERE CAST(:since AS timestamptz) IS NULL OR c.decided_at > CAST(:since AS timestamptz)
    ORDER BY c.decided_at DESC, c.decision_id DESC LIMIT :newest
"""
_MARK: Final = text(
    "SELECT concat_ws(' ', count(*), min(w.decided_at), max(w.decided_at)) FROM (" + _WANTED + ") w"
)
_DECISIONS: Final = text(
    "WITH wanted AS ("
    + _WANTED
    + """)
SELECT w.decided_at, w.record->>'action' AS action, split_part(w.record->>'reason', ':', 1) AS reason,
    CAST(w.record->>'similarity' AS float8) AS similarity,
    coalesce(jsonb_array_length(w.record->'changed_facts'), 0) AS changed_facts,
    CAST(d.record->>'confidence' AS float8) AS confidence,
    coalesce(CAST(d.record->>'confidence_offset' AS float8), 0) AS offset_used,
    d.created_at >= coalesce(k.calibrated_at, d.created_at) AS is_calibrated,
    jsonb_path_query_array(d.record, '$.citations[*] ? (@.source_kind != "account_fact").source_id') AS cited,
    jsonb_path_query_array(d.record, '$.citations[*] ? (@.source_kind != "account_fact").title') AS titles
FROM wanted w JOIN drafts d ON d.draft_id = w.draft_id
LEFT JOIN calibrations k ON k.name = 'retrieval'
WHERE d.kind = 'reply' AND d.record->>'abstained' IS NULL AND d.record->>'body' <> ''
ORDER BY w.decided_at, w.decision_id
"""
)
_TRY_LOCK: Final = text("SELECT pg_try_advisory_xact_lock(:key)")
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A decision on a reply draft with a text; `confidence` is the draft's, and `offset` is in it.

    `cited` and `titles` are the ids and titles of the cited chunks, in order. `is_calibrated` tells that the
    draft is not older than the present calibration.
    """

    decided_at: datetime
    action: Action
    reason: str | None
    similarity: float | None
    changed_facts: int
    confidence: float
    offset: float
    is_calibrated: bool
    cited: tuple[str, ...]
    titles: tuple[str, ...]


def decisions_made(session: Session, *, since: datetime | None) -> list[DecisionMade]:
    """Return the newest decisions after `since` on reply drafts with a text, oldest first."""
    return [_made(row) for row in session.execute(_DECISIONS, _bound(since)).mappings()]


def mark_of_decisions(session: Session, *, since: datetime | None) -> str:
    """Return a text that is another one after each decision, amendment and undo."""
    return str(session.execute(_MARK, _bound(since)).scalar_one())


def desk_lessons(session: Session) -> DeskLessonsRow | None:
    """Return what the desk's decisions taught, or None if nothing was learned yet."""
    return session.get(DeskLessonsRow, NAME, populate_existing=True)


def lessons_of(row: DeskLessonsRow | None) -> Lessons:
    """Return the lessons of a row; without a row they change nothing."""
    return Lessons() if row is None else Lessons.model_validate(row.lessons)


def may_learn_lessons(session: Session) -> bool:
    """Return whether this transaction is the one that learns until it ends; False if another does."""
    return bool(session.scalar(_TRY_LOCK, {"key": LESSON_LOCK}))


def save_lessons(session: Session, row: DeskLessonsRow) -> None:
    """Insert or replace the lessons of the desk."""
    values = row.model_dump()
    statement = insert(DeskLessonsRow).values(values)
    changes = {name: statement.excluded[name] for name in values if name != "name"}
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changes))


def reset_lessons(session: Session, *, now: datetime) -> bool:
    """Forget what decisions before `now` taught; return False if nothing was learned.

    Waits until nobody learns. The decisions stay.
    """
    session.execute(_LOCK, {"key": LESSON_LOCK})
    row = desk_lessons(session)
    if row is None:
        return False
    known = lessons_of(row)
    changed = int(known != Lessons(version=known.version))
    fresh = {"lessons": Lessons(version=known.version + changed).to_json(), "figures": {}, "mark": ""}
    save_lessons(
        session, DeskLessonsRow(**(row.model_dump() | fresh | {"starts_after": now, "updated_at": now}))
    )
    return True


def _bound(since: datetime | None) -> dict[str, Any]:
    return {"since": since, "newest": NEWEST}


def _made(row: Any) -> DecisionMade:
    return DecisionMade(
        decided_at=row["decided_at"],
        action=row["action"],
        reason=row["reason"] or None,
        similarity=row["similarity"],
        changed_facts=int(row["changed_facts"]),
        confidence=float(row["confidence"]),
        offset=float(row["offset_used"]),
        is_calibrated=bool(row["is_calibrated"]),
        cited=tuple(row["cited"]),
        titles=tuple(row["titles"]),
    )
