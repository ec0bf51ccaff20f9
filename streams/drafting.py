"""The drafting group: a reply draft for each customer message, an outreach draft for each churn alert."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlmodel import Session

from responders.drafting import Drafter
from responders.store import drafts as draft_store
from responders.store import knowledge, outbox, signals
from responders.store.heads import hold
from responders.store.tickets import wrote_between
from schemas import ChurnAlert, Draft, Sentiment, Ticket
from streams.clock import utc_now
from streams.consume import Dropped, Failed, Ran, RawRecord, Stateless
from streams.decode import SIGNAL_TOLERANCE, check_key, check_time, content_hash, decode_json
from streams.metrics import Metrics
from streams.sentiment import TextScorer, decode_ticket
from streams.sentiment import handle as score
from streams.topics import CHURN_ALERTS, DRAFTING, REPLY_DRAFTS, TICKETS

ALERT: TypeAdapter[ChurnAlert] = TypeAdapter(ChurnAlert)

TICKET_WINDOW = timedelta(hours=1)
"""An account that wrote since this long before the trouble began gets its answer there, not an outreach."""

STALE_REASONS = {"human_reply": "human reply", "merged": "ticket merged", "closed": "ticket closed"}


def handle(
    session: Session, ticket: Ticket, mood: Sentiment | None, drafter: Drafter, *, now: datetime
) -> Draft | None:
    """Draft the reply to one customer message from what is known; None for other events. Writes nothing."""
    if ticket.kind != "customer_message":
        return None
    situation = knowledge.situation(session, ticket.account_id, ticket, now=ticket.occurred_at)
    return drafter.draft(ticket, situation.model_copy(update={"mood": mood}), now=now)


def handle_alert(session: Session, alert: ChurnAlert, drafter: Drafter, *, now: datetime) -> Draft | None:
    """Draft the outreach for one churn alert; None where the account wrote a ticket itself."""
    since = alert.started_at - TICKET_WINDOW
    if wrote_between(session, alert.account_id, since=since, until=alert.detected_at):
        return None
    situation = knowledge.situation(session, alert.account_id, None, now=alert.detected_at)
    return drafter.outreach(alert, situation, now=now)


def publish(session: Session, draft: Draft) -> None:
    """Write a draft and, where it is new and live, its outbox row."""
    if draft_store.save_draft(session, draft):
        outgoing = outbox.Outgoing(
            REPLY_DRAFTS, draft.account_id.encode(), draft.to_bytes(), (("ce_id", draft.draft_id),)
        )
        outbox.enqueue(session, [outgoing], now=draft.created_at)


def count_drafts(metrics: Metrics, drafts: Sequence[Draft | None]) -> None:
    """Count drafts by outcome, and abstentions by their reason's code."""
    for draft in drafts:
        if draft is None:
            continue
        metrics.drafts.labels(draft.kind, draft.state).inc()
        if draft.abstained:
            metrics.abstentions.labels(DRAFTING, draft.abstained.partition(":")[0]).inc()


class DraftingHandler(Stateless):
    """Draft replies; ticket events of other kinds only make a waiting draft stale."""

    group = DRAFTING
    topic = TICKETS

    def __init__(
        self,
        engine: Engine,
        drafter: Drafter,
        scorer: TextScorer,
        *,
        metrics: Metrics,
        tolerance: timedelta,
    ) -> None:
        self._engine = engine
        self._drafter = drafter
        self._scorer = scorer
        self._metrics = metrics
        self._tolerance = tolerance

    def decode(self, record: RawRecord) -> Ticket:
        """Return the ticket event; raise InvalidRecord."""
        return decode_ticket(record, tolerance=self._tolerance)

    def identity(self, item: Ticket) -> tuple[str, bytes]:
        """Return the event's id and content hash."""
        return item.event_id, content_hash(item)

    def run(self, work: Sequence[tuple[int, Sequence[Ticket]]]) -> Ran[Draft | None]:
        """Learn the moods (for the tone), then draft one by one."""
        now = utc_now()
        outcomes: list[list[Draft | Dropped | Failed | None]] = []
        with Session(self._engine) as session:
            moods = self._moods(session, [ticket for _, items in work for ticket in items], now)
            for _, items in work:
                drafts = [
                    handle(session, item, moods.get(item.event_id), self._drafter, now=now) for item in items
                ]
                outcomes.append([*drafts])
        return Ran(outcomes)

    def _moods(self, session: Session, tickets: Sequence[Ticket], now: datetime) -> dict[str, Sentiment]:
        """Return each message's mood: the sentiment group's where it was first, else scored here alike."""
        known = signals.load_sentiments(session, [ticket.event_id for ticket in tickets])
        missing = [ticket for ticket in tickets if ticket.event_id not in known]
        scored = score(missing, self._scorer, max_tokens=4_096, now=now)
        return known | {sentiment.event_id: sentiment for sentiment in scored if sentiment is not None}

    def write(self, session: Session, effects: Sequence[tuple[Ticket, Draft | None]], carry: Any) -> None:
        """Write each event, retire what it made stale, then write its draft; in order."""
        hold(session, (ticket.ticket_id for ticket, _ in effects))
        for ticket, draft in effects:
            draft_store.save_ticket_event(session, ticket)
            if draft is None:
                reason = STALE_REASONS[ticket.kind]
                draft_store.retire(session, ticket.ticket_id, reason=reason, now=utc_now(), before=ticket)
            else:
                publish(session, draft)

    def committed(self, effects: Sequence[tuple[Ticket, Draft | None]], carry: Any) -> None:
        """Count what was written."""
        count_drafts(self._metrics, [draft for _, draft in effects])


class OutreachHandler(Stateless):
    """Draft an outreach where an alert has no ticket beside it: it acts before the customer asks."""

    group = DRAFTING
    topic = CHURN_ALERTS

    def __init__(self, engine: Engine, drafter: Drafter, *, metrics: Metrics) -> None:
        self._engine = engine
        self._drafter = drafter
        self._metrics = metrics

    def decode(self, record: RawRecord) -> ChurnAlert:
        """Return the alert; raise InvalidRecord."""
        alert = decode_json(record, ALERT)
        check_key(record, alert.account_id)
        check_time(alert.detected_at, utc_now(), SIGNAL_TOLERANCE)
        return alert

    def identity(self, item: ChurnAlert) -> tuple[str, bytes]:
        """Return the alert's id and content hash."""
        return item.alert_id, content_hash(item)

    def run(self, work: Sequence[tuple[int, Sequence[ChurnAlert]]]) -> Ran[Draft | None]:
        """Draft one by one."""
        now = utc_now()
        outcomes: list[list[Draft | Dropped | Failed | None]] = []
        with Session(self._engine) as session:
            for _, items in work:
                outcomes.append([handle_alert(session, item, self._drafter, now=now) for item in items])
        return Ran(outcomes)

    def write(self, session: Session, effects: Sequence[tuple[ChurnAlert, Draft | None]], carry: Any) -> None:
        """Write the drafts and their outbox rows."""
        for _, draft in effects:
            if draft is not None:
                publish(session, draft)

    def committed(self, effects: Sequence[tuple[ChurnAlert, Draft | None]], carry: Any) -> None:
        """Count what was written."""
        count_drafts(self._metrics, [draft for _, draft in effects])
