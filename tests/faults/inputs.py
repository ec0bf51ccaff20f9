"""Seeded inputs: tickets and usage events with numbered ids, on demand with duplicates and poison.

Ids continue over all batches of one `Inputs`: good tickets are `t0, t1, ...`, good usage events
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
"""Most records between an original and its duplicate, as after a producer's second try."""


@dataclass
class Counted:
    """The records of one kind so far: every good id once, and the duplicates and poison added to them."""

    good: int = 0
    duplicates: int = 0
    poison: int = 0

    @property
    def total(self) -> int:
        """Return the number of all records."""
        return self.good + self.duplicates + self.poison


@dataclass
class Inputs:
    """Create batches of records to send; `tickets` and `usage` count them."""

    seed: int = 0
    tickets: Counted = field(default_factory=Counted)
    usage: Counted = field(default_factory=Counted)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def more_tickets(self, count: int, *, duplicates: float = 0.0, poison: float = 0.0) -> list[Message]:
        """Return `count` new tickets, plus these shares of duplicates and poison."""
        return self._batch(ticket, self.tickets, count, (duplicates, poison))

    def more_usage(self, count: int, *, duplicates: float = 0.0, poison: float = 0.0) -> list[Message]:
        """Return `count` new usage events, one per second, plus these shares of duplicates and poison."""
        return self._batch(usage, self.usage, count, (duplicates, poison))

    def endless_tickets(self) -> Iterator[Message]:
        """Yield new tickets without end; each counts when it is taken."""
        return _endless(ticket, self.tickets)

    def endless_usage(self) -> Iterator[Message]:
        """Yield new usage events without end; each counts when it is taken."""
        return _endless(usage, self.usage)

    @property
    def total(self) -> int:
        """Return the number of records of both kinds."""
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
    event = Ticket(
        event_id=f"t{number}",
        ticket_id=f"ticket-{number}",
        account_id=account_id,
        body=TEXTS[number % len(TEXTS)],
        occurred_at=START + timedelta(seconds=10 * number),
    )
    return account_id.encode(), event.to_bytes()


def usage(number: int) -> Message:
    """Return usage event `u<number>`, one second after the event before it."""
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
