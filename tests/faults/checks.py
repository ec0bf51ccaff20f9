"""The checks after every row: the ledger balances, and each input has exactly one fate.

Tickets are counted by their rows: one sentiment and one outbox row per good id, one dead letter per poison
record. A usage event has no row of its own: the state of every account's detector, the counters of every
partition and the anomalies must equal, byte for byte, the results of one process that handles the same
records in the order of the broker. Published records are read back from the broker: one id, one content.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition

from detectors.usage import UsagePolicy
from schemas import UsageEvent
from streams.consume import Failed, InvalidRecord
from streams.consume.decode import UsageDecoder, check_key
from streams.kafka.brokers import Broker, held_offsets
from streams.kafka.history import records_between
from streams.kafka.topics import GROUPS, SIGNALS, USAGE_EVENTS
from streams.operate.ledger import ledger
from streams.usage.handler import handle
from streams.usage.sealing import WATERMARK_KEY, seal_clock, sealed
from streams.usage.states import PartitionDetectors

if TYPE_CHECKING:
    from tests.faults.lab import Lab

RECORDS_AT_ONCE = 5_000
FATES = ("effects", "duplicates", "late", "dead_letters")


@dataclass(frozen=True)
class Checked:
    """The result of a check: inputs sent, inputs lost or doubled, and remarks on other errors."""

    inputs: int = 0
    lost: int = 0
    doubled: int = 0
    remarks: tuple[str, ...] = ()

    def __add__(self, other: "Checked") -> "Checked":
        """Return the sum of both results."""
        return Checked(
            self.inputs + other.inputs,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.remarks + other.remarks,
        )

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is wrong."""
        return not (self.lost or self.doubled or self.remarks)

    def demand(self) -> None:
        """Raise AssertionError unless nothing is wrong."""
        assert self.is_clean, f"lost {self.lost}, doubled {self.doubled}: {'; '.join(self.remarks)}"


@dataclass
class Reference:
    """The serial run: it continues at its last position, so that many repeats read each record once."""

    partitions: dict[int, PartitionDetectors] = field(default_factory=dict)
    positions: Counter[int] = field(default_factory=Counter)
    fates: dict[int, Counter[str]] = field(default_factory=dict)
    anomalies: set[str] = field(default_factory=set)

    def read_on(self, broker: Broker) -> None:
        """Handle the broker's records after the last position, each partition in its order."""
        decoder = UsageDecoder(UsageEvent)
        for number, records in chunks(broker, USAGE_EVENTS, self.positions):
            events, fates = [], self.fates.setdefault(number, Counter())
            for record in records:
                event = _decoded(decoder, record)
                if event is None:
                    fates["dead_letters"] += 1
                else:
                    events.append(event)
            partition = self.partitions.setdefault(number, PartitionDetectors())
            outcomes, found = handle(partition, events, UsagePolicy())
            fates.update(_fate(outcome) for outcome in outcomes)
            self.anomalies.update(anomaly.anomaly_id for anomaly in found)

    def states(self) -> dict[tuple[int, str], bytes]:
        """Return the packed state of each account, by partition and account id."""
        packed = {
            (number, account_id): sealed(detector)
            for number, partition in self.partitions.items()
            for account_id, detector in partition.detectors.items()
        }
        clocks = {
            (number, WATERMARK_KEY): seal_clock(partition.watermark, partition.budget)
            for number, partition in self.partitions.items()
        }
        return packed | clocks


def _decoded(decoder: Any, record: Any) -> UsageEvent | None:
    try:
        if not record.value:
            return None
        event: UsageEvent = decoder(record.value)
        check_key(record, event.account_id)
    except InvalidRecord:
        return None
    return event


def _fate(outcome: Any) -> str:
    if outcome is None:
        return "effects"
    if isinstance(outcome, Failed):
        return "dead_letters"
    return "late" if outcome.policy == "late" else "duplicates"


def chunks(broker: Broker, topic: str, positions: Counter[int]) -> Iterator[tuple[int, list[Any]]]:
    """Yield (partition, records in order) from `positions` to the present end; update the positions."""
    ends = {number: held.end for (_, number), held in held_offsets(broker, [topic]).items()}
    for number, end in ends.items():
        with closing(
            records_between(broker, TopicPartition(topic, number), positions[number], end)
        ) as records:
            while some := list(islice(records, RECORDS_AT_ONCE)):
                positions[number] = some[-1].offset + 1
                yield number, some


def check(lab: "Lab", kinds: Sequence[str]) -> Checked:
    """Check the ledger and the fates of the inputs of these groups."""
    checked = check_ledger(lab, kinds)
    if "sentiment" in kinds:
        checked += check_tickets(lab)
    if "usage" in kinds:
        checked += check_usage(lab)
    checked += check_outbox(lab) + check_owners(lab)
    return checked


def check_ledger(lab: "Lab", kinds: Sequence[str]) -> Checked:
    """Demand gap 0 and nothing in flight in the numbers of `rapport ledger`."""
    topics, remarks, lost = ledger(lab.engine, lab.broker), [], 0
    for kind in kinds:
        for topic in GROUPS[kind]:
            balance = topics[topic].groups[kind]
            if balance.gap or balance.in_flight:
                remarks.append(f"ledger of {kind} on {topic}: {balance}")
    return Checked(lost=lost, remarks=tuple(remarks))


