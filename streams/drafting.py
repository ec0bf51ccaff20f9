"""The drafting group: a reply draft for each customer message, an outreach draft for each churn alert."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlmodel import Session
from typing_extensions import override

from responders.drafting.drafter import Drafter
from responders.drafting.queries import queries_of
from responders.drafting.situation import Situation
from responders.retrieval.embedding import Embedder
from responders.store import drafts as draft_store
from responders.store import knowledge, outbox
from responders.store.heads import hold
from responders.store.moods import heard_moods
from responders.store.outdated import hold_sources, retired
from responders.store.plans import load_plans
from responders.store.tickets import last_contact, newest_open_message, wrote_between
from schemas import ChurnAlert, Draft, Ticket
from streams.consume.decode import SIGNAL_TOLERANCE, check_key, check_time, content_hash, decode_json
from streams.consume.handler import Computed, Dropped, Failed, Handler
from streams.heard import HeardMessage, MessageListener
from streams.kafka.records import RawRecord
from streams.kafka.topics import CHURN_ALERTS, DRAFTING, REPLY_DRAFTS, TICKETS
from streams.listening import heard_in
from streams.process.clock import utc_now
from streams.process.metrics import Metrics
from streams.redraft_requests import request_redrafts
from streams.sentiment import TextScorer, decode_ticket
from streams.sentiment import handle as score

ALERT: TypeAdapter[ChurnAlert] = TypeAdapter(ChurnAlert)

TICKET_WINDOW = timedelta(hours=1)
"""An account that wrote a ticket this long before the trouble began, or later, gets its answer there and no
outreach."""

STALE_REASONS = {
    "customer_message": "newer message",
    "human_reply": "human reply",
    "merged": "ticket merged",
    "closed": "ticket closed",
}
"""The reason for which each kind of ticket event makes an older draft stale, as people read it."""

MOST_ATTEMPTS = 3
"""Drafts of one message that changed sources may retire while they are written. Chosen by hand."""

OVERTAKEN = "overtaken"
"""The counted reason of a draft that is stale from the start: a newer event came while it was written."""


@dataclass(frozen=True)
class Models:
    """The models of the drafting group on the device: for moods, and for the vectors of retrieval.

    `listener` hears which messages a person must answer, which give orders to the writer of the reply, and
    which words are personal values; without it phrases and rules alone tell. `drafts_at_once` threads write
    drafts; more than one serve only a language model that answers several.
    """

    scorer: TextScorer
    embedder: Embedder
    drafts_at_once: int = 1
    listener: MessageListener | None = None


def handle(
    messages: Sequence[tuple[Ticket, Situation]], drafter: Drafter, models: Models, *, now: datetime
) -> list[Draft]:
    """Draft the replies to customer messages, in order; the encoder reads all of them together."""
    read = [drafter.read(ticket, situation) for ticket, situation in messages]
    queries = queries_of([message.queries for message in read], models.embedder)
    pairs = list(zip(read, queries, strict=True))
    if models.drafts_at_once == 1 or len(pairs) < 2:
        return [drafter.draft(message, own, now=now) for message, own in pairs]
    with ThreadPoolExecutor(models.drafts_at_once, thread_name_prefix="draft") as threads:
        return list(threads.map(lambda pair: drafter.draft(*pair, now=now), pairs))


def with_situations(
    engine: Engine, tickets: Sequence[Ticket], models: Models, *, now: datetime
) -> list[tuple[Ticket, Situation]]:
    """Return each message in order with its situation, its mood and what models hear in it.

    The mood is a person's if one was given, or the sentiment group's if that group was first; otherwise the
    same scorer scores it here.
    """
    with Session(engine) as session:
        plans = load_plans(session)
        moods = heard_moods(session, [ticket.event_id for ticket in tickets])
        situations = [
            knowledge.situation(session, ticket.account_id, ticket, now=ticket.occurred_at)
            for ticket in tickets
        ]
    missing = [ticket for ticket in tickets if ticket.event_id not in moods]
    scored = score(missing, models.scorer, max_tokens=4_096, now=now)
    moods |= {sentiment.event_id: sentiment for sentiment in scored if sentiment is not None}
    messages = list(zip(tickets, situations, strict=True))
    nothing = [HeardMessage()] * len(tickets)
    heard = heard_in(messages, moods, models.listener) if models.listener else nothing
    return [
        (
            ticket,
            situation.model_copy(
                update={
                    "mood": moods.get(ticket.event_id),
                    "heard": told.route,
                    "orders": told.orders,
                    "personal": told.personal,
                    "plans": plans,
                }
            ),
        )
        for (ticket, situation), told in zip(messages, heard, strict=True)
    ]


def handle_alerts(
    alerts: Sequence[tuple[ChurnAlert, Situation | None]],
    drafter: Drafter,
    embedder: Embedder,
    *,
    now: datetime,
) -> list[Draft | None]:
    """Draft the outreach for each churn alert, in order; None for an alert without a situation.

    The encoder reads all queries together.
    """
    queries = [[drafter.outreach_query(alert, now=now)] if situation else [] for alert, situation in alerts]
    found = queries_of(queries, embedder)
    return [
        drafter.outreach(alert, situation, own[0], now=now) if situation is not None else None
        for (alert, situation), own in zip(alerts, found, strict=True)
    ]


def situation_of_alert(session: Session, alert: ChurnAlert) -> Situation | None:
    """Return the situation of the alert's account; None if the account wrote a ticket itself."""
    since = alert.started_at - TICKET_WINDOW
    if wrote_between(session, alert.account_id, since=since, until=alert.detected_at):
        return None
    found = knowledge.situation(session, alert.account_id, None, now=alert.detected_at)
    contact = last_contact(session, alert.account_id, until=alert.detected_at)
    waiting = newest_open_message(session, alert.account_id, until=alert.detected_at)
    return found.model_copy(update={"contact": contact, "open_ticket": waiting})


