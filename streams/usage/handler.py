"""The usage group: one online detector per account, kept in memory, saved with the next offset."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from typing_extensions import override

from detectors.churn.hazard.days import DayChanges
from detectors.usage.counter import UsageCounter
from detectors.usage.counts.budget import CAUSES
from detectors.usage.hour_use import ClosedUse, pack_uses
from detectors.usage.observation import Fate, RefusedEvent
from detectors.usage.policy import UsagePolicy
from responders.store import hours, letters, outbox, signals
from schemas import Anomaly, UsageEvent
from schemas.base import is_storable
from streams.consume.decode import UsageDecoder, check_key, check_time
from streams.consume.handler import Computed, Dropped, Failed, Handler, InvalidRecord
from streams.kafka.history import History
from streams.kafka.records import RawRecord
from streams.kafka.topics import SIGNALS, USAGE, USAGE_EVENTS
from streams.process.clock import utc_now
from streams.process.metrics import Metrics
from streams.usage.days import DayFeed, save_days
from streams.usage.sealing import WATERMARK_KEY, seal_clock
from streams.usage.states import CLOCK_SLACK, MAX_ISOLATED, UNIX_EPOCH, PartitionDetectors, SetAside

logger = logging.getLogger(__name__)

_OUTCOMES: dict[Fate, Dropped | None] = {
    "counted": None,
    "duplicate": Dropped("duplicate"),
    "late": Dropped("late"),
}


@dataclass(frozen=True)
class UsageChanges:
    """The writes of a batch in addition to its offsets.

    `states` has packed detectors by (partition, account id), `failed` the detectors set aside, by partition
    and account id, `days` the use of open and ended days by partition, `uses` the use of closed hours.
    """

    anomalies: list[Anomaly]
    states: dict[tuple[int, str], bytes]
    failed: dict[int, dict[str, SetAside]]
    days: dict[int, DayChanges] = field(default_factory=dict)
    uses: list[ClosedUse] = field(default_factory=list)


def handle(
    partition: PartitionDetectors, events: Sequence[UsageEvent], policy: UsagePolicy
) -> tuple[list[Any], list[Anomaly]]:
    """Score, then learn, each event in order; return (outcome per event, anomalies found).

    An outcome is None (learned), Dropped or Failed. The order decides only which of two equal ids counts as
    the duplicate. If our code fails on the detector of an account, this detector alone is set aside and the
    event goes to a fresh detector: there it is learned, or it is Failed as a `handler_error`.
    """
    outcomes: list[Any] = []
    anomalies: list[Anomaly] = []
    detectors, changed, booked = partition.detectors, partition.changed, partition.booked
    wake = partition.wake()
    for event in events:
        account_id, at = event.account_id, event.occurred_at
        try:
            detector, fate = _count(partition, event, policy)
        except RefusedEvent as refusal:
            outcomes.append(Failed("invalid_record", f"the event cannot be counted: {refusal}"))
            continue
        except Exception as error:
            second = _count_afresh(partition, event, policy, error)
            if isinstance(second, Failed):
                outcomes.append(second)
                continue
            detector, fate = second
        outcome = _OUTCOMES[fate]
        outcomes.append(outcome)
        if outcome is None:
            # A duplicate or a late event changes no state that must be saved.
            changed.add(account_id)
        if account_id not in booked:
            # Only now, so that a refused event leaves no empty detector.
            detectors[account_id] = detector
            partition.book(account_id)
            partition.broken.discard(account_id)
            wake = partition.wake()
        if detector.moved:
            partition.moved[account_id] = detector
        if at >= wake:
            anomalies += partition.advance(at)
            wake = partition.wake()
        elif at > partition.watermark:
            partition.watermark = at
    return outcomes, anomalies + partition.close_moved()


def _count(
    partition: PartitionDetectors, event: UsageEvent, policy: UsagePolicy
) -> tuple[UsageCounter, Fate]:
    account_id = event.account_id
    detector = partition.detectors.get(account_id) or _detector(partition, account_id, policy)
    fate = detector.count(event)
    if account_id not in partition.booked:
        # `book` asks again: a fault must show here, where it affects no other account.
        detector.next_due()
    return detector, fate


def _detector(partition: PartitionDetectors, account_id: str, policy: UsagePolicy) -> UsageCounter:
    known = partition.open(account_id)
    if known is not None:
        return known
    if not is_storable(account_id):
        raise RefusedEvent("account id with characters that cannot be stored")
    return UsageCounter(account_id, policy)


def _count_afresh(
    partition: PartitionDetectors, event: UsageEvent, policy: UsagePolicy, error: Exception
) -> tuple[UsageCounter, Fate] | Failed:
    """Set a failing detector aside and let a fresh detector count the event that it failed on.

    If that fails too, the event is a dead letter, for a replay by a build that can count it. It counts
    towards a pause of the partition only if it happens to many accounts.
    """
    account_id = event.account_id
    partition.set_aside(account_id, error, "observe")
    fresh = UsageCounter(account_id, policy)
    try:
        fate = fresh.count(event)
        fresh.next_due()
    except Exception as second:
        partition.set_aside(account_id, second, "observe")
        partition.broken.add(account_id)
        isolated = len(partition.broken) <= MAX_ISOLATED
        reason = f"{type(second).__name__} in the usage detector"
        return Failed("handler_error", reason, attempts=2, is_isolated=isolated)
    return fresh, fate


class UsageHandler(Handler[UsageEvent, None, UsageChanges]):
    """Feed events to detectors; their packed states are written together with the offset they belong to."""

    group = USAGE
    topic = USAGE_EVENTS
    dedupes_itself = True

    def __init__(
        self,
        *,
        metrics: Metrics,
        tolerance: timedelta,
        policy: UsagePolicy | None = None,
        history: History = lambda partition, end: (),
    ) -> None:
        self._policy = policy or UsagePolicy()
        self._metrics = metrics
        self._history = history
        self._lost: dict[int, set[int]] = {}
        self._tolerance = tolerance
        self._decode = UsageDecoder(UsageEvent)
        self._horizon = UNIX_EPOCH
        self._partitions: dict[int, PartitionDetectors] = {}
        self._days = DayFeed()

    @override
    def decode(self, record: RawRecord) -> UsageEvent:
        """Return the event; raise InvalidRecord."""
        event: UsageEvent = self._decode(record.value or b"")
        check_key(record, event.account_id)
        if event.occurred_at > self._horizon:
            now = utc_now()
            self._horizon = now + self._tolerance
            check_time(event.occurred_at, now, self._tolerance)
        return event

    @override
    def decode_many(self, records: Sequence[RawRecord], start: int) -> list[UsageEvent]:
        """Return the events of the good records from `start` on, up to the first that `decode` must judge.

        A good record has the key of its account and is not dated after the horizon, up to which times were
        checked already.
        """
        events: list[UsageEvent] = self._decode.good([record.value for record in records[start:]])
        if not events:
            return events
        keys = [record.key for record in records[start : start + len(events)]]
        accounts = [event.account_id.encode() for event in events]
        if keys != accounts or max([event.occurred_at for event in events]) > self._horizon:
            good = (
                key == account and event.occurred_at <= self._horizon
                for key, account, event in zip(keys, accounts, events, strict=True)
            )
            del events[next((place for place, is_good in enumerate(good) if not is_good), len(events)) :]
        return events

    @override
    def identity(self, item: UsageEvent) -> None:
        """Return None, no dedupe row: the detector knows the ids of its open buckets."""

    @override
    def restore(self, session: Session, partition: int) -> None:
        """Load every account's detector of a partition as of its next offset.

        A state that is damaged or of another build is set aside. `rebuild` then makes the states of the
        partition again, as it does if none is left at all.
        """
        self._lost.pop(partition, None)
        state = PartitionDetectors(policy=self._policy)
        unreadable = state.load(signals.load_detector_states(session, self.topic, partition))
        if unreadable:
            # Without the clock's row the partition counts as lost until its states are written again.
            clock = seal_clock(state.watermark, state.budget)
            aside = (clock, "set aside with other states of its partition")
            unreadable.setdefault(WATERMARK_KEY, aside)
            signals.set_aside_states(session, self.topic, partition, unreadable, now=utc_now())
        if unreadable or state.watermark == UNIX_EPOCH:
            self._lost[partition] = letters.offsets_of(session, self.group, self.topic, partition)
        self._partitions[partition] = state
        self._days.restore(session, partition)

    @override
    def rebuild(self, partition: int, next_offset: int) -> None:
        """Make lost states again from the records that the broker still has below `next_offset`.

        Anomalies found again are not written: they were written when they were first found.
        """
        buried = self._lost.get(partition)
        if buried is None:
            return
        state, events = PartitionDetectors(policy=self._policy), 0
        for record in self._history(partition, next_offset):
            if record.offset not in buried:
                events += _observe_again(self.decode, record, state, self._policy)
        if events:
            details = {"partition": partition, "events": events, "accounts": len(state)}
            logger.warning("detector states were lost and made again from the topic", extra=details)
        state.take_uses()
        self._partitions[partition] = state
        del self._lost[partition]

    @override
    def forget(self, partition: int) -> None:
        """Free the detectors of a partition that is no longer ours."""
        self._partitions.pop(partition, None)
        self._days.forget(partition)

    @override
    def compute(self, work: Sequence[tuple[int, Sequence[UsageEvent]]]) -> Computed[None, UsageChanges]:
        """Observe all events and pack the states that changed."""
        outcomes, extra = [], UsageChanges([], {}, {})
        for number, events in work:
            partition = self._partitions[number]
            fates, found = handle(partition, events, self._policy)
            outcomes.append(fates)
            clock = partition.watermark - CLOCK_SLACK
            extra.days[number] = self._days.after(number, events, fates, clock)
            extra.anomalies.extend(found)
            extra.states.update({(number, name): state for name, state in partition.save().items()})
            extra.uses.extend(partition.take_uses())
            if failed := partition.take_failed():
                extra.failed[number] = failed
        return Computed(outcomes, extra)

    @override
    def write(self, session: Session, effects: Sequence[Any], extra: UsageChanges | None) -> None:
        """Write states, states that were set aside, anomalies and their outbox rows."""
        if extra is None:
            return
        for partition, failed in extra.failed.items():
            aside = {name: (detector.state, detector.reason) for name, detector in failed.items()}
            signals.set_aside_states(session, self.topic, partition, aside, now=utc_now())
        signals.save_detector_states(session, self.topic, extra.states)
        save_days(session, extra.days, now=utc_now())
        hours.hand_over_hours(session, pack_uses(extra.uses))
        signals.save_anomalies(session, extra.anomalies)
        outbox.enqueue(session, [_signal(anomaly) for anomaly in extra.anomalies], now=utc_now())

    @override
    def committed(self, effects: Sequence[Any], extra: UsageChanges | None) -> None:
        """Count anomalies, detectors set aside and watched accounts."""
        for anomaly in extra.anomalies if extra else ():
            self._metrics.anomalies.labels(anomaly.cause).inc()
        for failed in extra.failed.values() if extra else ():
            for detector in failed.values():
                self._metrics.detectors_set_aside.labels(detector.stage).inc()
        for place, side in enumerate(CAUSES):
            spent = [partition.budget.realised()[:, place] for partition in self._partitions.values()]
            raised, asked = (sum(float(part[row]) for part in spent) for row in (0, 1))
            self._metrics.budget_spent.labels(side).set(raised / asked if asked > 0.0 else 0.0)
        watched = sum(len(partition) for partition in self._partitions.values())
        self._metrics.detector_accounts.set(watched)


def _observe_again(
    decode: Callable[[RawRecord], UsageEvent],
    record: RawRecord,
    state: PartitionDetectors,
    policy: UsagePolicy,
) -> int:
    """Observe a record that had its fate before; return 1, or 0 if it never was an event."""
    try:
        handle(state, [decode(record)], policy)
    except InvalidRecord:
        return 0
    return 1


def _signal(anomaly: Anomaly) -> outbox.Outgoing:
    return outbox.Outgoing(
        SIGNALS, anomaly.account_id.encode(), anomaly.to_bytes(), (("ce_id", anomaly.anomaly_id),)
    )
