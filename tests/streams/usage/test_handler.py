"""The usage group without Kafka: events in, states and anomalies out; the ends of batches alter nothing."""

from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.usage import UsagePolicy
from responders.store import signals
from schemas import Anomaly, UsageEvent
from streams.consume import Dropped, Failed
from streams.kafka.topics import USAGE_EVENTS
from streams.process.metrics import Metrics
from streams.usage.handler import UsageHandler, handle
from streams.usage.sealing import WATERMARK_KEY, clock_of, seal_clock, sealed
from streams.usage.states import PartitionDetectors
from tests.detectors.support.usage_streams import MONDAY, hourly
from tests.streams.support.samples import TOLERANCE, rows, work_off

POLICY = UsagePolicy()
RATES = {"task.labelled": 400.0, "api.call": 200.0}


def leaves(day: float, kind: str) -> float:
    return 0.0 if day >= 9 else 1.0


def fails(day: float, kind: str) -> float:
    return 25.0 if kind == "training.failed" and 10.4 <= day < 10.7 else 1.0


def steady(day: float, kind: str) -> float:
    return 1.0


@lru_cache(maxsize=1)
def stream() -> tuple[UsageEvent, ...]:
    """Two weeks of three accounts in order of time: one leaves, one has a surge, one stays."""
    changes = {"leaver": leaves, "failer": fails, "stayer": steady}
    events = [
        event
        for seed, (account_id, change) in enumerate(changes.items())
        for event in hourly(account_id, days=14, seed=seed, change=change, rates=RATES)
    ]
    return tuple(sorted(events, key=lambda event: (event.occurred_at, event.account_id, event.event_id)))


def packed(partition: PartitionDetectors) -> dict[str, bytes]:
    return {
        account_id: sealed(detector) for account_id, detector in partition.detectors.items()
    } | partition.sealed


def restored(partition: PartitionDetectors) -> PartitionDetectors:
    """The partition as another worker would load it."""
    fresh, clock = PartitionDetectors(), seal_clock(partition.watermark, partition.budget)
    assert fresh.load([*packed(partition).items(), (WATERMARK_KEY, clock)]) == {}
    return fresh


def told(anomalies: list[Anomaly]) -> list[tuple[str, str, Any]]:
    return sorted((anomaly.account_id, anomaly.cause, anomaly.detected_at) for anomaly in anomalies)


@lru_cache(maxsize=1)
def in_one_batch() -> tuple[list[tuple[str, str, Any]], dict[str, bytes]]:
    partition = PartitionDetectors()
    _, anomalies = handle(partition, stream(), POLICY)
    return told(anomalies), packed(partition)


def test_silence_is_found_by_the_events_of_other_accounts() -> None:
    found, _ = in_one_batch()
    assert {(account_id, cause) for account_id, cause, _ in found} == {
        ("failer", "error_surge"),
        ("leaver", "silence"),
    }
    last = max(event.occurred_at for event in stream() if event.account_id == "leaver")
    silence = next(at for account_id, _, at in found if account_id == "leaver")
    assert last < silence < last + timedelta(days=5)


def test_an_account_alone_in_its_partition_is_never_silent_because_its_clock_stops() -> None:
    alone = [event for event in stream() if event.account_id == "leaver"]
    _, anomalies = handle(PartitionDetectors(), alone, POLICY)
    assert anomalies == []


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cuts=st.lists(st.integers(1, len(stream()) - 1), max_size=12, unique=True),
    crashes=st.sets(st.integers(0, 12)),
)
def test_batch_ends_and_worker_changes_alter_nothing(cuts: list[int], crashes: set[int]) -> None:
    edges = [0, *sorted(cuts), len(stream())]
    partition, found = PartitionDetectors(), []
    for number, (start, end) in enumerate(pairwise(edges)):
        outcomes, anomalies = handle(partition, stream()[start:end], POLICY)
        assert outcomes == [None] * (end - start)
        found += anomalies
        partition.changed.clear()
        if number in crashes:
            partition = restored(partition)
    anomalies_of_one, states_of_one = in_one_batch()
    assert told(found) == anomalies_of_one
    assert packed(partition) == states_of_one


def test_a_duplicate_and_a_late_event_are_dropped_by_name() -> None:
    first = UsageEvent("u1", "a", "api.call", MONDAY + timedelta(hours=1))
    later = UsageEvent("u2", "a", "api.call", MONDAY + timedelta(days=3))
    late = UsageEvent("u3", "a", "api.call", MONDAY + timedelta(hours=2))
    outcomes, _ = handle(PartitionDetectors(), [first, first, later, late], POLICY)
    assert outcomes == [None, Dropped("duplicate"), None, Dropped("late")]


