"""The end of a run tells the fate of each of its inputs."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.delivery.inputs import Message, positions, support_messages, usage_messages
from tests.benchmarks.delivery.tally import Final, tally

MESSAGES = list(support_messages(3_000, seed=5))
GOOD = [message for message in MESSAGES if message.kind == "good"]
POISON = [message for message in MESSAGES if message.kind == "poison"]


def ids(messages: Sequence[Message]) -> list[str]:
    return [f"e{message.number:010d}" for message in messages]


def balances(messages: Sequence[Message]) -> dict[str, int]:
    return {"all": sum(message.amount for message in messages)}


def final(applied: Sequence[Message], committed: dict[int, int] | None = None) -> Final:
    kept = [message.value for message in POISON]
    return Final(ids(applied), balances(applied), committed or {}, kept)


def test_every_event_once_and_all_poison_kept_is_exact() -> None:
    found = tally(MESSAGES, final(GOOD))
    assert found.is_exact
    assert (found.good, found.poison, found.poison_kept) == (3_000, len(POISON), len(POISON))


def test_an_effect_that_was_applied_twice_is_doubled_and_shows_in_the_balance() -> None:
    found = tally(MESSAGES, final([*GOOD, GOOD[7], GOOD[7]]))
    assert (found.doubled, found.balance_error) == (2, 2 * GOOD[7].amount)
    assert not found.is_exact


def test_a_missing_event_is_lost_if_the_offset_has_passed_it_and_otherwise_not_reached() -> None:
    places = dict(zip(map(id, MESSAGES), positions(MESSAGES), strict=True))
    missing = GOOD[-1]
    partition, offset = places[id(missing)]
    ends = dict.fromkeys(range(8), 10000)
    rest = GOOD[:-1]
    assert tally(MESSAGES, final(rest, ends)).lost == 1
    before = tally(MESSAGES, final(rest, {**ends, partition: offset}))
    assert (before.lost, before.not_reached) == (0, 1)


def test_poison_that_is_not_kept_is_not_exact() -> None:
    gone = Final(ids(GOOD), balances(GOOD), {}, [])
    assert (tally(MESSAGES, gone).poison_kept, tally(MESSAGES, gone).is_exact) == (0, False)


@given(st.lists(st.sampled_from(GOOD), max_size=50))
def test_lost_and_doubled_add_up_to_the_applied_effects(applied: list[Message]) -> None:
    found = tally(MESSAGES, final(applied))
    assert found.good - found.lost - found.not_reached + found.doubled == len(applied)


def test_duplicates_have_the_bytes_and_partition_of_an_event_before_them() -> None:
    first: dict[int, Message] = {}
    for message in MESSAGES:
        if message.kind == "duplicate":
            original = first[message.number]
            assert (message.value, message.partition) == (original.value, original.partition)
        elif message.kind == "good":
            first[message.number] = message


@pytest.mark.parametrize("share", [("duplicate", 0.01), ("poison", 0.001)])
def test_shares_of_duplicates_and_poison_are_about_as_named(share: tuple[str, float]) -> None:
    kind, wanted = share
    messages = list(support_messages(50_000, seed=1))
    found = sum(message.kind == kind for message in messages) / 50_000
    assert wanted * 0.7 < found < wanted * 1.3


def test_usage_events_are_valid_and_of_the_size_named() -> None:
    from tests.benchmarks.delivery.job import number_of, usage_decoder

    decode = usage_decoder()
    for message in usage_messages(2_000):
        event = decode(message.value)
        assert event.account_id.encode() == message.key
        assert number_of(event.event_id) == message.number
        assert 150 <= len(message.value) <= 180
