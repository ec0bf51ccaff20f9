"""Whether an incident explains a customer's message."""

from datetime import datetime

from responders.drafting.incident_texts import explains
from responders.drafting.said import HELPED_CHARS, said_in
from responders.understanding.understand import understand
from schemas.churn import Incident
from schemas.reading.headers import without_reply_marks
from schemas.tickets import Ticket


def is_explained(incident: Incident, message: Ticket, *, ended_at: datetime | None = None) -> bool:
    """Tell whether an incident explains a message; `ended_at` is its end, None while it lasts."""
    if message.account_id not in incident.account_ids:
        return False
    subject, said = without_reply_marks(message.subject), said_in(message, most=HELPED_CHARS)
    kind = understand(said, subject=subject).kind
    return explains(incident, message, (kind, f"{subject} {said}"), ended_at=ended_at)
