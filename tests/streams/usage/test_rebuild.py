"""Lost or damaged detector states are made again from the topic, equal to the states before."""

import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from responders.store import letters
from schemas import DeadLetter, UsageEvent
from streams.kafka.brokers import Broker, create_topics, reliable_producer
from streams.kafka.history import history_of
from streams.kafka.records import RawRecord
from streams.kafka.topics import USAGE_EVENTS, TopicSpec
from streams.process.clock import utc_now
from streams.process.metrics import Metrics
from streams.usage.handler import UsageHandler
from streams.usage.sealing import WATERMARK_KEY
from tests.detectors.support.usage_streams import hourly
from tests.streams.support.samples import TOLERANCE, Raw, rows, work_off
from tests.streams.usage.test_handler import states

EVENTS = [
    event
    for number in range(3)
    for event in hourly(
        f"a{number}", days=4, seed=number, change=lambda _day, _kind: 1.0, rates={"api.call": 50.0}
    )
]
RECORDS: list[Raw] = [
    Raw(event.account_id.encode(), msgspec.json.encode(event), topic=USAGE_EVENTS, offset=offset)
    for offset, event in enumerate(EVENTS)
]


def history(partition: int, end: int) -> Iterable[RawRecord]:
    return [record for record in RECORDS if record.offset < end]


def worker(engine: Engine, *, past: Callable[[int, int], Iterable[RawRecord]] = history) -> UsageHandler:
    """A handler that has claimed the partition at the end of its events."""
    usage = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE, history=past)
    with Session(engine) as session, session.begin():
        usage.restore(session, 0)
    usage.rebuild(0, len(EVENTS))
    return usage


@pytest.fixture
def before(tables: Engine) -> dict[str, bytes]:
    """The states in SQL after all events."""
    work_off(tables, worker(tables, past=lambda _partition, _end: ()), EVENTS)
    return states(tables)


DAMAGES = {
    "all rows are gone": "DELETE FROM detector_states",
    "the clock's row is gone": "DELETE FROM detector_states WHERE account_id = ''",
    "a state is cut short": (
        "UPDATE detector_states SET state = substring(state FOR 20) WHERE account_id = 'a1'"
    ),
    "a state is noise": "UPDATE detector_states SET state = '\\x00ff' WHERE account_id = 'a2'",
    "a state is another account's": (
        "UPDATE detector_states SET state = (SELECT state FROM detector_states WHERE account_id = 'a1')"
        " WHERE account_id = 'a0'"
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_states_are_made_again_and_equal(
    tables: Engine, before: dict[str, bytes], damage: str
) -> None:
    with tables.begin() as connection:
        connection.execute(text(damage))
    work_off(tables, worker(tables), [])
    assert states(tables) == before


def test_unreadable_states_are_kept_for_a_search_for_the_cause(
    tables: Engine, before: dict[str, bytes]
) -> None:
    with tables.begin() as connection:
        connection.execute(text("UPDATE detector_states SET state = '\\x00ff' WHERE account_id = 'a2'"))
    worker(tables)
    aside = rows(tables, "SELECT account_id, state, error FROM corrupt_states ORDER BY account_id")
    assert [(name, bytes(state)) for name, state, _ in aside] == [
        (WATERMARK_KEY, before[WATERMARK_KEY]),
        ("a2", b"\x00\xff"),
    ]
    assert set(states(tables)) == {"a0", "a1"}


def test_a_worker_makes_the_states_again_after_a_death_before_the_write(
    tables: Engine, before: dict[str, bytes]
) -> None:
    with tables.begin() as connection:
        connection.execute(text("UPDATE detector_states SET state = '\\x00ff' WHERE account_id = 'a2'"))
    worker(tables)
    work_off(tables, worker(tables), [])
    assert states(tables) == before


def test_records_that_became_dead_letters_stay_without_effect(
    tables: Engine, before: dict[str, bytes]
) -> None:
    """A record from the future was refused at that time; meanwhile its time may have come."""
    ahead = msgspec.structs.replace(EVENTS[-1], event_id="ahead", occurred_at=utc_now() - timedelta(hours=1))
    record = Raw(b"a0", msgspec.json.encode(ahead), topic=USAGE_EVENTS, offset=len(EVENTS))
    fields = {"letter_id": "x" * 24, "consumer_group": "usage", "topic": USAGE_EVENTS, "partition": 0}
    letter = DeadLetter.model_validate(
        fields
        | {"offset": record.offset, "timestamp_ms": 0, "key": b"a0", "value": record.value, "attempts": 1}
        | {"reason": "from_the_future", "error": "e", "build": "b", "created_at": utc_now()}
    )
    with Session(tables) as session, session.begin():
        letters.save_letters(session, [letter])
        session.execute(text("DELETE FROM detector_states"))
    usage = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE, history=lambda _p, _end: [*RECORDS, record])
    with Session(tables) as session, session.begin():
        usage.restore(session, 0)
    usage.rebuild(0, len(EVENTS) + 1)
    work_off(tables, usage, [])
    assert states(tables) == before


def test_a_partition_that_is_whole_reads_nothing_again(tables: Engine, before: dict[str, bytes]) -> None:
    def nobody_asks(partition: int, end: int) -> Iterable[RawRecord]:
        raise AssertionError

    worker(tables, past=nobody_asks)
    assert isinstance(EVENTS[0], UsageEvent)


def test_states_that_another_owner_made_again_meanwhile_are_not_made_again(
    tables: Engine, before: dict[str, bytes]
) -> None:
    """The claim after the loss never finished: the generation changed before the history was read."""
    with tables.begin() as connection:
        connection.execute(text("DELETE FROM detector_states"))
    asked: list[int] = []

    def past(partition: int, end: int) -> Iterable[RawRecord]:
        asked.append(partition)
        return history(partition, end)

    usage = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE, history=past)
    with Session(tables) as session, session.begin():
        usage.restore(session, 0)
    usage.forget(0)
    work_off(tables, worker(tables), [])
    with Session(tables) as session, session.begin():
        usage.restore(session, 0)
    usage.rebuild(0, len(EVENTS))
    assert asked == []
    work_off(tables, usage, [])
    assert states(tables) == before


def test_the_history_ends_below_the_offset_asked_for(broker: str) -> None:
    topic = f"history-{uuid.uuid4().hex}"
    create_topics(Broker(broker), partitions=2, replication=1, specs=[TopicSpec(topic, "x", (), 1)])
    producer = reliable_producer(Broker(broker))
    for number in range(7_000):
        producer.send(topic, key=b"k", value=b"%d" % number, partition=1)
    producer.close()
    read = history_of(Broker(broker), topic)
    assert [record.value for record in read(1, 6_500)] == [b"%d" % number for number in range(6_500)]
    assert (list(read(0, 10)), len(list(read(1, 9_999)))) == ([], 7_000)
