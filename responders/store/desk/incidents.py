"""Incidents and the waiting tickets of the accounts that they affect."""

from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from schemas.churn import Incident
from schemas.tables import IncidentRow
from schemas.tickets import Ticket

MOST_TICKETS: Final = 500
"""Waiting messages that are read for one incident, oldest first."""

_WAITING = text(
    """
SELECT e.record FROM ticket_heads h JOIN ticket_events e ON e.event_id = h.event_id
WHERE h.waits AND h.account_id = ANY(:account_ids)
ORDER BY h.waiting_since, h.ticket_id LIMIT :most
"""
)


def find_incident(session: Session, incident_id: str) -> Incident | None:
    """Return the incident, or None if it is unknown."""
    row = session.get(IncidentRow, incident_id)
    return Incident.model_validate(row.record) if row else None


def waiting_messages(session: Session, incident: Incident) -> list[Ticket]:
    """Return the newest message of each waiting ticket of the affected accounts, longest waiting first."""
    bound = {"account_ids": list(incident.account_ids), "most": MOST_TICKETS}
    return [Ticket.model_validate(record) for record in session.execute(_WAITING, bound).scalars()]