def publish(session: Session, draft: Draft, *, attempt: int = 1) -> bool:
    """Write a draft and, if it is new and live, its outbox row; return False if newer events overtook it.

    A draft whose source changed while it was written is retired at once, and a redraft is requested instead.
    `attempt` counts the drafts of the message; after MOST_ATTEMPTS the draft is published as it is, so that a
    source that changes all the time leaves nobody without a draft. The caller holds the draft's sources.
    """
    if not draft_store.save_draft(session, draft):
        return False
    redraft = None
    if attempt <= MOST_ATTEMPTS:
        redraft = retired(session, draft, attempt=attempt, now=draft.created_at)
    if redraft is not None:
        request_redrafts(session, [redraft], now=draft.created_at)
        return True
    outgoing = outbox.Outgoing(
        REPLY_DRAFTS, draft.account_id.encode(), draft.to_bytes(), (("ce_id", draft.draft_id),)
    )
    outbox.enqueue(session, [outgoing], now=draft.created_at)
    return True


def count_drafts(metrics: Metrics, drafts: Sequence[Draft | None]) -> None:
    """Count drafts by outcome, and abstentions by the code of their reason."""
    for draft in drafts:
        if draft is None:
            continue
        metrics.drafts.labels(draft.kind, draft.state).inc()
        if draft.abstained:
            metrics.abstentions.labels(DRAFTING, draft.abstained.partition(":")[0]).inc()


class ReplyWriter:
    """Writes, publishes and counts drafts of replies for the handlers of this group."""

    def __init__(self, engine: Engine, drafter: Drafter, models: Models, metrics: Metrics) -> None:
        self._engine = engine
        self._drafter = drafter
        self._models = models
        self._metrics = metrics

    def write_all(self, messages: Sequence[Ticket]) -> list[Draft]:
        """Return the draft of each customer message, in order; no transaction is open meanwhile."""
        now = utc_now()
        read = with_situations(self._engine, messages, self._models, now=now)
        return handle(read, self._drafter, self._models, now=now)

    def publish(self, session: Session, draft: Draft, *, attempt: int = 1) -> bool:
        """Store a draft; see `publish` of this module."""
        return publish(session, draft, attempt=attempt)

    def count(self, drafts: Sequence[Draft | None]) -> None:
        """Count drafts by outcome."""
        count_drafts(self._metrics, drafts)


