"""The sentiment group: score each customer message, write it, signal it to churn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import TypeAdapter
from sqlmodel import Session
from typing_extensions import override

from detectors.churn.asks import leaving_asks
from detectors.sentiment.scores import SentimentScore, SentimentScorer, abstention
from responders.store import outbox, signals
from schemas import MoodEvidence, Sentiment, Ticket
from streams.consume.decode import check_account, check_key, check_time, content_hash, decode_json
from streams.consume.handler import Computed, Dropped, Failed, Handler
from streams.gpu import GpuRunner, ItemFailure
from streams.kafka.records import RawRecord
from streams.kafka.topics import SENTIMENT, SIGNALS, TICKETS
from streams.process.clock import utc_now
from streams.process.metrics import Metrics

TICKET: TypeAdapter[Ticket] = TypeAdapter(Ticket)


def text_of(ticket: Ticket) -> str:
    r"""Return the customer's text, subject first.

    >>> from datetime import UTC, datetime
    >>> ids = {"event_id": "e", "ticket_id": "t", "account_id": "a"}
    >>> text_of(Ticket(**ids, subject="Hi", body="Help", occurred_at=datetime(2026, 1, 1, tzinfo=UTC)))
    'Hi\n\nHelp'
    """
    return f"{ticket.subject}\n\n{ticket.body}" if ticket.subject else ticket.body


def decode_ticket(record: RawRecord, *, tolerance: timedelta) -> Ticket:
    """Return the validated ticket event; raise InvalidRecord."""
    ticket = decode_json(record, TICKET)
    check_account(ticket.account_id)
    check_key(record, ticket.account_id)
    check_time(ticket.occurred_at, utc_now(), tolerance)
    return ticket


class TextScorer(Protocol):
    """A scorer of texts: a model itself, or a model that runs on the thread that owns the device."""

    def score(self, texts: Sequence[str], *, max_tokens: int = 16_384) -> list[SentimentScore]:
        """Return one score per text, in order; never raises for odd text."""
        ...


class DeviceScorer:
    """A sentiment model whose batches run on the one thread that owns the device.

    A text whose numbers are not finite gets an abstention. A lost device is fatal for the process.
    """

    def __init__(self, model: SentimentScorer, runner: GpuRunner) -> None:
        self._model = model
        self._runner = runner

    def score(self, texts: Sequence[str], *, max_tokens: int = 16_384) -> list[SentimentScore]:
        """Return one score per text, in order; the runner's own limit of padded tokens applies."""
        prepared = self._model.prepare_all(texts)
        results = self._runner.run_blocking(self._model, prepared, task="sentiment")
        return [
            abstention(item, result.reason, model=self._model.version)
            if isinstance(result, ItemFailure)
            else result
            for item, result in zip(prepared, results, strict=True)
        ]


def handle(
    tickets: Sequence[Ticket], model: TextScorer, *, max_tokens: int, now: datetime
) -> list[Sentiment | None]:
    """Return the sentiment of each customer message, in order of `tickets`; None for the other kinds."""
    messages = [ticket for ticket in tickets if ticket.kind == "customer_message"]
    scores = iter(model.score([text_of(message) for message in messages], max_tokens=max_tokens))
    return [
        sentiment_of(ticket, next(scores), now) if ticket.kind == "customer_message" else None
        for ticket in tickets
    ]


def sentiment_of(ticket: Ticket, score: SentimentScore, now: datetime) -> Sentiment:
    """Return the sentiment record of a ticket and its score."""
    return Sentiment(
        event_id=ticket.event_id,
        ticket_id=ticket.ticket_id,
        account_id=ticket.account_id,
        label=score.label,
        probabilities=score.probabilities,
        score=score.score,
        abstained=score.abstained,
        language=score.language,
        language_confidence=score.language_confidence,
        frustration=score.frustration,
        frustration_reasons=score.frustration_reasons,
        frustration_words=dict(score.frustration_words),
        evidence=tuple(MoodEvidence(text=told.text, weight=told.weight) for told in score.evidence),
        threat=score.threat,
        sarcasm=score.sarcasm,
        asks=leaving_asks(text_of(ticket)),
        model=score.model,
        occurred_at=ticket.occurred_at,
        scored_at=now,
    )


class SentimentHandler(Handler[Ticket, Sentiment | None, None]):
    """Score tickets; keep nothing in memory between batches."""

    group = SENTIMENT
    topic = TICKETS

    def __init__(self, model: TextScorer, *, metrics: Metrics, max_tokens: int, tolerance: timedelta) -> None:
        self._model = model
        self._metrics = metrics
        self._max_tokens = max_tokens
        self._tolerance = tolerance

    @override
    def decode(self, record: RawRecord) -> Ticket:
        """Return the ticket event; raise InvalidRecord."""
        return decode_ticket(record, tolerance=self._tolerance)

    @override
    def identity(self, item: Ticket) -> tuple[str, bytes]:
        """Return the event's id and content hash."""
        return item.event_id, content_hash(item)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[Ticket]]]) -> Computed[Sentiment | None, None]:
        """Score the messages of all partitions together, batched by padded tokens."""
        tickets = [ticket for _, items in work for ticket in items]
        scored = iter(handle(tickets, self._model, max_tokens=self._max_tokens, now=utc_now()))
        outcomes: list[list[Sentiment | Dropped | Failed | None]] = [
            [next(scored) for _ in items] for _, items in work
        ]
        return Computed(outcomes)

    @override
    def write(
        self, session: Session, effects: Sequence[tuple[Ticket, Sentiment | None]], extra: None
    ) -> None:
        """Write scores and their outbox rows."""
        sentiments = [sentiment for _, sentiment in effects if sentiment is not None]
        signals.save_sentiments(session, sentiments)
        outbox.enqueue(session, [_signal(sentiment) for sentiment in sentiments], now=utc_now())

    @override
    def committed(self, effects: Sequence[tuple[Ticket, Sentiment | None]], extra: None) -> None:
        """Count the labels and abstentions of the written sentiments."""
        for _, sentiment in effects:
            if sentiment is None:
                continue
            self._metrics.moods.labels(sentiment.label or "abstained").inc()
            if sentiment.abstained:
                self._metrics.abstentions.labels(SENTIMENT, sentiment.abstained).inc()


def _signal(sentiment: Sentiment) -> outbox.Outgoing:
    return outbox.Outgoing(
        SIGNALS, sentiment.account_id.encode(), sentiment.to_bytes(), (("ce_id", sentiment.event_id),)
    )
