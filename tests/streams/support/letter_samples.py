"""Dead letters that several tests share: make, save and replay them, and read the rows that remain."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import letters as store
from responders.store.actions import OperatorAction
from schemas import DeadLetter
from streams.kafka.brokers import Broker
from streams.operate.replays import Replayed, ReplayOptions, replay

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACTION = OperatorAction("replay", "maria", "fixed in 1.4", {"reason": "handler_error"})


def letter(topic: str, offset: int = 0, **changes: Any) -> DeadLetter:
    group = changes.get("consumer_group", "sentiment")
    base = DeadLetter(
        letter_id=f"{group}-{topic}-{offset}",
        consumer_group="sentiment",
        topic=topic,
        partition=1,
        offset=offset,
        timestamp_ms=5,
        key=b"acc\xff",
        value=b'{"event_id": "e1"}\x00\xfe',
        headers=(("trace", b"\x00\xff~?>"), ("trace", b""), ("none", None)),
        reason="handler_error",
        error="ValueError in the sentiment handler",
        attempts=2,
        build="test",
        created_at=NOW,
    )
    return base.model_copy(update=changes)


def save(engine: Engine, *letters: DeadLetter) -> list[str]:
    with Session(engine) as session, session.begin():
        store.save_letters(session, letters)
    return [letter.letter_id for letter in letters]


def states(engine: Engine) -> dict[str, str]:
    with Session(engine) as session:
        return {row.letter_id: row.state for row in store.list_letters(session)}


def audit(engine: Engine) -> list[tuple[Any, ...]]:
    query = "SELECT action, actor, comment, filters, affected, details FROM operator_actions"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"{query} ORDER BY action_id")]


def on_topic(broker: str, topic: str, count: int) -> list[Any]:
    consumer = KafkaConsumer(bootstrap_servers=[broker])
    places = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    assert sum(consumer.end_offsets(places).values()) == count
    consumer.assign(places)
    consumer.seek_to_beginning()
    found: list[Any] = []
    while len(found) < count:
        found += [record for batch in consumer.poll(timeout_ms=2_000).values() for record in batch]
    consumer.close()
    return found


def send(engine: Engine, broker: str, ids: Sequence[str], options: ReplayOptions | None = None) -> Replayed:
    return replay(engine, Broker(broker), ids, action=ACTION, options=options or ReplayOptions(), now=NOW)
