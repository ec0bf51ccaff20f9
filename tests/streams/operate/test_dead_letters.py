"""Selecting, explaining and discarding dead letters."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, inspect
from sqlmodel import Session

from responders.store import letters as store
from responders.store.actions import OperatorAction
from responders.store.letters import Filters
from streams.kafka.brokers import Broker
from streams.kafka.topics import TopicSpec
from streams.operate.dead_letters import choose, discard, plan, unsendable
from streams.operate.ledger import ledger
from tests.streams.support.letter_samples import NOW, audit, letter, save, send, states

FILTERS = [
    (Filters(), {"s1", "s2", "d1"}),
    (Filters(reason="broken_json"), {"s2"}),
    (Filters(group="drafting"), {"d1"}),
    (Filters(topic="b"), {"d1"}),
    (Filters(partition=1), {"s1", "d1"}),
    (Filters(since=NOW + timedelta(minutes=1)), {"s2", "d1"}),
    (Filters(until=NOW + timedelta(minutes=1)), {"s1"}),
    (Filters(states=("replayed",)), {"s1"}),
    (Filters(states=("new", "discarded")), {"s2", "d1"}),
    (Filters(ids=("s1", "d1", "unknown")), {"s1", "d1"}),
    (Filters(group="sentiment", partition=2, reason="broken_json", states=("new",)), {"s2"}),
    (Filters(group="sentiment", topic="b"), set()),
]


def test_a_row_gives_back_the_letter_byte_for_byte(engine: Engine) -> None:
    original = letter("t", key=None, headers=(("h", bytes(range(256))), ("none", None)))
    save(engine, original)
    with Session(engine) as session:
        row = store.get_letter(session, original.letter_id)
        assert row is not None
        assert store.to_letter(row) == original


def test_a_plan_is_in_the_order_of_the_source_and_explains_the_letters_it_keeps(
    broker: str, engine: Engine, topic: str
) -> None:
    late = NOW + timedelta(hours=1)
    first, shared = letter(topic, 3, created_at=late), letter(topic, 4, consumer_group="drafting")
    lost, second = letter(topic, 1, partition=9), letter(topic, 4)
    save(engine, second, shared, first, lost)
    planned = plan(engine, Broker(broker), Filters(states=("new",)), limit=10)
    assert planned.ids == [first.letter_id, shared.letter_id, second.letter_id]
    assert planned.records == 2
    assert planned.kept == {lost.letter_id: f"{topic} no longer has partition 9"}
    assert choose(engine, Filters(), limit=3).kept == {}
    assert first.letter_id not in choose(engine, Filters(), limit=3).ids  # the oldest three


@pytest.mark.parametrize(("filters", "names"), FILTERS)
def test_every_given_filter_holds(engine: Engine, filters: Filters, names: set[str]) -> None:
    minute = timedelta(minutes=1)
    s1 = letter("a", 1, letter_id="s1")
    s2 = letter("a", 2, letter_id="s2", partition=2, reason="broken_json", created_at=NOW + minute)
    d1 = letter("b", 3, letter_id="d1", consumer_group="drafting", created_at=NOW + 2 * minute)
    save(engine, s1, s2, d1)
    with Session(engine) as session, session.begin():
        store.mark_replayed(session, ["s1"], now=NOW)
        assert {row.letter_id for row in store.list_letters(session, filters)} == names


def test_a_list_reads_no_value_before_it_is_needed(engine: Engine) -> None:
    save(engine, letter("t"))
    with Session(engine) as session:
        (row,) = store.list_letters(session)
        assert {"value", "headers"} <= inspect(row).unloaded
        assert row.value == letter("t").value


def test_a_letter_can_go_back_if_its_partition_still_exists() -> None:
    assert unsendable("t", 1, {"t": 2}) is None
    assert unsendable("t", 2, {"t": 2}) == "t no longer has partition 2"
    assert unsendable("t", 0, {}) == "t no longer has partition 0"


def test_discarded_letters_keep_their_bytes_are_not_replayed_and_count_as_before(
    broker: str, engine: Engine, topic: str
) -> None:
    good, other = letter(topic, 1), letter(topic, 2)
    ids = save(engine, good, other)
    with Session(engine) as session:
        counted = store.count_by_source(session)
    action = OperatorAction("discard", "maria", None, {"ids": ids[:1]})
    left = discard(engine, [*ids[:1], "nonsense"], action=action, now=NOW)
    assert left.kept == {"nonsense": "there is no such letter"}
    assert states(engine) == {good.letter_id: "discarded", other.letter_id: "new"}
    assert send(engine, broker, ids).kept == {good.letter_id: "discarded before"}
    assert audit(engine)[0] == ("discard", "maria", None, {"ids": ids[:1]}, 1, {"letter_ids": ids[:1]})
    with Session(engine) as session:
        row = store.get_letter(session, good.letter_id)
        assert row is not None
        assert (store.to_letter(row), row.discarded_at, row.replayed_at) == (good, NOW, None)
        assert store.count_by_source(session) == counted
    specs = [TopicSpec(topic, "x", ("sentiment",), 1)]
    assert ledger(engine, Broker(broker), specs)[topic].groups["sentiment"].gap == 2  # of no partition row
    assert discard(engine, ids, action=action, now=NOW).kept == {
        good.letter_id: "discarded before",
        other.letter_id: "replayed before",
    }