class DraftingHandler(Handler[Ticket, Draft | None, None]):
    """Draft replies; ticket events of other kinds only make a waiting draft stale."""

    group = DRAFTING
    topic = TICKETS

    def __init__(
        self,
        engine: Engine,
        drafter: Drafter,
        models: Models,
        *,
        metrics: Metrics,
        tolerance: timedelta,
    ) -> None:
        self._replies = ReplyWriter(engine, drafter, models, metrics)
        self._metrics = metrics
        self._tolerance = tolerance
        self._retired: Counter[str] = Counter()

    @override
    def decode(self, record: RawRecord) -> Ticket:
        """Return the ticket event; raise InvalidRecord."""
        return decode_ticket(record, tolerance=self._tolerance)

    @override
    def identity(self, item: Ticket) -> tuple[str, bytes]:
        """Return the event's id and content hash."""
        return item.event_id, content_hash(item)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Ticket]]]) -> Computed[Draft | None, None]:
        """Draft the replies of the whole batch; no transaction is open while a model computes."""
        tickets = [ticket for _, items in work for ticket in items]
        asked = [ticket for ticket in tickets if ticket.kind == "customer_message"]
        drafts = iter(self._replies.write_all(asked))
        outcomes: list[list[Draft | Dropped | Failed | None]] = [
            [next(drafts) if ticket.kind == "customer_message" else None for ticket in items]
            for _, items in work
        ]
        return Computed(outcomes)

    @override
    def write(self, session: Session, effects: Sequence[tuple[Ticket, Draft | None]], extra: None) -> None:
        """Write the events, then in order retire the drafts that each made stale, and write its own draft.

        All events come first: so of the messages of a burst only the newest one gets a live draft.
        """
        self._retired = Counter()
        hold_sources(session, (draft for _, draft in effects if draft is not None))
        hold(session, (ticket.ticket_id for ticket, _ in effects))
        for ticket, _ in effects:
            draft_store.save_ticket_event(session, ticket)
        for ticket, draft in effects:
            reason = STALE_REASONS[ticket.kind]
            retired = draft_store.retire(
                session, ticket.ticket_id, reason=reason, now=utc_now(), before=ticket
            )
            self._retired[reason.replace(" ", "_")] += retired
            if draft is not None and not self._replies.publish(session, draft):
                self._retired[OVERTAKEN] += 1

    @override
    def committed(self, effects: Sequence[tuple[Ticket, Draft | None]], extra: None) -> None:
        """Count the written drafts, and the drafts that were retired in the same transaction."""
        self._replies.count([draft for _, draft in effects])
        for reason, count in self._retired.items():
            self._metrics.drafts_retired.labels(reason).inc(count)


class OutreachHandler(Handler[ChurnAlert, Draft | None, None]):
    """Draft an outreach for a new case without a ticket: it acts before the customer asks.

    A later revision of a case drafts no second outreach.
    """

    group = DRAFTING
    topic = CHURN_ALERTS

    def __init__(self, engine: Engine, drafter: Drafter, embedder: Embedder, *, metrics: Metrics) -> None:
        self._engine = engine
        self._drafter = drafter
        self._embedder = embedder
        self._metrics = metrics

    @override
    def decode(self, record: RawRecord) -> ChurnAlert:
        """Return the alert; raise InvalidRecord."""
        alert = decode_json(record, ALERT)
        check_key(record, alert.account_id)
        check_time(alert.detected_at, utc_now(), SIGNAL_TOLERANCE)
        return alert

    @override
    def identity(self, item: ChurnAlert) -> tuple[str, bytes]:
        """Return the id of the case's revision and the content hash."""
        return item.revision_id, content_hash(item)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[ChurnAlert]]]) -> Computed[Draft | None, None]:
        """Draft the outreaches of the whole batch; no transaction is open while a model computes."""
        now = utc_now()
        with Session(self._engine) as session:
            alerts = [
                (alert, situation_of_alert(session, alert))
                for _, items in work
                for alert in items
                if alert.revision == 1
            ]
        drafts = iter(handle_alerts(alerts, self._drafter, self._embedder, now=now))
        outcomes: list[list[Draft | Dropped | Failed | None]] = [
            [next(drafts) if alert.revision == 1 else None for alert in items] for _, items in work
        ]
        return Computed(outcomes)

    @override
    def write(
        self, session: Session, effects: Sequence[tuple[ChurnAlert, Draft | None]], extra: None
    ) -> None:
        """Write the drafts and their outbox rows."""
        hold_sources(session, (draft for _, draft in effects if draft is not None))
        for _, draft in effects:
            if draft is not None:
                publish(session, draft)

    @override
    def committed(self, effects: Sequence[tuple[ChurnAlert, Draft | None]], extra: None) -> None:
        """Count the written drafts."""
        count_drafts(self._metrics, [draft for _, draft in effects])
