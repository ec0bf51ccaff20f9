"""The cohort of a partition: the same for any order of events, and an outage is nobody's own trouble."""

import random
from datetime import timedelta

import pytest

from detectors.usage import UsagePolicy
from schemas.usage import Anomaly, UsageEvent
from streams.usage.handler import handle
from streams.usage.sealing import seal_clock, sealed
from streams.usage.states import PartitionDetectors
from tests.detectors.support.usage_streams import MONDAY, hourly, steady

ACCOUNTS = 8
OUTAGE_DAY, DAYS = 10, 12


def trouble(day: float, kind: str) -> float:
    return 0.0 if OUTAGE_DAY + 0.4 <= day < OUTAGE_DAY + 0.7 else 1.0


def events_of(troubled: range) -> list[UsageEvent]:
    """Return the events of all accounts; the outage meets the `troubled` ones."""
    events = [
        event
        for number in range(ACCOUNTS)
        for event in hourly(
            f"a{number}",
            days=DAYS,
            seed=number,
            change=trouble if number in troubled else steady,
            rates={"task.labelled": 500.0},
        )
    ]
    return sorted(events, key=lambda event: (event.occurred_at, event.account_id, event.event_id))


EVENTS = events_of(range(ACCOUNTS))


def run(events: list[UsageEvent], batch: int) -> tuple[dict[str, bytes], bytes, dict[str, Anomaly]]:
    """Return the states, the clock with what was learned, and the anomalies by id."""
    policy = UsagePolicy()
    partition, found = PartitionDetectors(policy=policy), []
    for start in range(0, len(events), batch):
        found += handle(partition, events[start : start + batch], policy)[1]
        partition.save()
    found += partition.advance(MONDAY + timedelta(days=DAYS + 1))
    states = {name: sealed(detector) for name, detector in partition.detectors.items()}
    return states, seal_clock(partition.watermark, partition.budget), {one.anomaly_id: one for one in found}


EXPECTED = run(EVENTS, len(EVENTS))


@pytest.mark.parametrize(("seed", "batch"), [(1, 1), (2, 7), (3, 400)])
def test_any_order_within_ten_minutes_and_any_batch_give_the_same(seed: int, batch: int) -> None:
    chance = random.Random(seed)
    late = {event.event_id: timedelta(minutes=chance.uniform(0, 9)) for event in EVENTS}
    shaken = sorted(EVENTS, key=lambda event: event.occurred_at + late[event.event_id])
    assert run(shaken, batch) == EXPECTED


def test_a_restored_partition_goes_on_alike() -> None:
    policy, half = UsagePolicy(), len(EVENTS) * 11 // 12
    partition = PartitionDetectors(policy=policy)
    handle(partition, EVENTS[:half], policy)
    again = PartitionDetectors(policy=policy)
    assert again.load(partition.save().items()) == {}
    after = [handle(each, EVENTS[half:], policy)[1] for each in (partition, again)]
    assert after[0] == after[1]
    clocks = [seal_clock(each.watermark, each.budget) for each in (partition, again)]
    assert clocks[0] == clocks[1]


def test_falls_that_all_accounts_share_are_marked_after_the_first_hour() -> None:
    falls = [one for one in EXPECTED[2].values() if one.cause != "error_surge"]
    began = MONDAY + timedelta(days=OUTAGE_DAY)
    assert {one.account_id for one in falls} == {f"a{number}" for number in range(ACCOUNTS)}
    assert all(began <= one.detected_at < began + timedelta(days=1) for one in falls)
    first = min(one.detected_at for one in falls)
    assert all(one.shared for one in falls if one.detected_at > first + timedelta(hours=1))


def test_a_fall_of_one_account_is_its_own() -> None:
    falls = [one for one in run(events_of(range(1)), 500)[2].values() if one.account_id == "a0"]
    assert [one.shared for one in falls] == [False]
