"""A ticket, or a draft without a ticket, with everything that its page shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import desc, text
from sqlmodel import Session, col, select

from responders.chunks.chunk import source_of_chunk
from responders.store.desk.account_lookup import find_account
from responders.store.desk.desk_reply import DeskReply, desk_reply
from responders.store.desk.shown_drafts import shown_draft
from responders.store.moods import PersonMood, moods_by_people
from responders.urgency import Plea, SaidWords, said_words, stakes_of
from schemas.knowledge import Account
from schemas.table_parts import LIVE_STATES
from schemas.table_queue import TicketHeadRow
from schemas.tables import AnomalyRow, DecisionRow, DraftRow, SentimentRow, TicketEventRow
from schemas.tickets import Decision, Draft, Sentiment, Ticket
from schemas.usage import Anomaly

THREAD_LIMIT: Final = 200
"""Newest events of a ticket that its page shows."""

ENDED: Final = {"human_reply": "answered", "merged": "merged", "closed": "closed"}
"""The standing of a ticket after each kind of event that ends the customer's wait."""

_SUBJECT = text(
    """
SELECT record->>'subject' FROM ticket_events WHERE ticket_id = :ticket_id AND record->>'subject' <> ''
ORDER BY occurred_at, event_id LIMIT 1
"""
)
_LIVE_ALERT = text(
    """
SELECT severity FROM churn_alerts
WHERE account_id = :account_id AND state IN ('new', 'acknowledged', 'snoozed')
ORDER BY severity <> 'critical', severity <> 'warning' LIMIT 1
"""
)
_AGAIN_FOR = text(
    """
SELECT answered.occurred_at FROM drafts d JOIN ticket_events answered ON answered.event_id = d.based_on
WHERE d.draft_id = :draft_id AND EXISTS (
    SELECT 1 FROM drafts old JOIN ticket_events earlier ON earlier.event_id = old.based_on
    WHERE old.ticket_id = d.ticket_id AND old.state = 'stale'
        AND (earlier.occurred_at, earlier.event_id) < (answered.occurred_at, answered.event_id)
        AND NOT EXISTS (
            SELECT 1 FROM ticket_events ended WHERE ended.ticket_id = d.ticket_id
                AND ended.kind <> 'customer_message'
                AND ended.occurred_at BETWEEN earlier.occurred_at AND answered.occurred_at))
"""
)
_KNOWN_URLS = text("SELECT DISTINCT url FROM chunks WHERE source_id = ANY(:source_ids) AND url IS NOT NULL")


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with its current state (of the row, not of the record) and the decision on it.

    `linkable` holds the URLs of its citations that are in the knowledge base; `anomaly` is the reason for
    an outreach. `again_for` is the time of the message for which an earlier draft was written again; None if
    this is the first draft for what the customer waits for.
    """

    draft: Draft
    state: str
    stale_reason: str | None
    decision: Decision | None
    account: Account | None
    linkable: frozenset[str]
    anomaly: Anomaly | None
    updated_at: datetime
    again_for: datetime | None

    @property
    def live(self) -> bool:
        """Return whether the draft still waits for a decision."""
        return self.state in LIVE_STATES

    def can_be_undone(self, now: datetime) -> bool:
        """Return whether the decision can be undone: a dismissal at any time, a reply while it is fresh.

        An undo is still refused if the ticket has a newer event by then.
        """
        if self.decision is None or self.live:
            return False
        reply = DeskReply(self.decision.decided_by, self.decision.decided_at, self.draft.draft_id)
        return self.decision.action == "dismissed" or reply.can_be_undone(now)


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket's events, oldest first, their moods by event id, and its newest draft.

    `given` has the moods that people gave instead, by event id.
    `subject` is the ticket's first subject, or "". `waits` says whether the customer waits for a reply.
    `reply` is the newest event's note if that event is a reply from the desk. `more` says that there are
    events older than the newest 200. `due_at` and `plea` say by when to answer and why; None if nobody waits.
    """

    ticket_id: str
    subject: str
    events: tuple[Ticket, ...]
    moods: dict[str, Sentiment]
    given: dict[str, PersonMood]
    account: Account | None
    draft: DraftView | None
    waits: bool
    reply: DeskReply | None
    more: bool
    due_at: datetime | None
    plea: Plea | None

    @property
    def outdated(self) -> bool:
        """Return whether the newest draft answers an event older than the newest event."""
        return self.draft is not None and self.draft.draft.based_on != self.events[-1].event_id

    @property
    def mood(self) -> Sentiment | None:
        """Return the sentiment of the customer's newest message, or None if it is not scored yet."""
        return self.moods.get(self._newest_message)

    @property
    def given_mood(self) -> PersonMood | None:
        """Return the mood that a person gave the customer's newest message, or None."""
        return self.given.get(self._newest_message)

    @property
    def _newest_message(self) -> str:
        messages = [event.event_id for event in self.events if event.kind == "customer_message"]
        return messages[-1] if messages else ""

    @property
    def standing(self) -> str | None:
        """Return the standing of the ticket for a person: the draft's state, or how the wait ended.

        While the customer waits: `ready`, `abstained` or `dismissed` (a person must write), or None until
        the draft is written. After that: `answered`, `closed`, `merged`, or `handled` (no reply is needed).
        """
        if not self.waits:
            return ENDED.get(self.events[-1].kind) or self._settled
        current = self.draft is not None and not self.outdated and self.draft.state != "stale"
        return self.draft.state if self.draft and current else None

    def undoable(self, now: datetime) -> Literal["draft", "reply"] | None:
        """Return what can be undone now: the decision on the draft, the reply without a draft, or nothing."""
        newest = self.events[-1].event_id
        if self.reply is not None:
            fresh = self.reply.can_be_undone(now)
            return ("draft" if self.reply.draft_id else "reply") if fresh else None
        dismissed = self.draft is not None and self.draft.state == "dismissed"
        return "draft" if self.draft and dismissed and self.draft.draft.based_on == newest else None

    @property
    def _settled(self) -> str:
        return "handled" if self.draft is None or self.draft.state == "dismissed" else self.draft.state


