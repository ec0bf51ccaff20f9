"""Usage streams as no simulator of office days makes them: valid all of them, and irregular in every way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import accumulate
from random import Random

import msgspec

from detectors.usage import UsagePolicy
from schemas.usage import Anomaly, UsageEvent
from streams.consume import Failed
from streams.usage.handler import handle
from streams.usage.sealing import WATERMARK_KEY, sealed
from streams.usage.states import PartitionDetectors
from tests.detectors.support.usage_streams import MONDAY

CROWD_SHARE = 0.0005
"""Share of streams with thousands of accounts instead of a few."""

_CROWD = 1_000
"""Accounts from which a stream is a crowd."""

_DAY_MINUTES = 24 * 60
_EVENTS = 400

_CLOCK = "clock"
_CLOCK_DAYS = (0, 3, 60)
"""Days for which the time goes on after the last event: none, some, or until every account sleeps."""


@dataclass(frozen=True)
class Regime:
    """How one kind of one account behaves for some days: events a day, their size, and the hours it keeps."""

    events_a_day: float
    quantity: float
    from_minute: int
    to_minute: int
    weekend: float

    def sizes(self, chance: Random) -> float:
        """Return the quantity of one event: around the regime's, now and then zero or the most allowed."""
        odd = chance.random()
        if odd < 0.02:
            return chance.choice((0.0, 1e-9, 1e9, 5e-7))
        return min(1e9, self.quantity * chance.choice((1.0, 1.0, chance.lognormvariate(0.0, 1.0))))


