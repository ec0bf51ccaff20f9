"""Snapshots of the version before are read: the account goes on with its past."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from detectors.usage import UsageDetector
from detectors.usage.counts.older import OLDER_COUNTS
from detectors.usage.counts.rows import COUNTS
from detectors.usage.packing import DetectorState, decode_state, encode_state
from tests.detectors.support.usage_streams import MONDAY, hourly

EVENTS = hourly(days=30, seed=3, rates={"task.labelled": 300.0}, change=lambda _day, _kind: 1.0)


def lived() -> UsageDetector:
    detector = UsageDetector("acme")
    for event in EVENTS:
        detector.observe(event)
    return detector


def older(snapshot: bytes) -> bytes:
    """Return a snapshot as the build before wrote it."""
    state = decode_state(snapshot)
    block = np.frombuffer(state.account.counts, COUNTS)
    rows = np.zeros(len(block), OLDER_COUNTS)
    for name in OLDER_COUNTS.names or ():
        rows[name] = block[name]
    account = msgspec.structs.replace(state.account, counts=rows.tobytes())
    return encode_state(DetectorState(3, state.floor, account, state.open))


def test_an_older_snapshot_goes_on_with_its_past() -> None:
    again = UsageDetector.restore(older(lived().snapshot()))
    found = again.advance(MONDAY + timedelta(days=33))
    assert [anomaly.cause for anomaly in found][:1] == ["silence"]
    assert found[0].baseline_days >= 30.0


def test_an_older_snapshot_is_written_in_the_version_of_this_build() -> None:
    data = UsageDetector.restore(older(lived().snapshot())).snapshot()
    assert decode_state(data).version == 4
    assert UsageDetector.restore(data).snapshot() == data


def test_an_older_snapshot_of_another_length_is_refused() -> None:
    state = decode_state(older(lived().snapshot()))
    account = msgspec.structs.replace(state.account, counts=state.account.counts[:-1])
    with pytest.raises(ValueError, match="snapshot"):
        UsageDetector.restore(encode_state(DetectorState(3, state.floor, account, state.open)))
