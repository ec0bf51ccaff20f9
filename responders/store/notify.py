"""Wake the desk: PostgreSQL delivers a notification when the transaction commits.

A pooler that lends server connections for single transactions delivers none; the desk then counts changes.
"""

from typing import Final

from sqlalchemy import Engine, text
from sqlmodel import Session

CHANNEL: Final = "rapport_desk"

_CHANGES: Final = text(
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables"
    " WHERE relid IN (to_regclass('drafts'), to_regclass('ticket_events'), to_regclass('sentiments'),"
    " to_regclass('anomalies'), to_regclass('churn_alerts'), to_regclass('incidents'))"
)
"""Counts that the server keeps anyway: no table is read. It is told of a change 10 s later at the latest."""


def notify(session: Session, kind: str, row_id: str) -> None:
    """Tell listeners that a row of a kind is new or changed; ids are cut to what a payload holds."""
    payload = f"{kind}:{row_id}"[:1_000]
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})


def changes(engine: Engine) -> int:
    """Return how often rows of what the desk shows were written; another number says that some changed."""
    with engine.connect() as connection:
        return int(connection.scalar(_CHANGES) or 0)
