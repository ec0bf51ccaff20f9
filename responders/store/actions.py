"""What operators did to the data by command: one row per command that changed something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, update
from sqlmodel import Session, col

from schemas.tables import OperatorActionRow


@dataclass(frozen=True)
class OperatorAction:
    """What somebody asked for: which command, who, why, and how the rows were chosen (JSON values)."""

    name: Literal["replay", "discard", "resume", "withdraw"]
    actor: str
    comment: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)


def record(
    session: Session, action: OperatorAction, *, affected: int, details: Mapping[str, Any], now: datetime
) -> int:
    """Insert the row of an action, in the transaction of what it did; return its id."""
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
    """Bring the row of an action that takes several transactions up to what it did so far."""
    statement = update(OperatorActionRow).where(col(OperatorActionRow.action_id) == action_id)
    session.execute(statement.values(affected=affected, details=dict(details)))
