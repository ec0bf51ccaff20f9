"""The usage group: one online detector per account, kept in memory, saved with the next offset."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from detectors.usage import UsageDetector, UsagePolicy
from responders.store import outbox, signals
from schemas import Anomaly, UsageEvent
from schemas.base import clean_text
from streams.consume import Dropped, Failed, Ran, RawRecord
from streams.decode import UsageDecoder, check_key, check_time
from streams.metrics import Metrics
from streams.topics import SIGNALS, USAGE, USAGE_EVENTS

CLOCK_SLACK = timedelta(hours=1)
"""How far behind the partition's newest event a quiet account is still thought to be on its way."""

WATERMARK_KEY = ""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_DUPLICATE = Dropped("duplicate")
_LATE = Dropped("late")


@dataclass
class Partition:
    """The detectors of one partition and its event-time clock.

    The clock moves only with events, so that a replay finds the same silences. `due` holds
    (time, account) of quiet accounts, `changed` the accounts whose state is not saved yet.
    """

    detectors: dict[str, UsageDetector] = field(default_factory=dict)
    watermark: datetime = EARLIEST
    due: list[tuple[datetime, str]] = field(default_factory=list)
    booked: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def book(self, account_id: str) -> None:
        """Note when the account's detector wants to hear of the time again.

        A detector's next time only grows, so one booking is enough until it is due: it is then
        told the time, which changes nothing where it is early, and booked anew.
        """
        when = self.detectors[account_id].next_due()
        if when is not None:
            self.booked.add(account_id)
            heapq.heappush(self.due, (when, account_id))

    def advance(self, at: datetime) -> list[Anomaly]:
        """Move the clock to `at` and tell the accounts that wait for it."""
        self.watermark = at
        clock = at - CLOCK_SLACK
        found: list[Anomaly] = []
        told: list[str] = []
        while self.due and self.due[0][0] <= clock:
            _, account_id = heapq.heappop(self.due)
            found += self.detectors[account_id].advance(clock)
            told.append(account_id)
        self.changed.update(told)
        self.booked.difference_update(told)
        for account_id in told:
            self.book(account_id)
        return found


@dataclass(frozen=True)
class Carry:
    """What a batch leaves to write besides its offsets."""

    anomalies: list[Anomaly]
    states: dict[tuple[int, str], bytes]


def handle(
    partition: Partition, events: Sequence[UsageEvent], policy: UsagePolicy
) -> tuple[list[Any], list[Anomaly]]:
    """Score, then learn, each event in order; return (outcome per event, anomalies found).

    An outcome is None (learned), Dropped or Failed. The order decides nothing but which of two
    equal ids counts as the duplicate.
    """
    outcomes: list[Any] = []
    anomalies: list[Anomaly] = []
    for event in events:
        try:
            detector = partition.detectors.get(event.account_id)
            if detector is None:
                detector = _new_detector(partition, event.account_id, policy)
            observation = detector.observe(event)
        except (ValueError, TypeError, OverflowError) as error:
            outcomes.append(Failed("invalid_record", f"{type(error).__name__}: the event cannot be counted"))
            continue
        outcomes.append(_outcome(observation.fate))
        partition.changed.add(event.account_id)
        if event.account_id not in partition.booked:
            partition.book(event.account_id)
        if observation.anomalies:
            anomalies += observation.anomalies
        if event.occurred_at > partition.watermark:
            anomalies += partition.advance(event.occurred_at)
    return outcomes, anomalies


def _outcome(fate: str) -> Dropped | None:
    if fate == "counted":
        return None
    return _DUPLICATE if fate == "duplicate" else _LATE


def _new_detector(partition: Partition, account_id: str, policy: UsagePolicy) -> UsageDetector:
    if clean_text(account_id) != account_id:
        raise ValueError("account id with characters that cannot be stored")
    detector = UsageDetector(account_id, policy)
    partition.detectors[account_id] = detector
    return detector


class UsageHandler:
    """Feed events to detectors; their packed states are written with the offset they stand for."""

    group = USAGE
    topic = USAGE_EVENTS
    dedupes = True

    def __init__(self, *, metrics: Metrics, tolerance: timedelta, policy: UsagePolicy | None = None) -> None:
        self._policy = policy or UsagePolicy()
        self._metrics = metrics
        self._tolerance = tolerance
        self._decode = UsageDecoder(UsageEvent)
        self._horizon = EARLIEST
        self._partitions: dict[int, Partition] = {}

    def decode(self, record: RawRecord) -> UsageEvent:
        """Return the event; raise InvalidRecord."""
        event: UsageEvent = self._decode(record.value or b"")
        check_key(record, event.account_id)
        if event.occurred_at > self._horizon:
            now = datetime.now(UTC)
            self._horizon = now + self._tolerance
            check_time(event.occurred_at, now, self._tolerance)
        return event

    def identity(self, item: UsageEvent) -> None:
        """Keep no dedupe row: the detector knows the ids of its open buckets."""

    def restore(self, session: Session, partition: int) -> None:
        """Load every account's detector of a partition as of its next offset."""
        packed = signals.load_detector_states(session, self.topic, partition)
        clock = packed.pop(WATERMARK_KEY, None)
        state = Partition(watermark=datetime.fromisoformat(clock.decode()) if clock else EARLIEST)
        for account_id, data in packed.items():
            state.detectors[account_id] = UsageDetector.restore(data, self._policy)
            state.book(account_id)
        self._partitions[partition] = state

    def forget(self, partition: int) -> None:
        """Free the detectors of a partition that is no longer ours."""
        self._partitions.pop(partition, None)

    def run(self, work: Sequence[tuple[int, Sequence[UsageEvent]]]) -> Ran[None]:
        """Observe all events; pack the states that changed."""
        outcomes, anomalies, states = [], [], {}
        for number, events in work:
            partition = self._partitions[number]
            fates, found = handle(partition, events, self._policy)
            outcomes.append(fates)
            anomalies += found
            states.update(_pack(number, partition))
        return Ran(outcomes, Carry(anomalies, states))

    def write(self, session: Session, effects: Sequence[Any], carry: Carry | None) -> None:
        """Write states, anomalies and their outbox rows."""
        if carry is None:
            return
        signals.save_detector_states(session, self.topic, carry.states)
        signals.save_anomalies(session, carry.anomalies)
        outbox.enqueue(session, [_signal(one) for one in carry.anomalies], now=datetime.now(UTC))

    def committed(self, effects: Sequence[Any], carry: Carry | None) -> None:
        """Count anomalies and watched accounts."""
        for anomaly in carry.anomalies if carry else ():
            self._metrics.anomalies.labels(anomaly.cause).inc()
        watched = sum(len(partition.detectors) for partition in self._partitions.values())
        self._metrics.detector_accounts.set(watched)


def _pack(number: int, partition: Partition) -> dict[tuple[int, str], bytes]:
    states = {
        (number, account_id): partition.detectors[account_id].snapshot() for account_id in partition.changed
    }
    states[(number, WATERMARK_KEY)] = partition.watermark.isoformat().encode()
    partition.changed.clear()
    return states


def _signal(anomaly: Anomaly) -> outbox.Outgoing:
    return outbox.Outgoing(
        SIGNALS, anomaly.account_id.encode(), anomaly.to_bytes(), (("ce_id", anomaly.anomaly_id),)
    )