def ticket_view(session: Session, ticket_id: str) -> TicketView | None:
    """Return the ticket, or None if it is unknown."""
    wanted = select(TicketEventRow).where(TicketEventRow.ticket_id == ticket_id)
    newest_first = wanted.order_by(desc(col(TicketEventRow.occurred_at)), desc(col(TicketEventRow.event_id)))
    rows = session.exec(newest_first.limit(THREAD_LIMIT + 1)).all()
    if not rows:
        return None
    shown = [Ticket.model_validate(row.record) for row in reversed(rows[:THREAD_LIMIT])]
    scored = col(SentimentRow.event_id).in_([event.event_id for event in shown])
    moods = session.exec(select(SentimentRow).where(scored)).all()
    head = session.get(TicketHeadRow, ticket_id)
    account = find_account(session, shown[-1].account_id)
    return TicketView(
        ticket_id=ticket_id,
        subject=session.execute(_SUBJECT, {"ticket_id": ticket_id}).scalar() or "",
        events=tuple(shown),
        moods={row.event_id: Sentiment.model_validate(row.record) for row in moods},
        given=moods_by_people(session, [event.event_id for event in shown]),
        account=account,
        draft=_newest_draft(session, ticket_id),
        waits=head is not None and head.waits,
        reply=desk_reply(rows[0]),
        more=len(rows) > THREAD_LIMIT,
        due_at=head.due_at if head else None,
        plea=_plea(session, head, account) if head else None,
    )


def _plea(session: Session, head: TicketHeadRow, account: Account | None) -> Plea | None:
    if head.waiting_since is None or head.account_id is None:
        return None
    pressing = session.get(SentimentRow, head.pressing_id)
    alert = session.execute(_LIVE_ALERT, {"account_id": head.account_id}).scalar()
    record = account.to_json() if account else None
    said = said_words(pressing.label, pressing.record) if pressing else None
    given = moods_by_people(session, [head.pressing_id]).get(head.pressing_id) if head.pressing_id else None
    if given is not None:
        said = (said or SaidWords()).heard_as(given.mood)
    return Plea(said, stakes_of(head.account_id, record), alert, head.waiting_since)


def draft_view(session: Session, draft_id: str) -> DraftView | None:
    """Return the draft, or None if it is unknown."""
    row = session.get(DraftRow, draft_id)
    return _view(session, row) if row else None


def linkable_urls(session: Session, draft: Draft) -> frozenset[str]:
    """Return the URLs of citations that the knowledge base has for the cited source, http and https only."""
    source_ids = [source_of_chunk(citation.source_id) for citation in draft.citations]
    known = set(session.execute(_KNOWN_URLS, {"source_ids": source_ids}).scalars())
    cited = {citation.url for citation in draft.citations if citation.url}
    return frozenset(url for url in cited & known if url.startswith(("https://", "http://")))


def _newest_draft(session: Session, ticket_id: str) -> DraftView | None:
    live_first = desc(col(DraftRow.state).in_(LIVE_STATES))
    newest = desc(col(DraftRow.created_at))
    wanted = select(DraftRow).where(DraftRow.ticket_id == ticket_id).order_by(live_first, newest).limit(1)
    row = session.exec(wanted).first()
    return _view(session, row) if row else None


def _view(session: Session, row: DraftRow) -> DraftView:
    draft = shown_draft(row)
    decision = session.exec(select(DecisionRow).where(DecisionRow.draft_id == row.draft_id)).first()
    return DraftView(
        draft=draft,
        state=row.state,
        stale_reason=row.stale_reason,
        decision=Decision.model_validate(decision.record) if decision else None,
        account=find_account(session, row.account_id),
        linkable=linkable_urls(session, draft),
        anomaly=_anomaly(session, draft),
        updated_at=row.updated_at,
        again_for=session.execute(_AGAIN_FOR, {"draft_id": row.draft_id}).scalar(),
    )


def _anomaly(session: Session, draft: Draft) -> Anomaly | None:
    row = session.get(AnomalyRow, draft.based_on) if draft.kind == "outreach" else None
    return Anomaly.model_validate(row.record) if row else None
