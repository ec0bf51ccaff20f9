"""The sentiment group without Kafka: messages in, scores and signals out."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from schemas import SIGNAL, Sentiment
from streams.consume import InvalidRecord
from streams.process.metrics import Metrics
from streams.sentiment import SentimentHandler, decode_ticket, handle, text_of
from tests.streams.support.samples import TOLERANCE, WHEN, Raw, raw_of, rows, ticket, work_off

ANGRY = ticket(2, body="this is terrible, the export failed again and nobody answers")
HAPPY = ticket(1)
KINDS = ("human_reply", "merged", "closed")
NOW = WHEN + timedelta(days=1)


def handler(metrics: Metrics | None = None) -> SentimentHandler:
    metrics = metrics or Metrics()
    return SentimentHandler(LexiconSentiment(), metrics=metrics, max_tokens=4_096, tolerance=TOLERANCE)


def test_customer_messages_are_scored_in_order_and_other_events_are_not() -> None:
    others = [ticket(10 + number, kind=kind) for number, kind in enumerate(KINDS)]
    mixed = [others[0], ANGRY, others[1], HAPPY, others[2]]
    scored = handle(mixed, LexiconSentiment(), max_tokens=4_096, now=NOW)
    assert [sentiment and sentiment.event_id for sentiment in scored] == [None, "e2", None, "e1", None]
    angry, happy = scored[1], scored[3]
    assert angry is not None
    assert happy is not None
    assert angry.score is not None
    assert happy.score is not None
    assert angry.score < 0 < happy.score
    assert (angry.account_id, angry.ticket_id, angry.occurred_at) == ("a1", "t2", ANGRY.occurred_at)
    assert angry.scored_at == NOW


def test_a_forum_post_is_scored_like_a_ticket() -> None:
    post = ticket(3, channel="forum", body=ANGRY.body)
    (mail_score, post_score) = handle([ANGRY, post], LexiconSentiment(), max_tokens=4_096, now=NOW)
    assert mail_score is not None
    assert post_score is not None
    assert mail_score.score == post_score.score


def test_the_subject_is_read_too() -> None:
    assert text_of(ticket(subject="Terrible", body="See above")) == "Terrible\n\nSee above"


def test_no_tickets_give_no_sentiments() -> None:
    assert handle([], LexiconSentiment(), max_tokens=4_096, now=NOW) == []


def test_scores_and_their_signals_are_written_together(tables: Engine) -> None:
    metrics = Metrics()
    work_off(tables, handler(metrics), [HAPPY, ticket(9, kind="closed"), ANGRY])
    assert rows(tables, "SELECT event_id FROM sentiments ORDER BY event_id") == [("e1",), ("e2",)]
    outgoing = rows(tables, "SELECT topic, key, value, headers FROM outbox ORDER BY outbox_id")
    assert [(topic, bytes(key), headers) for topic, key, _, headers in outgoing] == [
        ("customer.signals", b"a1", [["ce_id", "e1"]]),
        ("customer.signals", b"a1", [["ce_id", "e2"]]),
    ]
    signals = [TypeAdapter(Sentiment).validate_json(bytes(value)) for _, _, value, _ in outgoing]
    assert [signal.ticket_id for signal in signals] == ["t1", "t2"]
    assert SIGNAL.validate_json(bytes(outgoing[0][2])) == signals[0]
    counted = sum(
        metrics.registry.get_sample_value("rapport_sentiments_total", {"label": label}) or 0
        for label in ("negative", "neutral", "positive", "abstained")
    )
    assert counted == 2


def test_partitions_of_a_batch_are_scored_together_and_answered_apart() -> None:
    computed = handler().compute([(0, [HAPPY]), (3, []), (5, [ANGRY, ticket(4, kind="merged")])])
    found = [
        [sentiment and getattr(sentiment, "event_id", None) for sentiment in part]
        for part in computed.outcomes
    ]
    assert found == [["e1"], [], ["e2", None]]


def test_the_identity_of_an_event_is_its_id_and_its_content() -> None:
    scoring = handler()
    event_id, content = scoring.identity(HAPPY)
    assert (event_id, len(content)) == ("e1", 16)
    assert scoring.identity(HAPPY.model_copy(update={"body": "other"}))[1] != content


def test_the_handler_keeps_nothing_between_batches(tables: Engine) -> None:
    scoring = handler()
    with Session(tables) as session:
        scoring.restore(session, 0)
    scoring.forget(0)
    work_off(tables, scoring, [HAPPY])
    assert rows(tables, "SELECT count(*) FROM sentiments") == [(1,)]


def test_a_ticket_is_decoded_or_refused_with_a_reason() -> None:
    assert handler().decode(raw_of(HAPPY, "a1")) == HAPPY
    with pytest.raises(InvalidRecord) as raised:
        decode_ticket(Raw(b"a2", HAPPY.to_bytes()), tolerance=TOLERANCE)
    assert raised.value.reason == "key_mismatch"
