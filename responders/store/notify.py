"""Wake the desk: PostgreSQL delivers a notification when the transaction commits."""

from sqlalchemy import text
from sqlmodel import Session

CHANNEL = "rapport_desk"


def notify(session: Session, kind: str, row_id: str) -> None:
    """Tell listeners that a row of a kind is new or changed; ids are cut to what a payload holds."""
    payload = f"{kind}:{row_id}"[:1_000]
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})