def check_tickets(lab: "Lab") -> Checked:
    """Count good ids with no effect or with more than one, and compare dead letters with poison."""
    sent = lab.inputs.tickets
    without = (
        "SELECT count(*) FROM generate_series(0, :good - 1) n"
        " LEFT JOIN sentiments ON event_id = 't' || n WHERE event_id IS NULL"
    )
    signals = (
        "SELECT count(DISTINCT headers->0->>1) FROM outbox"
        " WHERE topic = :topic AND headers->0->>1 ~ '^t[0-9]+$'"
    )
    lost = lab.number(without, good=sent.good)
    scored = lab.number("SELECT count(*) FROM sentiments")
    ids = lab.number(signals, topic=SIGNALS)
    letters = lab.number("SELECT count(*) FROM dead_letters WHERE consumer_group = 'sentiment'")
    dropped = lab.number("SELECT sum(duplicates) FROM partition_progress WHERE consumer_group = 'sentiment'")
    remarks = _unequal("sentiments", scored, sent.good) + _unequal("signals", ids, sent.good)
    remarks += _unequal("tickets' dead letters", letters, sent.poison)
    remarks += _unequal("tickets' duplicates", dropped, sent.duplicates)
    lost += max(0, sent.poison - letters)
    doubled = max(0, scored - sent.good) + max(0, letters - sent.poison)
    return Checked(sent.total, lost, doubled, remarks)


def check_usage(lab: "Lab") -> Checked:
    """Compare states, counters and anomalies with the serial run over the broker's records."""
    lab.reference.read_on(lab.broker)
    lost, doubled, remarks = 0, 0, tuple[str, ...]()
    names = ", ".join(FATES)
    query = f"SELECT partition, {names} FROM partition_progress WHERE consumer_group = 'usage'"
    found = {row[0]: Counter(dict(zip(FATES, row[1:], strict=True))) for row in lab.rows(query)}
    for number, fates in lab.reference.fates.items():
        have = found.get(number, Counter())
        lost += sum(max(0, fates[fate] - have[fate]) for fate in FATES)
        doubled += sum(max(0, have[fate] - fates[fate]) for fate in FATES)
    remarks += _unequal("detector states that differ from the serial run", _differing_states(lab), 0)
    known = {row[0] for row in lab.rows("SELECT anomaly_id FROM anomalies")}
    differing = len(known ^ lab.reference.anomalies)
    remarks += _unequal("anomalies that differ from the serial run", differing, 0)
    held = sum(lab.reference.positions.values())
    remarks += _unequal("usage records on the broker", held, lab.inputs.usage.total)
    remarks += _unequal("usage events that counted", _effects(lab), lab.inputs.usage.good)
    return Checked(lab.inputs.usage.total, lost, doubled, remarks)


def _effects(lab: "Lab") -> int:
    return lab.number("SELECT sum(effects) FROM partition_progress WHERE consumer_group = 'usage'")


def _differing_states(lab: "Lab") -> int:
    rows = lab.rows(
        "SELECT partition, account_id, state FROM detector_states WHERE topic = :topic", topic=USAGE_EVENTS
    )
    found = {(number, account_id): bytes(state) for number, account_id, state in rows}
    wanted = lab.reference.states()
    return sum(found.get(place) != wanted.get(place) for place in found.keys() | wanted.keys())


def check_outbox(lab: "Lab") -> Checked:
    """Demand one row per id in the outbox, and one content per published id."""
    twice = (
        "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM outbox WHERE headers->0->>0 = 'ce_id'"
        " GROUP BY topic, headers->0->>1) ids"
    )
    doubled = lab.number(twice)
    contents: dict[str, bytes] = {}
    conflicts = 0
    for _, records in chunks(lab.broker, SIGNALS, Counter()):
        for record in records:
            event_id = dict(record.headers)["ce_id"].decode()
            content = hashlib.blake2b(record.value, digest_size=16).digest()
            conflicts += contents.setdefault(event_id, content) != content
    unpublished = lab.number(
        "SELECT count(*) FROM outbox WHERE topic = :topic AND sent_at IS NULL", topic=SIGNALS
    )
    sent = lab.number(
        "SELECT count(*) FROM outbox WHERE topic = :topic AND sent_at IS NOT NULL", topic=SIGNALS
    )
    remarks = _unequal("ids published with two contents", conflicts, 0)
    remarks += (
        () if len(contents) >= sent else (f"{sent - len(contents)} rows marked as sent are not published",)
    )
    remarks += () if len(contents) <= sent + unpublished else ("more ids were published than there are rows",)
    return Checked(doubled=doubled, remarks=remarks)


def check_owners(lab: "Lab") -> Checked:
    """Demand that no worker wrote to a partition that another worker had claimed."""
    zombies = lab.audit.zombies()
    return Checked(remarks=_unequal("writes by a worker that no longer owned the partition", len(zombies), 0))


def _unequal(name: str, found: int, wanted: int) -> tuple[str, ...]:
    return () if found == wanted else (f"{name}: {found}, not {wanted}",)


__all__ = ["Checked", "Reference", "check"]
