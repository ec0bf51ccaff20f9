"""The mark of a reply that a person wrote at the desk, in the record of its event."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.tables import TicketEventRow

UNDO_SECONDS: Final = 60
"""How long a reply can be undone, in seconds. A connector must push no reply to the help desk earlier."""


@dataclass(frozen=True, slots=True)
class DeskReply:
    """The author and time of a reply at the desk, and its draft (None if no draft was live)."""

    replied_by: str
    replied_at: datetime
    draft_id: str | None

    def can_be_undone(self, now: datetime) -> bool:
        """Return whether the reply is at most `UNDO_SECONDS` old."""
        return now - self.replied_at <= timedelta(seconds=UNDO_SECONDS)


def desk_reply(row: TicketEventRow) -> DeskReply | None:
    """Return the desk's note in the event, or None if the event is not a reply from the desk."""
    noted = row.record.get("desk")
    if noted is None:
        return None
    return DeskReply(noted["by"], datetime.fromisoformat(noted["at"]), noted["draft_id"])
