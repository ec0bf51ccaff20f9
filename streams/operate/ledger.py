"""The ledger: every record that the broker took, and the one fate it had.

    inputs = effects + dead_letters + dropped + in_flight + gap

It is computed from the broker's offsets and from rows in SQL, never from a process's counters, so a
crash cannot make it right or wrong. `gap` is what nobody can account for: a lost record, a fate
written twice, a row that is missing, a topic that was made again. It is never negative, so that two
errors cannot hide each other; a fate without a record is added to `inputs` as well.

Some offsets have no record: the ends of Kafka transactions, records of aborted ones, and what compaction,
retention or an operator deleted. The workers count them as `holes` where their client, or the broker when
asked, shows that none is there. Holes are no inputs and no gap. Only what is committed counts: records of an
open transaction are no inputs yet. Dedupe rows that are pruned by age would show as gap.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, astuple, dataclass, field, replace
from typing import Final

from kafka.errors import KafkaConnectionError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store.books import Books, read_books
from schemas.tables import PartitionProgress
from streams.kafka.brokers import Broker, OffsetRange, held_offsets, taken_offsets
from streams.kafka.history import Span, empty_spans
from streams.kafka.topics import TOPICS, USAGE, TopicSpec
from streams.process.errors import Unavailable

RELAY: Final = "relay"
"""The name under which a topic's outbox stands among its groups."""

WITHOUT_SEEN_ROWS: Final = frozenset({USAGE})
"""Groups whose state removes duplicates, so that they keep no dedupe rows to count."""


@dataclass(frozen=True)
class Balance:
    """Where the records are, in records; all numbers are >= 0 and the equation above holds.

    `dropped` counts duplicates and late records; `in_flight` waits to be handled, and is an upper bound where
    offsets without a record lie between those that wait. `holes` counts offsets without a record that were
    passed over; it is no part of the equation.

    >>> Balance(3, effects=2, in_flight=1) + Balance(2, dead_letters=1, dropped=1, holes=4)
    Balance(inputs=5, effects=2, dead_letters=1, dropped=1, in_flight=1, gap=0, holes=4)
    """

    inputs: int = 0
    effects: int = 0
    dead_letters: int = 0
    dropped: int = 0
    in_flight: int = 0
    gap: int = 0
    holes: int = 0

    def __add__(self, other: "Balance") -> "Balance":
        """Return the balance of both together."""
        both = zip(astuple(self), astuple(other), strict=True)
        return Balance(*(mine + theirs for mine, theirs in both))

    def numbers(self) -> tuple[int, int, int, int, int, int]:
        """Return the six numbers of the equation in the order of the fields."""
        fates = (self.effects, self.dead_letters, self.dropped)
        return (self.inputs, *fates, self.in_flight, self.gap)

    def as_dict(self) -> dict[str, int]:
        """Return the numbers by name."""
        return asdict(self)


