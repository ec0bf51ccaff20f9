"""Dead letters go back to where they were read, byte for byte, with one effect."""

import json
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, create_engine, update
from sqlmodel import Session, col

from responders.store import letters as store
from responders.store import migrate, progress
from schemas import DeadLetter
from schemas.tables import DeadLetterRow
from streams.consume.fates import FateWriter
from streams.consume.records import Lane, LaneWork, Ran
from streams.dead_letters import REPLAYED_FROM, by_source, replay, replay_headers, unsendable
from streams.kafka import Broker, create_topics
from streams.topics import TopicSpec

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def topic(broker: str) -> str:
    name = f"letters-{uuid.uuid4().hex}"
    create_topics(Broker(broker), partitions=2, replication=1, specs=[TopicSpec(name, "x", (), 1)])
    return name


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
    return [one.letter_id for one in letters]


def states(engine: Engine) -> dict[str, str]:
    with Session(engine) as session:
        return {row.letter_id: row.state for row in store.list_letters(session)}


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


def test_a_row_gives_back_the_letter_byte_for_byte(engine: Engine) -> None:
    original = letter("t", key=None, headers=(("h", bytes(range(256))), ("none", None)))
    save(engine, original)
    with Session(engine) as session:
        row = store.get_letter(session, original.letter_id)
        assert row is not None
        assert store.to_letter(row) == original


def test_a_replayed_record_is_the_original_in_its_partition_with_one_header_more(
    broker: str, engine: Engine, topic: str
) -> None:
    original = letter(topic)
    ids = save(engine, original)
    replayed = replay(engine, Broker(broker), ids, now=NOW)
    record = on_topic(broker, topic, 1)[0]
    assert (record.partition, record.key, record.value) == (1, original.key, original.value)
    assert list(record.headers) == [
        ("trace", b"\x00\xff~?>"),
        ("trace", b""),
        ("none", b""),
        (REPLAYED_FROM, original.letter_id.encode()),
    ]
    assert (replayed.records, replayed.sent, replayed.kept) == (1, ids, {})
    assert states(engine) == {original.letter_id: "replayed"}


def test_a_letter_is_replayed_once_even_by_two_at_the_same_time(
    broker: str, engine: Engine, topic: str
) -> None:
    ids = save(engine, *(letter(topic, offset) for offset in range(20)))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: replay(engine, Broker(broker), ids, now=NOW), range(2)))
    assert sum(one.records for one in both) == 20
    assert len(on_topic(broker, topic, 20)) == 20
    assert replay(engine, Broker(broker), ids, now=NOW).records == 0


def test_a_record_that_two_groups_buried_goes_out_once(broker: str, engine: Engine, topic: str) -> None:
    ids = save(engine, letter(topic), letter(topic, consumer_group="drafting"))
    replayed = replay(engine, Broker(broker), ids, now=NOW)
    assert (replayed.records, sorted(replayed.sent)) == (1, sorted(ids))
    assert set(states(engine).values()) == {"replayed"}


def test_a_letter_that_cannot_go_back_stays_new_with_a_reason(
    broker: str, engine: Engine, topic: str
) -> None:
    good, lost, empty = (
        letter(topic, 1),
        letter(topic, 2, partition=7),
        letter(topic, 3, key=None, value=None),
    )
    large = letter(topic, 4, value=b"x" * 2_000_000)
    ids = save(engine, good, lost, empty, large)
    replayed = replay(engine, Broker(broker), [*ids, "nonsense"], now=NOW)
    assert replayed.sent == [good.letter_id]
    assert replayed.kept == {
        lost.letter_id: f"{topic} has no partition 7 any more",
        empty.letter_id: "the record has neither key nor value",
        large.letter_id: "MessageSizeTooLargeError",
        "nonsense": "replayed before, in another replay, or unknown",
    }
    assert states(engine)[empty.letter_id] == "new"


def test_a_topic_that_is_gone_is_a_reason_and_not_made_anew(engine: Engine, broker: str) -> None:
    gone = letter(f"gone-{uuid.uuid4().hex}")
    assert replay(engine, Broker(broker), save(engine, gone), now=NOW).kept == {
        gone.letter_id: f"{gone.topic} has no partition 1 any more"
    }


class Echo:
    """A handler whose effect is to remember what it was given."""

    def __init__(self, topic: str) -> None:
        self.group = "sentiment"
        self.dedupes = False
        self.topic = topic
        self.effects: list[str] = []

    def decode(self, record: Any) -> str:
        return str(json.loads(record.value)["event_id"])

    def identity(self, item: str) -> tuple[str, bytes]:
        return item, item.encode()

    def restore(self, session: Session, partition: int) -> None:
        """Keep nothing."""

    def forget(self, partition: int) -> None:
        """Keep nothing."""

    def run(self, work: Sequence[tuple[int, Sequence[str]]]) -> Ran[str]:
        return Ran([list(items) for _, items in work])

    def write(self, session: Session, effects: Sequence[tuple[str, str]], carry: Any) -> None:
        self.effects += [item for item, _ in effects]

    def committed(self, effects: Sequence[tuple[str, str]], carry: Any) -> None:
        """Keep nothing."""


def test_a_record_replayed_twice_has_one_effect(broker: str, engine: Engine, topic: str) -> None:
    ids = save(engine, letter(topic, value=b'{"event_id": "e1"}'))
    replay(engine, Broker(broker), ids, now=NOW)
    with Session(engine) as session, session.begin():
        # As if the process had died between the broker's acknowledgement and the mark.
        session.execute(
            update(DeadLetterRow).where(col(DeadLetterRow.letter_id).in_(ids)).values(state="new")
        )
    replay(engine, Broker(broker), ids, now=NOW)

    handler = Echo(topic)
    records = on_topic(broker, topic, 2)
    items = [handler.decode(record) for record in records]
    with Session(engine) as session, session.begin():
        place = progress.Place("sentiment", topic, 1)
        epoch = progress.claim(session, place, first_offset=0, owner="test", now=NOW).epoch
        work: LaneWork[str, str] = LaneWork(Lane(1, 1, epoch, 0), records, items, list(records))
        writer: FateWriter[str, str] = FateWriter(handler, "test")
        written = writer.write(session, [work], handler.run([(1, items)]), now=NOW)
    assert handler.effects == ["e1"]
    assert (written.counts[0].effects, written.counts[0].duplicates) == (1, 1)


def test_letters_of_one_record_are_one_replay_and_order_is_kept() -> None:
    letters = [letter("a", 1), letter("a", 2), letter("a", 1, consumer_group="drafting"), letter("b", 1)]
    replays = by_source(letters)
    assert [(one.letter.topic, one.letter.offset, len(one.letter_ids)) for one in replays] == [
        ("a", 1, 2),
        ("a", 2, 1),
        ("b", 1, 1),
    ]


def test_the_mark_of_an_earlier_replay_is_replaced() -> None:
    again = letter("t", headers=((REPLAYED_FROM, b"first"), ("h", b"x")))
    assert replay_headers(again) == [("h", b"x"), (REPLAYED_FROM, again.letter_id.encode())]


def test_a_letter_with_a_key_or_a_value_can_go_back() -> None:
    assert unsendable(letter("t", key=None), {"t": 2}) is None
    assert unsendable(letter("t", value=None), {"t": 2}) is None
