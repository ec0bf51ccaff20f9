"""The contract of UsageDetector: a refusal changes nothing, state stays small, damage is refused."""

import contextlib
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage import RefusedEvent, UsageDetector, UsagePolicy, packing
from detectors.usage.counts.rows import COUNTS, FAILURES
from schemas.usage import UsageEvent
from tests.detectors.support.usage_streams import MONDAY, hourly
from tests.effort import calls

EVENT = UsageEvent("e", "acme", "task.labelled", MONDAY + timedelta(days=9))


def trained(days: int = 9) -> UsageDetector:
    detector = UsageDetector("acme")
    for event in hourly(days=days, seed=1):
        detector.observe(event)
    return detector


INTACT = trained().snapshot()


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": "another"},
        {"quantity": float("nan")},
        {"quantity": float("inf")},
        {"quantity": -1.0},
        {"quantity": "many"},
        {"kind": ["a"]},
        {"event_id": None},
        {"event_id": 7},
        {"quantity": None},
        {"quantity": 1j},
        {"kind": b"task.labelled"},
        {"account_id": None},
        {"occurred_at": None},
        {"occurred_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"occurred_at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12)))},
        {"occurred_at": datetime(2026, 3, 11)},  # noqa: DTZ001 - a time without zone is the case
        {"occurred_at": MONDAY.replace(year=1999)},
        {"occurred_at": MONDAY.replace(year=2300)},
        {"occurred_at": "yesterday"},
    ],
)
def test_a_bad_event_raises_and_leaves_the_state_unchanged(changes: dict[str, Any]) -> None:
    detector = trained()
    before = detector.snapshot()
    with pytest.raises(RefusedEvent):
        detector.observe(msgspec.structs.replace(EVENT, **changes))
    assert detector.snapshot() == before
    assert detector.observe(EVENT).fate == "counted"


def test_a_bad_watermark_raises_and_leaves_the_state_unchanged() -> None:
    detector = trained()
    before = detector.snapshot()
    with pytest.raises(ValueError, match="watermark"):
        detector.advance(MONDAY.replace(year=9000))
    with pytest.raises(TypeError):
        detector.advance(datetime(2026, 3, 20))  # noqa: DTZ001 - a time without zone is the case
    assert detector.snapshot() == before


def test_an_event_of_another_century_costs_no_more_than_a_month_of_silence() -> None:
    def effort(days: int) -> int:
        event = msgspec.structs.replace(EVENT, occurred_at=MONDAY + timedelta(days=days))
        detector = trained()
        found = calls(lambda: detector.observe(event))
        assert len(detector.snapshot()) < 500
        return found

    assert effort(40_000) <= 1.1 * effort(60)


def test_memory_is_bounded_for_any_number_of_kinds_and_ids() -> None:
    policy = UsagePolicy(max_open_ids=500)
    detector = UsageDetector("acme", policy)
    for n in range(30_000):
        at = MONDAY + timedelta(minutes=n)
        detector.observe(UsageEvent(f"e{n}", "acme", f"kind-{n}", at))
    assert len(detector.snapshot()) < 12_000


def test_a_series_takes_at_most_350_bytes_in_a_snapshot() -> None:
    detector = trained(days=9)
    detector.advance(MONDAY + timedelta(days=9, hours=4))
    series = 2 + len(detector.account.kinds)
    assert max(COUNTS.itemsize, FAILURES.itemsize) <= 350
    assert len(detector.snapshot()) <= 350 * series


@settings(max_examples=15, deadline=None)
@given(
    events=st.lists(
        st.tuples(
            st.timedeltas(timedelta(days=-9_000), timedelta(days=60_000)),
            st.floats(0, 1e9),
            st.booleans(),
            st.text(max_size=5),
        ),
        max_size=30,
    )
)
def test_extreme_times_and_volumes_never_raise_and_always_restore(events: list[Any]) -> None:
    detector = UsageDetector("acme")
    for n, (after, quantity, failed, kind) in enumerate(events):
        detector.observe(UsageEvent(f"e{n}", "acme", kind, MONDAY + after, quantity, failed))
        data = detector.snapshot()
        assert UsageDetector.restore(data).snapshot() == data


def test_the_largest_volumes_for_weeks_never_raise_and_restore() -> None:
    detector = UsageDetector("acme")
    for n in range(40 * 24):
        at = MONDAY + timedelta(hours=n)
        quantity = 1e9 if (n // 24) % 9 else 0.0
        detector.observe(UsageEvent(f"a{n}", "acme", "k", at, quantity))
        detector.observe(UsageEvent(f"b{n}", "acme", "k", at, quantity, failed=n % 5 == 0))
    data = detector.snapshot()
    assert UsageDetector.restore(data).snapshot() == data


@settings(max_examples=30, deadline=None)
@given(at=st.integers(0, 4_000), value=st.integers(0, 255))
def test_damaged_bytes_are_refused_or_mean_the_same_state(at: int, value: int) -> None:
    damaged = bytearray(INTACT)
    damaged[at % len(INTACT)] = value
    with contextlib.suppress(ValueError):
        assert UsageDetector.restore(bytes(damaged)).snapshot() == INTACT


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_with_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        UsageDetector.restore(data)


def broken_account(**changes: Any) -> bytes:
    state = packing.decode_state(INTACT)
    return packing.encode_state(
        msgspec.structs.replace(state, account=msgspec.structs.replace(state.account, **changes))
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"next_hour": -1},
        {"next_hour": 2**39},
        {"kinds": ("only one",)},
        {"counts": b"123"},
        {"counts": b""},
        {"failures": b""},
        {"turn": 24},
        {"stops": 2**24},
    ],
)
def test_an_account_out_of_range_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        UsageDetector.restore(broken_account(**changes))


@pytest.mark.parametrize("changes", [{"floor": 2**39}, {"open": {5: packing.BucketState({}, 0, b"123")}}])
def test_a_state_out_of_range_is_refused(changes: dict[str, Any]) -> None:
    broken = packing.encode_state(msgspec.structs.replace(packing.decode_state(INTACT), **changes))
    with pytest.raises(ValueError, match="snapshot"):
        UsageDetector.restore(broken)


@pytest.mark.parametrize(
    ("name", "value"), [("level", np.nan), ("level", np.inf), ("phi", -1.0), ("shape", 7e4)]
)
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
def test_a_row_with_an_impossible_number_is_refused(name: str, value: float) -> None:
    rows = np.frombuffer(packing.decode_state(INTACT).account.counts, COUNTS).copy()
    rows[name][0] = value
    with pytest.raises(ValueError, match="snapshot"):
        UsageDetector.restore(broken_account(counts=rows.tobytes()))


@pytest.mark.parametrize(
    "changes",
    [{"alerts_per_month": 0.0}, {"alerts_per_month": 31.0}, {"rest_days": -1.0}, {"lateness_minutes": -1}],
)
def test_a_policy_that_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        UsagePolicy(**changes)
