"""Dead letters go back to their topic and partition, byte for byte."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine

from streams.embedded import EmbeddedKafka
from streams.kafka.brokers import Broker, create_topics
from streams.kafka.topics import TopicSpec
from streams.operate.replays import NOT_TRIED, REPLAYED_FROM, ReplayOptions, by_source, replay_headers
from tests.streams.support.letter_samples import audit, letter, on_topic, save, send, states


def test_a_replayed_record_is_the_original_in_its_partition_with_one_more_header(
    broker: str, engine: Engine, topic: str
) -> None:
    original = letter(topic)
    ids = save(engine, original)
    replayed = send(engine, broker, ids)
    record = on_topic(broker, topic, 1)[0]
    assert (record.partition, record.key, record.value) == (1, original.key, original.value)
    assert list(record.headers) == [
        ("trace", b"\x00\xff~?>"),
        ("trace", b""),
        ("none", None),
        (REPLAYED_FROM, original.letter_id.encode()),
    ]
    assert (replayed.records, replayed.sent, replayed.kept) == (1, ids, {})
    assert states(engine) == {original.letter_id: "replayed"}


def test_two_replays_at_the_same_time_send_a_letter_once(broker: str, engine: Engine, topic: str) -> None:
    ids = save(engine, *(letter(topic, offset) for offset in range(20)))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: send(engine, broker, ids), range(2)))
    assert sum(replayed.records for replayed in both) == 20
    assert len(on_topic(broker, topic, 20)) == 20
    assert send(engine, broker, ids).records == 0


def test_a_record_with_letters_of_two_groups_is_sent_once(broker: str, engine: Engine, topic: str) -> None:
    ids = save(engine, letter(topic), letter(topic, consumer_group="drafting"))
    replayed = send(engine, broker, ids)
    assert (replayed.records, sorted(replayed.sent)) == (1, sorted(ids))
    assert set(states(engine).values()) == {"replayed"}


def test_a_letter_that_cannot_go_back_stays_new_with_a_reason_and_the_others_are_sent(
    broker: str, engine: Engine, topic: str
) -> None:
    good, lost, large = (
        letter(topic, 1),
        letter(topic, 2, partition=7),
        letter(topic, 3, value=b"x" * 2_000_000),
    )
    after = letter(topic, 4)
    ids = save(engine, good, lost, large, after)
    replayed = send(engine, broker, [*ids, "nonsense"])
    assert replayed.sent == [good.letter_id, after.letter_id]
    assert replayed.kept == {
        lost.letter_id: f"{topic} no longer has partition 7",
        large.letter_id: "MessageSizeTooLargeError",
        "nonsense": "there is no such letter",
    }
    assert states(engine)[large.letter_id] == "new"
    assert audit(engine)[0][4:] == (2, {"records": 2, "letter_ids": replayed.sent, "kept": 3})


@pytest.mark.parametrize(
    ("key", "value"), [(None, b"v"), (b"", b"v"), (b"k", None), (b"k", b""), (None, None), (b"", b"")]
)
def test_null_and_empty_stay_different(
    broker: str, engine: Engine, topic: str, key: bytes | None, value: bytes | None
) -> None:
    original = letter(topic, key=key, value=value, headers=(("a", None), ("a", b""), ("", b"x")))
    send(engine, broker, save(engine, original))
    record = on_topic(broker, topic, 1)[0]
    assert (record.key, record.value) == (key, value)
    assert tuple(record.headers[:-1]) == original.headers


def test_a_missing_topic_is_a_reason_and_is_not_created_again(engine: Engine, broker: str) -> None:
    gone = letter(f"gone-{uuid.uuid4().hex}")
    assert send(engine, broker, save(engine, gone)).kept == {
        gone.letter_id: f"{gone.topic} no longer has partition 1"
    }


def test_a_replay_writes_one_audit_row_however_many_transactions_it_takes(
    broker: str, engine: Engine, topic: str
) -> None:
    ids = save(engine, *(letter(topic, offset) for offset in range(7)))
    options = ReplayOptions(rate_per_second=1.0)
    assert options.letters_per_transaction == 2
    send(engine, broker, ids[:5], ReplayOptions(rate_per_second=1.6))
    details = {"records": 5, "letter_ids": ids[:5], "kept": 0}
    assert audit(engine) == [("replay", "maria", "fixed in 1.4", {"reason": "handler_error"}, 5, details)]


def test_a_replay_of_nothing_writes_no_audit_row(broker: str, engine: Engine) -> None:
    assert send(engine, broker, ["nonsense"]).kept == {"nonsense": "there is no such letter"}
    assert audit(engine) == []


def test_a_replay_keeps_its_rate_and_the_order_of_its_letters(
    broker: str, engine: Engine, topic: str
) -> None:
    ids = save(engine, *(letter(topic, offset, value=b"%d" % offset) for offset in range(30)))
    started = monotonic()
    send(engine, broker, ids, ReplayOptions(rate_per_second=50.0))
    assert monotonic() - started >= 29 / 50
    assert [record.value for record in on_topic(broker, topic, 30)] == [b"%d" % n for n in range(30)]


def test_a_letter_is_sent_again_only_if_its_state_was_named(broker: str, engine: Engine, topic: str) -> None:
    ids = save(engine, letter(topic, 1), letter(topic, 2))
    send(engine, broker, ids)
    assert send(engine, broker, ids).kept == dict.fromkeys(ids, "replayed before")
    assert send(engine, broker, ids, ReplayOptions(states=("new", "replayed"))).records == 2
    assert len(on_topic(broker, topic, 4)) == 4


def test_letters_of_one_record_are_one_replay_and_the_order_is_kept() -> None:
    letters = [letter("a", 1), letter("a", 2), letter("a", 1, consumer_group="drafting"), letter("b", 1)]
    replays = by_source(letters)
    assert [(found.letter.topic, found.letter.offset, len(found.letter_ids)) for found in replays] == [
        ("a", 1, 2),
        ("a", 2, 1),
        ("b", 1, 1),
    ]


def test_the_mark_of_an_earlier_replay_is_replaced() -> None:
    again = letter("t", headers=((REPLAYED_FROM, b"first"), ("h", b"x")))
    assert replay_headers(again) == [("h", b"x"), (REPLAYED_FROM, again.letter_id.encode())]


def test_a_broker_that_goes_away_ends_the_replay_and_the_other_letters_stay_new(
    engine: Engine, tmp_path: Path
) -> None:
    server = EmbeddedKafka(tmp_path)
    address = server.start()
    create_topics(Broker(address), partitions=2, replication=1, specs=[TopicSpec("t", "x", (), 1)])
    ids = save(engine, *(letter("t", offset) for offset in range(60)))
    options = ReplayOptions(rate_per_second=10.0, delivery_timeout_seconds=2.0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(send, engine, address, ids, options)
        sleep(3.0)
        server.stop()
        replayed = running.result(timeout=30)
    assert replayed.sent
    assert set(replayed.sent) | set(replayed.kept) == set(ids)
    assert NOT_TRIED in replayed.kept.values()
    expected = dict.fromkeys(replayed.sent, "replayed") | dict.fromkeys(replayed.kept, "new")
    assert states(engine) == expected
    assert audit(engine)[0][4] == len(replayed.sent)
