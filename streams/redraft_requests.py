"""Requests to write replies again, published by the outbox in the transaction that retired their drafts."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from responders.store import outbox
from schemas.redrafts import Redraft
from streams.kafka.topics import REDRAFTS


def request_redrafts(session: Session, redrafts: Iterable[Redraft], *, now: datetime) -> None:
    """Write the outbox rows of redrafts; they take effect with the commit."""
    outgoing = [
        outbox.Outgoing(
            REDRAFTS, redraft.account_id.encode(), redraft.to_bytes(), (("ce_id", redraft.redraft_id),)
        )
        for redraft in redrafts
    ]
    outbox.enqueue(session, outgoing, now=now)
