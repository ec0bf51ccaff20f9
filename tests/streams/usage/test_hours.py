"""The hours that the usage group hands over: each once, whatever the batches, and complete by the clock."""

import random

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.churn.outages.watch import complete_until
from detectors.usage import UsagePolicy
from detectors.usage.account import UsageAccount
from detectors.usage.closed_use import closed_uses
from detectors.usage.counts.cohort import HourShares
from detectors.usage.hour_use import (
    ClosedUse,
    HourUse,
    WrongHourUseError,
    newest_uses,
    pack_uses,
    unpack_uses,
)
from responders.store import hours as store
from schemas import UsageEvent
from streams.process.metrics import Metrics
from streams.usage.handler import UsageHandler, handle
from streams.usage.states import PartitionDetectors
from tests.detectors.support.usage_streams import hourly
from tests.streams.support.samples import TOLERANCE, work_off

POLICY = UsagePolicy()


def events_of(accounts: int) -> list[UsageEvent]:
    events = [
        event
        for number in range(accounts)
        for event in hourly(f"a{number}", days=12, seed=number, rates={"task.labelled": 400.0})
    ]
    return sorted(events, key=lambda event: (event.occurred_at, event.account_id, event.event_id))


EVENTS = events_of(4)


def handed_over(batches: list[list[UsageEvent]]) -> list[ClosedUse]:
    """Return the closed hours; after each batch, none may come any more that the clock called complete."""
    partition, complete = PartitionDetectors(policy=POLICY), 0
    found: list[ClosedUse] = []
    for batch in batches:
        handle(partition, batch, POLICY)
        uses = partition.take_uses()
        assert all(closed.hour >= complete for closed in uses)
        complete = complete_until(partition.watermark)
        assert complete == int(partition.budget.cohort.until[0]) or not found
        found += uses
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_hours_are_handed_over_once_and_before_the_clock_calls_them_complete(seed: int) -> None:
    chance, batches, start = random.Random(seed), [], 0
    while start < len(EVENTS):
        size = chance.randint(1, 60)
        batches.append(EVENTS[start : start + size])
        start += size
    found = handed_over(batches)
    assert found
    assert len({(closed.hour, closed.account_id) for closed in found}) == len(found)
    assert sorted(found) == sorted(handed_over([EVENTS]))


def test_the_handler_hands_hours_over_in_the_transaction_of_the_states(tables: Engine) -> None:
    handler = UsageHandler(metrics=Metrics(), tolerance=TOLERANCE)
    with Session(tables) as session, session.begin():
        handler.restore(session, 0)
    work_off(tables, handler, EVENTS)
    with Session(tables) as session:
        first = store.next_hour(session, 0)
        assert first is not None
        [part] = store.parts_of_hour(session, first)
    assert set(unpack_uses(part)) <= {f"a{number}" for number in range(4)}


@pytest.mark.filterwarnings("error")
def test_an_account_whose_numbers_left_their_range_is_left_out_alone() -> None:
    bad = [np.nan, np.inf, 1e300, -1.0]
    observed = np.array([3.0, *bad])
    size = len(observed)
    shares = HourShares(np.full(size, 7), observed, np.full(size, 5.0), np.ones(size), np.full(size, 0.1))
    accounts = [UsageAccount(f"a{number}", next_hour=8) for number in range(size)]
    found = closed_uses(accounts, shares)
    assert [closed.account_id for closed in found] == ["a0"]
    assert unpack_uses(pack_uses(found)[7]) == {"a0": found[0].use}


def test_bytes_of_another_format_are_refused() -> None:
    with pytest.raises(WrongHourUseError):
        unpack_uses(b"\x81\xa4uses\x81\xa1a\x94\xff\x00\x00\xc2")


def test_of_too_many_closed_hours_the_newer_half_is_handed_over() -> None:
    uses = [ClosedUse(hour, "a", HourUse(1.0, 5.0, 0.1, is_odd=False)) for hour in (5, 3, 4, 2)]
    assert newest_uses(uses, most=4) == uses
    assert [use.hour for use in newest_uses(uses, most=3)] == [4, 5]
