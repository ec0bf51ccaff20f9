"""The bytes of a desk's state: equal after a round trip, refused when damaged, and bounded."""

import hashlib

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sentiment.adaptation.learner import DeskLearner
from detectors.sentiment.adaptation.packing import (
    DamagedDeskError,
    pack_model,
    pack_state,
    unpack_model,
    unpack_state,
)
from tests.detectors.sentiment.adaptation.desks import WIDTH, corrections, desk


@pytest.fixture(scope="module")
def promoted() -> DeskLearner:
    learner = DeskLearner.fresh(WIDTH, sampled=True)
    learner.learn_all(corrections(80))
    assert learner.champion is not None
    return learner


def test_a_state_is_equal_after_a_round_trip(promoted: DeskLearner) -> None:
    data = pack_state(promoted.state)
    assert pack_state(unpack_state(data)) == data


def test_a_champion_predicts_bit_equal_after_a_round_trip(promoted: DeskLearner) -> None:
    assert promoted.champion is not None
    messages = desk(20, seed=4, skill=0.0)
    loaded = unpack_model(pack_model(promoted.champion))
    expected = promoted.champion.probabilities(messages.states, messages.probabilities)
    assert np.array_equal(loaded.probabilities(messages.states, messages.probabilities), expected)


@settings(deadline=None)
@given(data=st.data())
def test_a_damaged_byte_is_refused(promoted: DeskLearner, data: st.DataObject) -> None:
    whole = bytearray(pack_state(promoted.state))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedDeskError):
        unpack_state(bytes(whole))


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 200])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedDeskError):
        unpack_state(data)


def test_a_state_of_another_version_with_a_right_checksum_is_refused(promoted: DeskLearner) -> None:
    fields = msgspec.msgpack.decode(pack_state(promoted.state)[32:])
    plain = msgspec.msgpack.encode([2, *fields[1:]])
    with pytest.raises(DamagedDeskError, match="cannot be read"):
        unpack_state(hashlib.sha256(plain).digest() + plain)


def test_an_array_of_another_size_is_refused(promoted: DeskLearner) -> None:
    fields = msgspec.msgpack.decode(pack_state(promoted.state)[32:])
    fields[1][3] = fields[1][3][:-4]
    plain = msgspec.msgpack.encode(fields)
    with pytest.raises(DamagedDeskError, match="another size"):
        unpack_state(hashlib.sha256(plain).digest() + plain)
