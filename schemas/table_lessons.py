"""The row of what a desk's decisions taught; `schemas.tables` offers it with all others."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from schemas.table_parts import TableRow, instant, json_value


class DeskLessonsRow(TableRow, table=True):
    """The lessons of a desk's decisions, and the figures that a person reads.

    `mark` tells which decisions are in it; it is another text after each decision. Decisions up to
    `starts_after` were forgotten by a reset.
    """

    __tablename__ = "desk_lessons"
    name: str = Field(primary_key=True)
    lessons: dict[str, Any] = json_value()
    figures: dict[str, Any] = json_value()
    mark: str
    starts_after: datetime | None = instant(nullable=True)
    changed_at: datetime | None = instant(nullable=True)
    updated_at: datetime = instant()
