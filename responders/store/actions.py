"""The commands with which operators changed the data: one row per command that changed something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, update
from sqlmodel import Session, col

from schemas.tables import OperatorActionRow


@dataclass(frozen=True)
class OperatorAction:
    """A command of an operator: its name, the person, the reason, and the filters (JSON values)."""

    name: Literal["replay", "discard", "resume", "withdraw", "reset_moods", "reset_lessons"]
    actor: str
    comment: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)


def record(
    session: Session, action: OperatorAction, *, affected: int, details: Mapping[str, Any], now: datetime
) -> int:
    """Insert the row of an action in the transaction of its changes; return the id of the row."""
    statement = insert(OperatorActionRow).values(
        action=action.name,
        actor=action.actor,
        comment=action.comment,
        filters=dict(action.filters),
        affected=affected,
        details=dict(details),
        acted_at=now,
    )
    action_id: int = session.execute(statement.returning(col(OperatorActionRow.action_id))).one()[0]
    return action_id


def extend(session: Session, action_id: int, *, affected: int, details: Mapping[str, Any]) -> None:
    """Update the row of an action that takes several transactions with the counts so far."""
    statement = update(OperatorActionRow).where(col(OperatorActionRow.action_id) == action_id)
    session.execute(statement.values(affected=affected, details=dict(details)))
