"""Order, duplicates, restarts: the same events give the same anomalies in any order of arrival."""

import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.usage import UsageDetector, UsagePolicy
from schemas.usage import Anomaly, UsageEvent
from tests.detectors.support.usage_streams import MONDAY, hourly

WIDE = UsagePolicy(lateness_minutes=90)
RATES = {"task.labelled": 300.0, "api.call": 90.0}


def trouble(day: float, kind: str) -> float:
    if kind == "training.failed":
        return 30.0 if int(day) == 9 else 1.0
    return 0.1 if day >= 10 else 1.0


EVENTS = hourly(days=14, seed=3, change=trouble, rates=RATES)
END = MONDAY + timedelta(days=15)


def run(events: list[UsageEvent], policy: UsagePolicy = WIDE) -> tuple[list[Anomaly], bytes]:
    detector = UsageDetector("acme", policy)
    found = [anomaly for event in events for anomaly in detector.observe(event).anomalies]
    found += detector.advance(END)
    return found, detector.snapshot()


EXPECTED = run(EVENTS)


def shaken(seed: int, minutes: float) -> list[UsageEvent]:
    """Return the events in an order in which none is more than `minutes` older than the latest."""
    rng = random.Random(seed)
    delays = {event.event_id: timedelta(minutes=rng.uniform(0, minutes)) for event in EVENTS}
    return sorted(EVENTS, key=lambda event: event.occurred_at + delays[event.event_id])


def test_the_stream_of_these_tests_has_more_than_one_anomaly() -> None:
    assert {anomaly.cause for anomaly in EXPECTED[0]} == {"error_surge", "drop"}


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_order_within_the_lateness_gives_the_same_anomalies_and_state(seed: int) -> None:
    assert run(shaken(seed, 89)) == EXPECTED


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0.0, 1.0))
def test_duplicates_change_nothing(seed: int, share: float) -> None:
    rng = random.Random(seed)
    doubled = [event for event in EVENTS for _ in range(2 if rng.random() < share else 1)]
    assert run(doubled) == EXPECTED


@settings(max_examples=6, deadline=None)
@given(at=st.integers(0, len(EVENTS)), again=st.integers(0, len(EVENTS)))
def test_a_restored_detector_continues_exactly_like_the_first(at: int, again: int) -> None:
    detector = UsageDetector("acme", WIDE)
    found: list[Anomaly] = []
    for index, event in enumerate(EVENTS):
        if index in (at, again):
            data = detector.snapshot()
            detector = UsageDetector.restore(data, WIDE)
            assert detector.snapshot() == data
        found += detector.observe(event).anomalies
    found += detector.advance(END)
    assert (found, detector.snapshot()) == EXPECTED


@settings(max_examples=4, deadline=None)
@given(hours=st.lists(st.integers(0, 14 * 24), max_size=30))
def test_advancing_to_times_that_events_have_reached_changes_nothing(hours: list[int]) -> None:
    marks = sorted(MONDAY + timedelta(hours=hour) for hour in hours)
    detector = UsageDetector("acme", WIDE)
    found: list[Anomaly] = []
    for event in EVENTS:
        while marks and marks[0] <= event.occurred_at:
            found += detector.advance(marks.pop(0))
        found += detector.observe(event).anomalies
    found += detector.advance(END)
    assert (found, detector.snapshot()) == EXPECTED


def test_an_event_of_a_judged_bucket_is_late_and_changes_nothing() -> None:
    detector = UsageDetector("acme", WIDE)
    for event in EVENTS[:500]:
        detector.observe(event)
    before = detector.snapshot()
    late = msgspec.structs.replace(EVENTS[0], event_id="another")
    assert detector.observe(late).fate == "late"
    assert detector.snapshot() == before


def test_a_repeated_id_in_an_open_bucket_is_a_duplicate_also_after_a_restart() -> None:
    detector = UsageDetector("acme")
    assert detector.observe(EVENTS[0]).fate == "counted"
    assert detector.observe(EVENTS[0]).fate == "duplicate"
    assert UsageDetector.restore(detector.snapshot()).observe(EVENTS[0]).fate == "duplicate"


def test_next_due_is_the_first_time_at_which_advance_changes_something() -> None:
    detector = UsageDetector("acme")
    assert detector.next_due() is None
    for event in EVENTS[:900]:
        detector.observe(event)
    due = detector.next_due()
    assert due is not None
    before = detector.snapshot()
    detector.advance(due)
    assert detector.snapshot() != before


@pytest.mark.parametrize("step", [1, 7])
def test_advancing_only_when_due_finds_what_constant_advancing_finds(step: int) -> None:
    lazy, eager = UsageDetector("acme"), UsageDetector("acme")
    for event in EVENTS[:1200:step]:
        lazy.observe(event)
        eager.observe(event)
    found: list[list[Anomaly]] = [[], []]
    for hour in range(12 * 24, 60 * 24):
        at = MONDAY + timedelta(hours=hour)
        due = lazy.next_due()
        if due is not None and due <= at:
            found[0] += lazy.advance(at)
        found[1] += eager.advance(at)
    assert found[0] == found[1]
    assert lazy.next_due() is None