@pytest.mark.parametrize("account_id", ["a\x00b", "\ud800", "x\udfff"])
def test_an_account_that_sql_cannot_store_fails_alone(account_id: str) -> None:
    bad = UsageEvent("u1", account_id, "api.call", MONDAY)
    good = UsageEvent("u2", "a", "api.call", MONDAY)
    partition = PartitionDetectors()
    outcomes, _ = handle(partition, [bad, good], POLICY)
    assert isinstance(outcomes[0], Failed)
    assert outcomes[0].reason == "invalid_record"
    assert account_id not in outcomes[0].error
    assert outcomes[1] is None
    assert list(partition.detectors) == ["a"]


@pytest.mark.parametrize("year", [1, 1970, 1999, 2200, 9999])
def test_an_event_of_an_impossible_year_fails_alone(year: int) -> None:
    bad = UsageEvent("u1", "a", "api.call", MONDAY.replace(year=year))
    good = UsageEvent("u2", "a", "api.call", MONDAY)
    outcomes, _ = handle(PartitionDetectors(), [good, bad, good], POLICY)
    assert outcomes[0] is None
    assert isinstance(outcomes[1], Failed)
    assert outcomes[2] == Dropped("duplicate")


def handler(metrics: Metrics | None = None) -> UsageHandler:
    return UsageHandler(metrics=metrics or Metrics(), tolerance=TOLERANCE)


def claim(usage: UsageHandler, engine: Engine, partition: int = 0) -> None:
    with Session(engine) as session:
        usage.restore(session, partition)


def states(engine: Engine, partition: int = 0) -> dict[str, bytes]:
    with Session(engine) as session:
        return dict(signals.load_detector_states(session, USAGE_EVENTS, partition))


def test_states_in_sql_equal_the_states_in_memory_and_another_worker_continues_from_them(
    tables: Engine,
) -> None:
    metrics, half = Metrics(), len(stream()) // 2
    first, second = handler(metrics), handler(metrics)
    claim(first, tables)
    work_off(tables, first, stream()[:half])
    claim(second, tables)
    work_off(tables, second, stream()[half:])
    found, expected = in_one_batch()
    stored = states(tables)
    assert clock_of(stored.pop(WATERMARK_KEY)) == stream()[-1].occurred_at
    assert stored == expected
    anomalies = rows(tables, "SELECT account_id, cause, detected_at FROM anomalies ORDER BY 1, 2, 3")
    assert anomalies == found
    outgoing = rows(tables, "SELECT topic, key FROM outbox ORDER BY key")
    expected_keys = [("customer.signals", name.encode()) for name, _, _ in found]
    assert [(topic, bytes(key)) for topic, key in outgoing] == expected_keys
    value = metrics.registry.get_sample_value
    assert value("rapport_detector_accounts") == 3
    silences = sum(cause == "silence" for _, cause, _ in found)
    assert value("rapport_anomalies_total", {"cause": "silence"}) == silences


def test_only_accounts_that_changed_are_packed_again(tables: Engine) -> None:
    usage = handler()
    claim(usage, tables)
    work_off(tables, usage, [UsageEvent("u1", "a", "api.call", MONDAY)])
    computed = usage.compute([(0, [UsageEvent("u2", "b", "api.call", MONDAY)])])
    assert computed.extra is not None
    assert set(computed.extra.states) == {(0, "b"), (0, WATERMARK_KEY)}


def test_each_partition_has_its_own_clock_and_a_lost_partition_is_freed(tables: Engine) -> None:
    usage = handler()
    for partition in (0, 1):
        claim(usage, tables, partition)
    late = UsageEvent("u1", "a", "api.call", MONDAY + timedelta(days=30))
    computed = usage.compute([(0, [late]), (1, [UsageEvent("u2", "b", "api.call", MONDAY)])])
    assert computed.outcomes == [[None], [None]]
    usage.forget(1)
    usage.forget(7)
    with pytest.raises(KeyError):
        usage.compute([(1, [])])


def test_a_batch_that_was_never_computed_writes_nothing(tables: Engine) -> None:
    with Session(tables) as session, session.begin():
        handler().write(session, [], None)
    handler().committed([], None)
    assert states(tables) == {}
