"""Everything about one account, for its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session, col, select

from responders.store.desk.account_lookup import find_account
from responders.store.desk.alerts import AlertStanding, list_alerts
from responders.store.desk.snippets import START, with_snippet
from schemas.knowledge import Account
from schemas.tables import AnomalyRow, SentimentRow
from schemas.tickets import Sentiment
from schemas.usage import Anomaly

ANOMALY_LIMIT: Final = 20
MOOD_LIMIT: Final = 200
TICKET_LIMIT: Final = 100
DRAFT_LIMIT: Final = 50
"""Rows of each list on the page of an account; older rows are left out."""

SNIPPET_CHARACTERS: Final = 120
"""Characters of a snippet on the page of an account."""

_TICKETS = text(
    """
SELECT * FROM (
    SELECT DISTINCT ON (ticket_id) ticket_id, kind, channel, record->>'subject' AS subject,
        left(record->>'body', :start) AS snippet, occurred_at
    FROM ticket_events WHERE account_id = :account_id
    ORDER BY ticket_id, occurred_at DESC, event_id DESC
) newest ORDER BY occurred_at DESC, ticket_id LIMIT :row_limit
"""
)

_DRAFTS = text(
    """
SELECT draft_id, ticket_id, kind, state, record->>'subject' AS subject,
    left(record->>'body', :start) AS snippet, created_at
FROM drafts WHERE account_id = :account_id ORDER BY created_at DESC, draft_id LIMIT :row_limit
"""
)


@dataclass(frozen=True, slots=True)
class TicketLine:
    """The newest event of a ticket, in short."""

    ticket_id: str
    kind: str
    channel: str
    subject: str
    snippet: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in short."""

    draft_id: str
    ticket_id: str | None
    kind: str
    state: str
    subject: str
    snippet: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """Everything about an account: bounded lists, newest first, except `moods`, which are oldest first."""

    account_id: str
    account: Account | None
    alerts: tuple[AlertStanding, ...]
    anomalies: tuple[Anomaly, ...]
    moods: tuple[Sentiment, ...]
    tickets: tuple[TicketLine, ...]
    drafts: tuple[DraftLine, ...]

    @property
    def known(self) -> bool:
        """Return whether anything is stored under this id."""
        return any((self.account, self.alerts, self.anomalies, self.moods, self.tickets, self.drafts))


def account_view(session: Session, account_id: str, *, now: datetime) -> AccountView | None:
    """Return the account, or None if nothing is stored under this id."""
    bound = {"account_id": account_id, **START}
    tickets = session.execute(_TICKETS, bound | {"row_limit": TICKET_LIMIT}).mappings()
    drafts = session.execute(_DRAFTS, bound | {"row_limit": DRAFT_LIMIT}).mappings()
    view = AccountView(
        account_id=account_id,
        account=find_account(session, account_id),
        alerts=tuple(list_alerts(session, None, now=now, account_id=account_id)),
        anomalies=_anomalies(session, account_id),
        moods=_moods(session, account_id),
        tickets=tuple(TicketLine(**with_snippet(row, SNIPPET_CHARACTERS)) for row in tickets),
        drafts=tuple(DraftLine(**with_snippet(row, SNIPPET_CHARACTERS)) for row in drafts),
    )
    return view if view.known else None


def _anomalies(session: Session, account_id: str) -> tuple[Anomaly, ...]:
    newest = col(AnomalyRow.detected_at).desc()
    wanted = select(AnomalyRow).where(AnomalyRow.account_id == account_id).order_by(newest)
    return tuple(Anomaly.model_validate(row.record) for row in session.exec(wanted.limit(ANOMALY_LIMIT)))


def _moods(session: Session, account_id: str) -> tuple[Sentiment, ...]:
    newest = col(SentimentRow.occurred_at).desc()
    wanted = select(SentimentRow).where(SentimentRow.account_id == account_id).order_by(newest)
    rows = session.exec(wanted.limit(MOOD_LIMIT)).all()
    return tuple(Sentiment.model_validate(row.record) for row in reversed(rows))