def irregular_stream(seed: int) -> list[UsageEvent]:
    """Return the valid events of one partition, in the order of arrival: a few accounts, rarely thousands.

    Each account has up to 40 kinds. Each kind changes its regime at times of its own: it starts, stops, grows
    or falls a thousandfold, keeps other hours, fails. Whole accounts pause for days or months. Some events
    come twice, out of order or hours late.
    """
    chance = Random(seed)
    accounts, days = _size(chance)
    is_crowd = accounts >= _CROWD
    events = [
        event
        for number in range(accounts)
        for event in _account(chance, f"a{number}", days, budget=5 if is_crowd else _EVENTS // accounts)
    ]
    return _arrivals(chance, events, days)


def _size(chance: Random) -> tuple[int, int]:
    is_crowd = chance.random() < CROWD_SHARE
    accounts = chance.randrange(_CROWD, 3_000) if is_crowd else chance.choice((1, 1, 1, 2, 3))
    return accounts, chance.randrange(9, 60)


def days_of(seed: int) -> int:
    """Return how many days an irregular stream lasts; streams of a length share a partition best."""
    return _size(Random(seed))[1]


def shared_partition(seeds: Iterable[int]) -> list[UsageEvent]:
    """Return the irregular streams of these seeds as one partition: each keeps its order and its accounts.

    Their accounts become `s<seed>-<account>`. An event arrives when the latest event before it in its own
    stream happened, so that the streams share one course of time, and one clock after the last event.
    """
    seeds = list(seeds)
    events = [event for _, event in merge(*(_timed(seed) for seed in seeds), key=lambda pair: pair[0])]
    end = max(event.occurred_at for event in events)
    return events + _ticks(end, Random(seeds[0]).choice(_CLOCK_DAYS))


def _timed(seed: int) -> Iterator[tuple[datetime, UsageEvent]]:
    events = [event for event in irregular_stream(seed) if event.account_id != _CLOCK]
    times = accumulate((event.occurred_at for event in events), max)
    for at, event in zip(times, events, strict=True):
        yield at, msgspec.structs.replace(event, account_id=f"s{seed}-{event.account_id}")


def _account(chance: Random, account_id: str, days: int, *, budget: int) -> Iterator[UsageEvent]:
    kinds = [f"k{n}" for n in range(chance.choice((1, 2, 3, 3, 4, 6, 8, 40)))]
    gaps = [_gap(chance, days) for _ in range(chance.choice((0, 0, 1, 2)))]
    for kind in kinds:
        failing = chance.random() < 0.15
        for number, minute, quantity in _kind(chance, days, budget=budget / len(kinds)):
            if not any(begin <= minute < end for begin, end in gaps):
                at = MONDAY + timedelta(minutes=minute)
                failed = failing and chance.random() < 0.7
                yield UsageEvent(f"{account_id}-{kind}-{number}", account_id, kind, at, quantity, failed)


def _gap(chance: Random, days: int) -> tuple[float, float]:
    begin = chance.uniform(0, days) * _DAY_MINUTES
    return begin, begin + chance.choice((0.3, 1.0, 2.5, 7.0, 14.0, 45.0)) * _DAY_MINUTES


def _kind(chance: Random, days: int, *, budget: float) -> Iterator[tuple[int, float, float]]:
    """Yield (number, minute, quantity) of one kind's events over all its regimes."""
    number, regime, until = 0, _regime(chance, budget / days), 0
    for day in range(days):
        if day >= until:
            regime, until = _regime(chance, budget / days), day + chance.choice((1, 3, 8, 12, 20, 60))
        rate = regime.events_a_day * (regime.weekend if day % 7 >= 5 else 1.0)
        for _ in range(int(rate + chance.random())):
            minute = day * _DAY_MINUTES + chance.uniform(regime.from_minute, regime.to_minute)
            yield number, minute, regime.sizes(chance)
            number += 1


def _regime(chance: Random, mean_events: float) -> Regime:
    begin = chance.randrange(0, _DAY_MINUTES - 60)
    return Regime(
        events_a_day=mean_events * chance.choice((0.0, 0.2, 1.0, 1.0, 2.0)),
        quantity=10.0 ** chance.uniform(-1.0, chance.choice((2.0, 3.0, 8.5))),
        from_minute=begin,
        to_minute=chance.choice((begin + 60, _DAY_MINUTES)),
        weekend=chance.choice((0.0, 0.1, 1.0, 1.0, 3.0)),
    )


def _arrivals(chance: Random, events: Sequence[UsageEvent], days: int) -> list[UsageEvent]:
    """Put the events in the order of arrival: most in time, some late, some twice; the clock runs on."""
    delays = (0.0, 0.0, 0.0, 9.0, 30.0, 600.0)
    late = chance.choice((0.0, 0.1))
    twice = chance.choice((0.0, 0.05))
    arriving = []
    for event in events:
        for _ in range(2 if chance.random() < twice else 1):
            delay = chance.choice(delays) if chance.random() < late else 0.0
            arriving.append((event.occurred_at + timedelta(minutes=delay), event))
    arriving.sort(key=lambda pair: (pair[0], pair[1].event_id))
    end = MONDAY + timedelta(days=days)
    return [event for _, event in arriving] + _ticks(end, chance.choice(_CLOCK_DAYS))


def _ticks(end: datetime, days: int) -> list[UsageEvent]:
    """Return one event of the account `clock` a day, from `end` on."""
    return [UsageEvent(f"tick-{day}", _CLOCK, "tick", end + timedelta(days=day), 1.0) for day in range(days)]


def faults_of(events: Sequence[UsageEvent]) -> list[str]:
    """Handle the events as the usage group does; return what went wrong, in words: nothing should.

    No event fails, no detector is set aside, every anomaly says what its numbers say and began with the
    stream or later, and every state is restored as it was.
    """
    partition = PartitionDetectors()
    outcomes, anomalies = handle(partition, events, UsagePolicy())
    faults = [
        f"{event.account_id}: {outcome.error}"
        for event, outcome in zip(events, outcomes, strict=True)
        if isinstance(outcome, Failed)
    ]
    faults += [f"{account_id}: {one.reason}" for account_id, one in partition.failed.items()]
    faults += [
        f"{one.account_id}: {one.cause} of {one.metric}: {one.summary}"
        for one in anomalies
        if not _is_plausible(one)
    ]
    for account_id, state in partition.save().items():
        if account_id != WATERMARK_KEY and _again(account_id, state) != state:
            faults.append(f"{account_id}: a restored state is another one")
    return faults


def _is_plausible(anomaly: Anomaly) -> bool:
    sign = 1.0 if anomaly.cause == "error_surge" else -1.0
    began = MONDAY - timedelta(days=1) <= anomaly.started_at <= anomaly.detected_at
    return began and sign * (anomaly.observed - anomaly.expected) > 0.0 and sign * anomaly.deviation > 0.0


def _again(account_id: str, state: bytes) -> bytes:
    fresh = PartitionDetectors()
    fresh.load([(account_id, state)])
    detector = fresh.open(account_id)
    return b"" if detector is None else sealed(detector)
