"""Counts over the whole database for the demo's live table and its summary."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from schemas.tables import (
    AnomalyRow,
    ChurnAlertRow,
    DeadLetterRow,
    DraftRow,
    IncidentRow,
    Seen,
    SentimentRow,
)

_COUNTED: Mapping[str, Select[int]] = {
    "scored": select(func.count()).select_from(SentimentRow).where(col(SentimentRow.abstained).is_(None)),
    "score_abstained": select(func.count())
    .select_from(SentimentRow)
    .where(col(SentimentRow.abstained).is_not(None)),
    "anomalies": select(func.count()).select_from(AnomalyRow),
    "alerts": select(func.count()).select_from(ChurnAlertRow),
    "incidents": select(func.count()).select_from(IncidentRow),
    "dead_letters": select(func.count()).select_from(DeadLetterRow),
    "outreach": select(func.count()).select_from(DraftRow).where(col(DraftRow.kind) == "outreach"),
}


def counts(session: Session) -> dict[str, int]:
    """Return the number of rows of each counted kind, by name."""
    return {name: int(session.scalar(query) or 0) for name, query in _COUNTED.items()}


def seen_at(session: Session, group: str) -> dict[str, datetime]:
    """Return the time at which each event had its effect in a group, by event id."""
    query = select(col(Seen.event_id), col(Seen.seen_at)).where(col(Seen.consumer_group) == group)
    return {str(event_id): moment for event_id, moment in session.execute(query)}


def drafted_tickets(session: Session) -> tuple[set[str], set[str]]:
    """Return the ids of tickets that ever got a reply with citations, and of tickets with an abstention."""
    query = select(col(DraftRow.ticket_id), col(DraftRow.record)).where(col(DraftRow.kind) == "reply")
    cited: set[str] = set()
    abstained: set[str] = set()
    for ticket_id, record in session.execute(query):
        if record["abstained"]:
            abstained.add(str(ticket_id))
        elif record["citations"]:
            cited.add(str(ticket_id))
    return cited, abstained


def alert_causes(session: Session) -> set[tuple[str, str]]:
    """Return the pairs (account id, cause) of all cases, with each cause that joined."""
    query = select(col(ChurnAlertRow.account_id), col(ChurnAlertRow.cause), col(ChurnAlertRow.record))
    found: set[tuple[str, str]] = set()
    for account_id, cause, record in session.execute(query):
        joined = (reason["cause"] for reason in record.get("reasons", ()))
        found |= {(str(account_id), str(one)) for one in (cause, *joined)}
    return found
