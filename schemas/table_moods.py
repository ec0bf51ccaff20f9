"""The rows of moods that people gave messages; `schemas.tables` offers them with all others."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, LargeBinary
from sqlmodel import Field

from schemas.table_parts import TableRow, instant, json_value


class MoodCorrectionRow(TableRow, table=True):
    """One click on the mood of a message: the mood that a person gave, or `undone` if it was taken back.

    Rows are never changed, so they are the audit of all clicks; the newest row of a message counts. Ids
    ascend in the order of commits. `mood` repeats the mood that was taken back if `undone`; `shown` is the
    model's mood, None if it had none.
    """

    __tablename__ = "mood_corrections"
    correction_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(), primary_key=True)
    )
    event_id: str = Field(index=True)
    mood: str
    shown: str | None = None
    undone: bool = False
    corrected_by: str
    corrected_at: datetime = instant()


class DeskMoodModelRow(TableRow, table=True):
    """What a desk has learned on top of one shipped model: champion, learner, figures.

    `learned_to` is the newest correction in it, `starts_after` the newest before the last reset. `champion`
    is None while the shipped model is the desk's; `version` counts the promotions.
    """

    __tablename__ = "desk_mood_models"
    base_model: str = Field(primary_key=True)
    learned_to: int = Field(default=0, sa_type=BigInteger)
    starts_after: int = Field(default=0, sa_type=BigInteger)
    version: int = 0
    champion: bytes | None = Field(default=None, sa_type=LargeBinary)
    learner: bytes | None = Field(default=None, sa_type=LargeBinary)
    figures: dict[str, Any] = json_value()
    promoted_at: datetime | None = instant(nullable=True)
    updated_at: datetime = instant()
