"""The ledger: every record that the broker took, and its one fate.

    inputs = effects + dead_letters + dropped + in_flight + gap

The ledger is computed from the broker's offsets and from rows in SQL, never from a process's counters, so a
crash cannot change it. `gap` counts what cannot be explained: a lost record, a fate written twice, a missing
row, a topic that was created again. It is never negative, so that two errors cannot hide each other; a fate
without a record is added to `inputs` as well.

Some offsets have no record: the ends of Kafka transactions, records of aborted transactions, and records
deleted by compaction, retention or an operator. The workers count these offsets as `holes` if their client,
or the broker when asked, shows that they have no record. Holes are no inputs and no gap. Only committed
records count: records of an open transaction are no inputs yet. Dedupe rows that are pruned by age would show
as gap.
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
"""The name of a topic's outbox among the groups of the topic."""

WITHOUT_SEEN_ROWS: Final = frozenset({USAGE})
"""Groups whose own state removes duplicates: they have no dedupe rows to count."""


@dataclass(frozen=True)
class Balance:
    """The number of records with each fate; all numbers are >= 0 and the equation above holds.

    `dropped` counts duplicates and late records. `in_flight` counts records that wait to be handled; it is an
    upper bound if there are offsets without a record among them. `holes` counts offsets without a record that
    were skipped; it is no part of the equation.

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
        """Return the sum of both balances."""
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
    """The balance of a topic's worst group (most gap, then most in flight), and the balances of all groups.

    The outbox that feeds a topic counts as the group `relay`: its effects are the published rows.
    """

    balance: Balance
    groups: Mapping[str, Balance] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the form of `rapport ledger --json`."""
        groups = {group: balance.as_dict() for group, balance in self.groups.items()}
        return {**self.balance.as_dict(), "groups": groups}


@dataclass(frozen=True)
class BrokerState:
    """The offsets by (topic, partition), how many offsets each topic ever assigned, and empty spans.

    Nothing waits in an empty span, although its offsets come after a group's position.
    """

    held: Mapping[tuple[str, int], OffsetRange]
    taken: Mapping[str, int] = field(default_factory=dict)
    empty: Set[Span] = frozenset()


def ledger(engine: Engine, broker: Broker, specs: Iterable[TopicSpec] = TOPICS) -> dict[str, TopicLedger]:
    """Return the ledger of each topic.

    The database is read first and as of one moment, the broker after it: records that arrive in between are
    in flight. Raises the errors of SQLAlchemy or kafka-python if the database or the broker is away.
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
    state = BrokerState(held, taken_offsets(broker, names), empty)
    return {spec.name: topic_ledger(spec, books, state) for spec in specs}


def _waiting(
    specs: Iterable[TopicSpec], books: Books, held: Mapping[tuple[str, int], OffsetRange]
) -> set[Span]:
    """Return the spans of offsets that wait for a group, each once; a span may have no record at all."""
    found = set()
    for spec in specs:
        for group in spec.groups:
            rows = _rows_of(group, spec.name, books)
            for (topic, number), offsets in held.items():
                begin = _position(offsets, rows.get(number))
                if topic == spec.name and begin < offsets.end:
                    found.add(Span(topic, number, begin, offsets.end))
    return found


def topic_ledger(spec: TopicSpec, books: Books, state: BrokerState) -> TopicLedger:
    """Return the ledger of one topic from the rows of the database and the state of the broker."""
    groups = {group: _group_balance(group, spec.name, books, state) for group in spec.groups}
    if spec.name in books.outbox or not spec.groups:
        rows, sent = books.outbox.get(spec.name, (0, 0))
        groups[RELAY] = outbox_balance(rows, sent, on_broker=state.taken.get(spec.name, 0))
    worst = max(groups.values(), key=lambda balance: (balance.gap, balance.in_flight))
    return TopicLedger(worst, groups)


def _rows_of(group: str, topic: str, books: Books) -> dict[int, PartitionProgress]:
    return {
        row.partition: row for row in books.progress if row.consumer_group == group and row.topic == topic
    }


def _position(held: OffsetRange, row: PartitionProgress | None) -> int:
    """Return the first offset of a partition that a group has not read."""
    return held.begin if row is None else max(row.next_offset, held.begin)


def _group_balance(group: str, topic: str, books: Books, state: BrokerState) -> Balance:
    rows = _rows_of(group, topic, books)
    balance = Balance()
    for number in sorted({number for name, number in state.held if name == topic} | rows.keys()):
        held, row = state.held.get((topic, number), OffsetRange(0, 0)), rows.get(number)
        begin = _position(held, row)
        if Span(topic, number, begin, held.end) in state.empty:
            held = replace(held, end=begin)
        balance += partition_balance(held, row)
    balance = with_counted_rows(balance, dead_letters=books.letters.get((group, topic), 0))
    if group in WITHOUT_SEEN_ROWS:
        return balance
    return with_counted_rows(balance, effects=books.seen.get((group, topic), 0))


def partition_balance(held: OffsetRange, row: PartitionProgress | None) -> Balance:
    """Return one group's balance in one partition.

    Two kinds of records are gap, because the group will never read them: records before the first handled
    record, and records below the group's position in a topic that was created again. Records that were
    deleted or expired before the group reached them are holes, as they are after a worker skips them.
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
    """Compare a balance with the counted rows of its fates; every difference becomes gap.

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
    """Return the balance of the outbox rows of a topic; `on_broker` is the number of records it ever took.

    Rows that are marked as published and that the broker never took are gap. More records than rows are no
    gap: a relay that dies after publishing and before marking publishes again, and readers drop the duplicate
    by its id.

    >>> outbox_balance(5, 4, on_broker=3)
    Balance(inputs=5, effects=3, dead_letters=0, dropped=0, in_flight=1, gap=1, holes=0)
    """
    lost = max(0, sent - on_broker)
    return Balance(rows, effects=sent - lost, in_flight=rows - sent, gap=lost)


def total_gap(topics: Mapping[str, TopicLedger]) -> int:
    """Return the sum of the gaps of all groups of all topics; 0 means that every record is accounted for."""
    return sum(balance.gap for topic in topics.values() for balance in topic.groups.values())


def total_in_flight(topics: Mapping[str, TopicLedger]) -> int:
    """Return the number of waiting records, summed over all groups of all topics."""
    return sum(balance.in_flight for topic in topics.values() for balance in topic.groups.values())


__all__: Sequence[str] = (
    "Balance",
    "BrokerState",
    "TopicLedger",
    "ledger",
    "topic_ledger",
    "total_gap",
    "total_in_flight",
)
