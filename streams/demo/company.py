"""The sample company as one value, and its recording in the order of event time."""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from streams.demo.accounts import accounts, plant
from streams.demo.knowledge import articles, macros, solved
from streams.demo.model import RECORDED, Company
from streams.demo.tickets import answerable, tickets
from streams.demo.usage import usage_events

Played = tuple[str, str, bytes, datetime]


def company(seed: int, *, end: datetime) -> Company:
    """Return the sample company; a pure function of the seed and `end`.

    `end` is the event time at which the two recorded weeks end. The recording lasts 14 days and ends
    at the full hour at or before `end`. Raises ValueError if `end` is naive.

    >>> sample = company(7, end=datetime(2026, 11, 16, tzinfo=UTC))
    >>> len(sample.accounts), sample.start.isoformat()
    (216, '2026-11-02T00:00:00+00:00')
    """
    if end.utcoffset() is None:
        raise ValueError("end must be an aware time")
    until = end.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    start = until - RECORDED
    customers = accounts(seed, end=until)
    sample = Company(
        seed=seed,
        start=start,
        end=until,
        accounts=customers,
        articles=articles(until),
        macros=macros(until),
        solved=solved(until, customers),
        planted=plant(seed, customers, start=start, end=until),
    )
    return replace(sample, answerable=answerable(sample, seed))


def recorded(sample: Company, seed: int, *, tickets_topic: str, usage_topic: str) -> Iterator[Played]:
    """Yield (topic, key, value, event time) of all tickets and usage events, by event time.

    Keys are account ids; values are UTF-8 JSON, as on the topics.
    """
    said = ((tickets_topic, t.account_id, t.to_bytes(), t.occurred_at) for t in tickets(sample, seed))
    encode = msgspec.json.Encoder().encode
    done = ((usage_topic, u.account_id, encode(u), u.occurred_at) for u in usage_events(sample, seed))
    yield from heapq.merge(said, done, key=lambda played: played[3])
