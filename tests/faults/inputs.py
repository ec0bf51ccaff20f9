"""Seeded inputs: tickets and usage events with numbered ids, duplicates and poison among them on demand.

Ids count on over all batches of one `Inputs`: good tickets are `t0, t1, ...`, good usage events
`u0, u1, ...`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from schemas import Ticket, UsageEvent

Message = tuple[bytes | None, bytes | None]

START = datetime(2026, 1, 5, tzinfo=UTC)
TEXTS = ("thank you, this is great", "the export failed again, this is terrible", "how do I add a seat?")
KINDS = ("task.labelled", "training.started", "training.failed")
TICKET_ACCOUNTS = 40
USAGE_ACCOUNTS = 200
DUPLICATE_DISTANCE = 40
"""A duplicate follows its original within so many records, as a producer's second try does."""


@dataclass
class Counted:
    """What was made so far of one kind: every good id once, and what was added to them."""

    good: int = 0
    duplicates: int = 0
    poison: int = 0

    @property
    def total(self) -> int:
        """Return how many records that is."""
        return self.good + self.duplicates + self.poison


@dataclass
class Inputs:
    """Make batches of records to send; `tickets` and `usage` say what they held."""

    seed: int = 0
    tickets: Counted = field(default_factory=Counted)
    usage: Counted = field(default_factory=Counted)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def more_tickets(self, count: int, *, duplicates: float = 0.0, poison: float = 0.0) -> list[Message]:
        """Return `count` new tickets, and besides them these shares of duplicates and poison."""
        return self._batch(ticket, self.tickets, count, (duplicates, poison))

    def more_usage(self, count: int, *, duplicates: float = 0.0, poison: float = 0.0) -> list[Message]:
        """Return `count` new usage events, one a second, and besides them duplicates and poison."""
        return self._batch(usage, self.usage, count, (duplicates, poison))

    def endless_tickets(self) -> Iterator[Message]:
        """Yield new tickets for ever; each counts when it is taken."""
        return _endless(ticket, self.tickets)

    def endless_usage(self) -> Iterator[Message]:
        """Yield new usage events for ever; each counts when it is taken."""
        return _endless(usage, self.usage)

    @property
    def total(self) -> int:
        """Return how many records were made."""
        return self.tickets.total + self.usage.total

    def _batch(
        self, make: Callable[[int], Message], counted: Counted, count: int, shares: tuple[float, float]
    ) -> list[Message]:
        duplicates, poison = (round(share * count) for share in shares)
        messages = [make(counted.good + number) for number in range(count)]
        for number in range(duplicates):
            original = self._random.randrange(count)
            at = min(len(messages), original + self._random.randint(1, DUPLICATE_DISTANCE) + number)
            messages.insert(at, make(counted.good + original))
        for number in range(poison):
            bad = spoiled(make(counted.good + number % count), self._random.randrange(3))
            messages.insert(self._random.randrange(len(messages)), bad)
        counted.good += count
        counted.duplicates += duplicates
        counted.poison += poison
        return messages


def _endless(make: Callable[[int], Message], counted: Counted) -> Iterator[Message]:
    while True:
        message = make(counted.good)
        counted.good += 1
        yield message


def ticket(number: int) -> Message:
    """Return ticket event `t<number>`."""
    account_id = f"a{number % TICKET_ACCOUNTS}"
    one = Ticket(
        event_id=f"t{number}",
        ticket_id=f"ticket-{number}",
        account_id=account_id,
        body=TEXTS[number % len(TEXTS)],
        occurred_at=START + timedelta(seconds=10 * number),
    )
    return account_id.encode(), one.to_bytes()


def usage(number: int) -> Message:
    """Return usage event `u<number>`, one second after the one before it."""
    account_id = f"a{number % USAGE_ACCOUNTS}"
    kind = KINDS[number % 7 % len(KINDS)]
    when = START + timedelta(seconds=number)
    failed = kind == "training.failed" and number % 3 == 0
    event = UsageEvent(f"u{number}", account_id, kind, when, 1.0 + number % 5, failed)
    return account_id.encode(), msgspec.json.encode(event)


def spoiled(message: Message, way: int) -> Message:
    """Return a record that must become a dead letter: cut short, without a value, or without its fields."""
    key, value = message
    assert value is not None
    return [(key, value[:-7]), (key, None), (key, b'{"event_id": "x"}')][way]