@dataclass(frozen=True)
class TopicLedger:
    """The balance of a topic's worst group (most gap, then most in flight), and those of all its groups.

    The outbox that feeds a topic counts as the group `relay`: effects are the rows published.
    """

    balance: Balance
    groups: Mapping[str, Balance] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the form of `rapport ledger --json`."""
        groups = {group: balance.as_dict() for group, balance in self.groups.items()}
        return {**self.balance.as_dict(), "groups": groups}


@dataclass(frozen=True)
class BrokerSays:
    """What the broker holds by (topic, partition), how many offsets each topic gave away, and empty spans.

    Nothing waits in an empty span, although its offsets come after a group's position.
    """

    held: Mapping[tuple[str, int], OffsetRange]
    taken: Mapping[str, int] = field(default_factory=dict)
    empty: Set[Span] = frozenset()


def ledger(engine: Engine, broker: Broker, specs: Iterable[TopicSpec] = TOPICS) -> dict[str, TopicLedger]:
    """Return the ledger of each topic.

    The database is read first and as of one moment, the broker after it: records that arrive in
    between are in flight. Raises what SQLAlchemy and kafka-python raise when either is away.
    """
    specs = tuple(specs)
    with Session(engine) as session:
        books = read_books(session)
    names = [spec.name for spec in specs]
    held = held_offsets(broker, names)
    try:
        empty = empty_spans(broker, _waiting(specs, books, held))
    except Unavailable as error:
        raise KafkaConnectionError(str(error)) from error
    said = BrokerSays(held, taken_offsets(broker, names), empty)
    return {spec.name: topic_ledger(spec, books, said) for spec in specs}


def _waiting(
    specs: Iterable[TopicSpec], books: Books, held: Mapping[tuple[str, int], OffsetRange]
) -> set[Span]:
    """Return the offsets that wait for a group, each once: none of them may have a record."""
    found = set()
    for spec in specs:
        for group in spec.groups:
            rows = _rows_of(group, spec.name, books)
            for (topic, number), at in held.items():
                begin = _position(at, rows.get(number))
                if topic == spec.name and begin < at.end:
                    found.add(Span(topic, number, begin, at.end))
    return found


def topic_ledger(spec: TopicSpec, books: Books, said: BrokerSays) -> TopicLedger:
    """Return the ledger of one topic from what the database and the broker say."""
    groups = {group: _group_balance(group, spec.name, books, said) for group in spec.groups}
    if spec.name in books.outbox or not spec.groups:
        rows, sent = books.outbox.get(spec.name, (0, 0))
        groups[RELAY] = outbox_balance(rows, sent, on_broker=said.taken.get(spec.name, 0))
    worst = max(groups.values(), key=lambda balance: (balance.gap, balance.in_flight))
    return TopicLedger(worst, groups)


def _rows_of(group: str, topic: str, books: Books) -> dict[int, PartitionProgress]:
    return {
        row.partition: row for row in books.progress if row.consumer_group == group and row.topic == topic
    }


def _position(held: OffsetRange, row: PartitionProgress | None) -> int:
    """Return from where on a group has not read what a partition holds."""
    return held.begin if row is None else max(row.next_offset, held.begin)


def _group_balance(group: str, topic: str, books: Books, said: BrokerSays) -> Balance:
    rows = _rows_of(group, topic, books)
    balance = Balance()
    for number in sorted({number for name, number in said.held if name == topic} | rows.keys()):
        held, row = said.held.get((topic, number), OffsetRange(0, 0)), rows.get(number)
        begin = _position(held, row)
        if Span(topic, number, begin, held.end) in said.empty:
            held = replace(held, end=begin)
        balance += partition_balance(held, row)
    balance = with_counted_rows(balance, dead_letters=books.letters.get((group, topic), 0))
    if group in WITHOUT_SEEN_ROWS:
        return balance
    return with_counted_rows(balance, effects=books.seen.get((group, topic), 0))


def partition_balance(held: OffsetRange, row: PartitionProgress | None) -> Balance:
    """Return one group's balance in one partition.

    Records before the first one handled, and the part of a topic made again that lies below the group's
    position, are gap: no one will ever read them. What was deleted or expired before the group came to it is
    a hole, as it is after a worker passed over it.
    """
    if row is None:
        waiting = held.end - held.begin
        return Balance(waiting, in_flight=waiting)
    skipped = max(0, row.first_offset - held.begin)
    position = row.next_offset
    made_again = held.end < position
    unread = position - held.begin if made_again else skipped
    in_flight = 0 if made_again else held.end - max(position, held.begin)
    expired = 0 if made_again else max(0, held.begin - position)
    return replace(_balanced(row, in_flight=in_flight, unread=unread), holes=row.holes + expired)


def _balanced(row: PartitionProgress, *, in_flight: int, unread: int) -> Balance:
    dropped = row.duplicates + row.late
    fates = row.effects + row.dead_letters + dropped
    unexplained = abs(row.next_offset - row.first_offset - row.holes - fates)
    return Balance(
        inputs=fates + unexplained + in_flight + unread,
        effects=row.effects,
        dead_letters=row.dead_letters,
        dropped=dropped,
        in_flight=in_flight,
        gap=unexplained + unread,
    )


def with_counted_rows(
    balance: Balance, *, effects: int | None = None, dead_letters: int | None = None
) -> Balance:
    """Hold a balance against the rows that its fates left behind; what differs becomes gap.

    >>> with_counted_rows(Balance(5, effects=5), effects=3)
    Balance(inputs=5, effects=3, dead_letters=0, dropped=0, in_flight=0, gap=2, holes=0)
    >>> with_counted_rows(Balance(5, effects=5), effects=6)
    Balance(inputs=6, effects=5, dead_letters=0, dropped=0, in_flight=0, gap=1, holes=0)
    """
    counted_effects = balance.effects if effects is None else effects
    counted_letters = balance.dead_letters if dead_letters is None else dead_letters
    pairs = ((balance.effects, counted_effects), (balance.dead_letters, counted_letters))
    missing = sum(max(0, said - counted) for said, counted in pairs)
    surplus = sum(max(0, counted - said) for said, counted in pairs)
    return Balance(
        inputs=balance.inputs + surplus,
        effects=min(balance.effects, counted_effects),
        dead_letters=min(balance.dead_letters, counted_letters),
        dropped=balance.dropped,
        in_flight=balance.in_flight,
        gap=balance.gap + missing + surplus,
        holes=balance.holes,
    )


def outbox_balance(rows: int, sent: int, *, on_broker: int) -> Balance:
    """Return the balance of the rows that feed a topic; `on_broker` is all records it ever took.

    Rows marked as published that the broker never took are gap. More records than rows are
    none: a relay that dies between the two publishes again, and readers drop that by id.

    >>> outbox_balance(5, 4, on_broker=3)
    Balance(inputs=5, effects=3, dead_letters=0, dropped=0, in_flight=1, gap=1, holes=0)
    """
    lost = max(0, sent - on_broker)
    return Balance(rows, effects=sent - lost, in_flight=rows - sent, gap=lost)


def total_gap(topics: Mapping[str, TopicLedger]) -> int:
    """Return the gaps of all groups of all topics together; 0 means that everything is accounted for."""
    return sum(balance.gap for topic in topics.values() for balance in topic.groups.values())


def total_in_flight(topics: Mapping[str, TopicLedger]) -> int:
    """Return what waits, in all groups of all topics together."""
    return sum(balance.in_flight for topic in topics.values() for balance in topic.groups.values())


__all__: Sequence[str] = (
    "Balance",
    "BrokerSays",
    "TopicLedger",
    "ledger",
    "topic_ledger",
    "total_gap",
    "total_in_flight",
)
