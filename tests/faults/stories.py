"""Usage of some accounts over 17 days, with a drop in a few: enough for anomalies and churn alerts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from schemas import UsageEvent
from tests.faults.inputs import START, Message

DAYS = 17
STEP = timedelta(minutes=4)
FALLS_AFTER = timedelta(days=14)
FALL_APART = timedelta(hours=5)
"""Time between the drops of different accounts, so that they do not count as one incident."""


def usage_story(accounts: int, *, falling: int = 3, days: int = DAYS) -> list[UsageEvent]:
    """Return all events in time order; the first `falling` accounts lose most of their activity."""
    steps = int(timedelta(days=days) / STEP)
    return [_event(step, number, falling) for step in range(steps) for number in range(accounts)]


def _event(step: int, number: int, falling: int) -> UsageEvent:
    at = START + step * STEP + timedelta(seconds=number)
    fell = number < falling and at > START + FALLS_AFTER + number * FALL_APART
    quantity = 0.2 if fell else 2.0 + (step * 7 + number) % 3
    return UsageEvent(f"s{number}-{step}", f"story-{number}", "task.labelled", at, quantity)


def shuffled(events: Sequence[UsageEvent], *, within: timedelta, seed: int) -> list[UsageEvent]:
    """Return the events in the order of their arrival after random delays of up to `within`."""
    chance = Random(seed)
    arrival = {event.event_id: event.occurred_at + within * chance.random() for event in events}
    return sorted(events, key=lambda event: arrival[event.event_id])


def message(event: UsageEvent) -> Message:
    """Return an event as a record of the topic."""
    return event.account_id.encode(), msgspec.json.encode(event)


def moved(event: UsageEvent, event_id: str, at: datetime) -> UsageEvent:
    """Return a copy of the event with another id and another time."""
    return UsageEvent(event_id, event.account_id, event.kind, at, event.quantity)
