"""A fault of our code on one account's detector costs that account its past, and costs no other account."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from detectors.usage import UsagePolicy
from detectors.usage.counter import UsageCounter
from detectors.usage.counts.rows import COUNTS
from schemas import Anomaly, UsageEvent
from streams.cli.zero_series import start_at_zero
from streams.consume import Failed
from streams.kafka.topics import USAGE, USAGE_EVENTS
from streams.process.errors import Fatal
from streams.process.metrics import Metrics
from streams.usage.handler import handle
from streams.usage.sealing import WATERMARK_KEY
from streams.usage.states import MAX_ISOLATED, PartitionDetectors
from tests.detectors.support.usage_streams import MONDAY, hourly
from tests.streams.support.irregular_usage import faults_of, irregular_stream, shared_partition
from tests.streams.support.rig import Record, Rig, chunk_of
from tests.streams.support.samples import rows, work_off
from tests.streams.usage.test_handler import claim, handler, states

POLICY = UsagePolicy()
FAULTS = [ValueError("x"), TypeError("x"), OverflowError("x"), ZeroDivisionError("x"), AssertionError("x")]
RATES = {"api.call": 60.0}


def mixed(days: int = 12) -> list[UsageEvent]:
    """Events of three accounts in order of time; `ill` stops after eight days."""
    events = [event for seed, name in enumerate(("a", "b")) for event in of(name, days, seed)]
    return sorted([*events, *of("ill", 8, 7)], key=lambda event: (event.occurred_at, event.account_id))


def of(account_id: str, days: int, seed: int) -> list[UsageEvent]:
    return hourly(account_id, days=days, seed=seed, rates=RATES)


EVENTS = mixed()


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Exception, Callable[[Any], bool]], None]:
    """Let a method of the detectors of `ill` raise if a condition on its argument is true."""

    def plant(method: str, error: Exception, when: Callable[[Any], bool]) -> None:
        genuine: Any = getattr(UsageCounter, method)

        def failing(self: UsageCounter, *arguments: Any) -> Any:
            if self.account_id.startswith("ill") and when(*arguments or [None]):
                raise error
            return genuine(self, *arguments)

        monkeypatch.setattr(UsageCounter, method, failing)

    return plant


def others(partition: PartitionDetectors) -> dict[str, Any]:
    """What the other accounts counted; how odd that was depends a little on all accounts of a segment."""
    return {name: counted(detector) for name, detector in partition.detectors.items() if name != "ill"}


def counted(detector: UsageCounter) -> tuple[int, int, list[list[float]]]:
    account = detector.account
    return account.events, account.last_event, np.frombuffer(account.counts, COUNTS)["days"].tolist()


@cache
def without_faults() -> tuple[dict[str, Any], list[Anomaly]]:
    partition = PartitionDetectors()
    _, anomalies = handle(partition, EVENTS, POLICY)
    return others(partition), [anomaly for anomaly in anomalies if anomaly.account_id != "ill"]


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(200_000, 10**9))
def test_no_valid_stream_makes_our_code_fail(seed: int) -> None:
    """The long sweep is `python -m tests.benchmarks.irregular_streams`."""
    assert faults_of(irregular_stream(seed)) == []
    assert faults_of(shared_partition(range(seed, seed + 20))) == []


@pytest.mark.parametrize("seed", [21, 52, 64, 412, 420, 488, 493, 616])
def test_streams_that_once_failed_at_an_anomaly_are_handled(seed: int) -> None:
    assert faults_of(irregular_stream(seed)) == []


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_after_a_fault_on_an_event_a_fresh_detector_counts_the_event(planted: Any, error: Exception) -> None:
    left = [3]

    def some(event: UsageEvent) -> bool:
        left[0] -= event.occurred_at > MONDAY + timedelta(days=5)
        return left[0] == 0

    expected, found = without_faults()
    planted("count", error, some)
    partition = PartitionDetectors()
    outcomes, anomalies = handle(partition, EVENTS, POLICY)
    assert outcomes == [None] * len(EVENTS)
    assert others(partition) == expected
    assert [anomaly for anomaly in anomalies if anomaly.account_id != "ill"] == found
    failed = partition.take_failed()
    assert list(failed) == ["ill"]
    assert failed["ill"].stage == "observe"
    assert failed["ill"].state
    assert failed["ill"].reason.startswith(type(error).__name__)


def test_an_account_whose_every_event_fails_gets_dead_letters_that_pause_nothing(planted: Any) -> None:
    expected, found = without_faults()
    planted("count", TypeError("x"), lambda event: event.occurred_at > MONDAY + timedelta(days=5))
    partition = PartitionDetectors()
    outcomes, anomalies = handle(partition, EVENTS, POLICY)
    letters = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    assert len(letters) >= 30
    assert {(outcome.reason, outcome.is_isolated) for outcome in letters} == {("handler_error", True)}
    assert (others(partition), [anomaly for anomaly in anomalies if anomaly.account_id != "ill"]) == (
        expected,
        found,
    )
    assert set(partition.take_failed()) == {"ill"}


def test_an_account_whose_next_time_fails_gets_dead_letters_that_pause_nothing(planted: Any) -> None:
    expected, found = without_faults()
    planted("next_due", KeyError("x"), lambda _: True)
    partition = PartitionDetectors()
    outcomes, anomalies = handle(partition, EVENTS, POLICY)
    ill = [outcome for outcome, event in zip(outcomes, EVENTS, strict=True) if event.account_id == "ill"]
    assert {(outcome.reason, outcome.is_isolated) for outcome in ill} == {("handler_error", True)}
    assert outcomes.count(None) == len(EVENTS) - len(ill)
    assert (others(partition), [anomaly for anomaly in anomalies if anomaly.account_id != "ill"]) == (
        expected,
        found,
    )
    assert set(partition.take_failed()) == {"ill"}


def test_a_fault_on_many_accounts_counts_towards_the_pause_of_the_partition(planted: Any) -> None:
    planted("count", TypeError("x"), lambda event: True)
    events = [UsageEvent(f"u{n}", f"ill-{n}", "k", MONDAY + timedelta(minutes=n)) for n in range(8)]
    outcomes, _ = handle(PartitionDetectors(), events, POLICY)
    assert [outcome.is_isolated for outcome in outcomes] == [n < MAX_ISOLATED for n in range(8)]


def test_a_fault_when_the_clock_moves_affects_no_other_account_and_no_event(planted: Any) -> None:
    expected, found = without_faults()
    planted("tell", KeyError("x"), lambda at: at > MONDAY + timedelta(days=8, hours=6))
    partition = PartitionDetectors()
    outcomes, anomalies = handle(partition, EVENTS, POLICY)
    assert outcomes == [None] * len(EVENTS)
    assert others(partition) == expected
    assert [anomaly for anomaly in anomalies if anomaly.account_id != "ill"] == found
    assert {name: detector.stage for name, detector in partition.take_failed().items()} == {"ill": "advance"}
    assert "ill" not in partition.detectors
    outcomes, _ = handle(partition, [UsageEvent("new", "ill", "k", EVENTS[-1].occurred_at)], POLICY)
    assert outcomes == [None]


def test_an_account_that_comes_back_is_told_the_time_by_its_new_detector_alone(planted: Any) -> None:
    calls: list[datetime] = []

    def notes(at: datetime) -> bool:
        calls.append(at)
        return len(calls) == 1

    planted("tell", ValueError("x"), notes)
    partition = PartitionDetectors()
    first = UsageEvent("u1", "ill", "k", MONDAY)
    handle(partition, [first, UsageEvent("u2", "b", "k", MONDAY + timedelta(hours=5))], POLICY)
    again = [UsageEvent(f"u{n}", "ill", "k", MONDAY + timedelta(hours=n)) for n in (5, 6)]
    assert handle(partition, again, POLICY)[0] == [None, None]
    booked = [account_id for when, account_id in partition.due if partition.booked[account_id] == when]
    assert sorted(booked) == ["b", "ill"]


def test_after_a_fault_in_a_judgement_a_fresh_detector_goes_on_with_the_open_hours(planted: Any) -> None:
    expected, found = without_faults()
    left = [60]

    def once(_: Any) -> bool:
        left[0] -= 1
        return left[0] in (0, -1)

    planted("pull", ZeroDivisionError("x"), once)
    partition = PartitionDetectors()
    outcomes, anomalies = handle(partition, EVENTS, POLICY)
    assert outcomes == [None] * len(EVENTS)
    assert others(partition) == expected
    assert [anomaly for anomaly in anomalies if anomaly.account_id != "ill"] == found
    failed = partition.take_failed()
    assert {name: detector.stage for name, detector in failed.items()} == {"ill": "advance"}
    assert 0 < partition.detectors["ill"].account.events


def test_a_state_that_cannot_be_packed_is_set_aside_and_the_others_are_saved(planted: Any) -> None:
    planted("snapshot", OverflowError("x"), lambda _: True)
    partition = PartitionDetectors()
    handle(partition, EVENTS, POLICY)
    assert set(partition.save()) == {"a", "b", WATERMARK_KEY}
    failed = partition.take_failed()
    assert {name: (detector.stage, detector.state) for name, detector in failed.items()} == {
        "ill": ("save", b"")
    }


@pytest.mark.parametrize("error", [MemoryError(), Fatal("x")], ids=["memory", "fatal"])
@pytest.mark.parametrize("method", ["count", "tell", "snapshot"])
def test_a_fatal_error_does_not_count_as_a_fault_of_one_account(
    planted: Any, method: str, error: Exception
) -> None:
    partition = PartitionDetectors()

    def handle_and_save() -> None:
        handle(partition, EVENTS, POLICY)
        partition.save()

    planted(method, error, lambda _: True)
    with pytest.raises(type(error)):
        handle_and_save()
    assert partition.failed == {}


def test_a_detector_set_aside_is_stored_logged_and_counted(
    tables: Engine, planted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    start_at_zero(metrics, USAGE)
    value = metrics.registry.get_sample_value
    name = "rapport_detectors_set_aside_total"
    assert [value(name, {"stage": stage}) for stage in ("observe", "advance", "save")] == [0, 0, 0]
    usage = handler(metrics)
    claim(usage, tables)
    work_off(tables, usage, EVENTS[:300])
    before = states(tables)["ill"]
    secret = "what the customer said"
    planted("count", ValueError(secret), lambda event: event.event_id == "boom")
    at = EVENTS[299].occurred_at
    events = [UsageEvent("boom", "ill", "k", at), UsageEvent("fine", "a", "k", at)]
    with caplog.at_level(logging.ERROR):
        ran = work_off(tables, usage, events)
    assert isinstance(ran.outcomes[0][0], Failed)
    assert ran.outcomes[0][1] is None
    ((account_id, state, error),) = rows(tables, "SELECT account_id, state, error FROM corrupt_states")
    assert (account_id, bytes(state)) == ("ill", before)
    assert error.startswith("ValueError in test_isolation.py, failing")
    assert set(states(tables)) == {"a", "b", WATERMARK_KEY}
    assert value(name, {"stage": "observe"}) == 1
    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert secret not in f"{line.getMessage()} {vars(line)['reason']}"


def test_a_restart_after_a_detector_was_set_aside_continues_with_the_fresh_detector(
    tables: Engine, planted: Any
) -> None:
    usage = handler()
    claim(usage, tables)
    work_off(tables, usage, EVENTS[:300])
    left = [1]

    def once(event: UsageEvent) -> bool:
        left[0] -= 1
        return left[0] == 0

    planted("count", ValueError("x"), once)
    work_off(tables, usage, EVENTS[300:500])
    second = handler()
    claim(second, tables)
    work_off(tables, second, EVENTS[500:])
    partition = PartitionDetectors()
    left[0] = 1 + sum(event.account_id == "ill" for event in EVENTS[:300])
    outcomes, _ = handle(partition, EVENTS, POLICY)
    assert outcomes == [None] * len(EVENTS)
    expected = partition.save()
    assert states(tables) == expected


def test_a_partition_goes_on_while_most_of_its_events_fail_on_one_account(
    tables: Engine, planted: Any
) -> None:
    """Through the whole pipeline: fates add up, other accounts count, nothing is paused."""
    planted("count", TypeError("x"), lambda event: True)
    names = ["ill" if number % 4 else "fine" for number in range(1_200)]
    events = [
        UsageEvent(f"u{number}", name, "k", MONDAY + timedelta(minutes=number))
        for number, name in enumerate(names)
    ]
    records = [
        Record(place, msgspec.json.encode(event), topic=USAGE_EVENTS, key=event.account_id.encode())
        for place, event in enumerate(events)
    ]
    metrics = Metrics()
    rig = Rig(tables, handler=handler(metrics), metrics=metrics)
    rig.play(*(chunk_of(records[start : start + 100]) for start in range(0, len(records), 100)))
    columns = "next_offset, effects, duplicates, late, dead_letters, paused_at"
    assert rig.rows(f"SELECT {columns} FROM partition_progress") == [(1_200, 300, 0, 0, 900, None)]
    assert rig.rows("SELECT DISTINCT reason, key FROM dead_letters") == [("handler_error", b"ill")]
    assert set(states(tables)) == {"fine", WATERMARK_KEY}
