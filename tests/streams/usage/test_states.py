"""Any changed bit of a stored state is noticed before the state is used."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage import UsageDetector
from streams.usage.sealing import WATERMARK_KEY, seal_clock, sealed
from streams.usage.states import PartitionDetectors
from tests.detectors.support.usage_streams import MONDAY, hourly


def detector_of(account_id: str, days: int) -> UsageDetector:
    detector = UsageDetector(account_id)
    for event in hourly(account_id, days=days, seed=days, rates={"api.call": 90.0, "task.labelled": 30.0}):
        detector.observe(event)
    return detector


def asleep() -> UsageDetector:
    detector = detector_of("acme", 2)
    detector.advance(MONDAY + timedelta(days=300))
    return detector


STATES = {
    "an account at work": ("acme", sealed(detector_of("acme", 10))),
    "an account with its first event": ("acme", sealed(detector_of("acme", 1))),
    "an account that sleeps": ("acme", sealed(asleep())),
    "an account that never had an event": ("acme", sealed(UsageDetector("acme"))),
    "the clock": (WATERMARK_KEY, seal_clock(MONDAY + timedelta(microseconds=7))),
}


def flipped(state: bytes) -> Iterator[bytes]:
    """Yield the state once per bit, with this bit flipped."""
    for place in range(8 * len(state)):
        garbled = bytearray(state)
        garbled[place // 8] ^= 1 << place % 8
        yield bytes(garbled)


@pytest.mark.parametrize(("account_id", "state"), STATES.values(), ids=STATES)
def test_an_undamaged_state_is_accepted(account_id: str, state: bytes) -> None:
    partition = PartitionDetectors()
    assert partition.load([(account_id, state)]) == {}
    if account_id:
        detector = partition.open(account_id)
        assert detector is not None
        assert sealed(detector) == state


@pytest.mark.parametrize(("account_id", "state"), STATES.values(), ids=STATES)
def test_every_flipped_bit_of_a_stored_state_is_noticed(account_id: str, state: bytes) -> None:
    unseen = [garbled for garbled in flipped(state) if not PartitionDetectors().load([(account_id, garbled)])]
    assert unseen == []


@pytest.mark.parametrize(("account_id", "state"), STATES.values(), ids=STATES)
def test_a_state_that_is_cut_or_longer_is_refused(account_id: str, state: bytes) -> None:
    damaged = [*(state[:end] for end in range(len(state))), state + b"\0", b"\0" + state, state * 2]
    assert [other for other in damaged if not PartitionDetectors().load([(account_id, other)])] == []


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_state_with_other_bytes_is_refused(data: st.DataObject) -> None:
    account_id, state = data.draw(st.sampled_from(list(STATES.values())))
    at = data.draw(st.integers(0, len(state) - 1))
    other = data.draw(st.binary(min_size=1, max_size=min(24, len(state) - at)))
    garbled = state[:at] + other + state[at + len(other) :]
    assert bool(PartitionDetectors().load([(account_id, garbled)])) == (garbled != state)


def test_a_state_is_refused_for_another_account_and_for_the_clock() -> None:
    states = dict(STATES.values())
    for name in ("acm", "acmee", "other", WATERMARK_KEY):
        assert PartitionDetectors().load([(name, states["acme"])])
    assert PartitionDetectors().load([("acme", states[WATERMARK_KEY])])
