"""The two input streams: usage events, and support events with duplicates and poison; pure and seeded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from tests.benchmarks.delivery.job import PARTITIONS

ACCOUNTS = 1_000
USAGE_SECONDS = 30.0
"""Each account has two events a minute: event time moves 30 ms from one event to the next."""

KINDS = ("task.labelled", "project.opened", "model.trained", "export.requested")
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
POISON_SHARE = 0.001
DUPLICATE_SHARE = 0.01
BODY = (
    "After the update last night two of our annotators cannot open their queue any more. The page "
    "loads, shows the project and then stays empty; the console says that a request took too long. We "
    "have a delivery on Thursday and 4,000 images are waiting, so please tell us whether this is known "
    "and when it will work again. What we tried so far: another browser, another network, signing out "
    "and in, and a new project."
)

Kind = Literal["good", "duplicate", "poison"]


@dataclass(frozen=True, slots=True)
class Message:
    """One record to be sent; `number` is the position of the event, for poison its own count."""

    partition: int
    key: bytes
    value: bytes
    number: int
    kind: Kind = "good"
    amount: int = 0


def usage_messages(count: int) -> Iterator[Message]:
    """Yield `count` usage events of 160 to 170 bytes, in event time, one account after the other."""
    step = USAGE_SECONDS / ACCOUNTS
    for number in range(count):
        account = number % ACCOUNTS
        at = (BEGIN + timedelta(seconds=step * number)).isoformat(timespec="milliseconds")
        value = (
            f'{{"event_id":"e{number:010d}","account_id":"account-{account:04d}",'
            f'"kind":"{KINDS[number % len(KINDS)]}","occurred_at":"{at}",'
            f'"quantity":1.0,"failed":false,"schema_version":1}}'
        )
        key = f"account-{account:04d}".encode()
        yield Message(account % PARTITIONS, key, value.encode(), number)


def support_message(number: int) -> Message:
    """Return support event `number`, about 0.6 kB; its amount is between 1 and 100."""
    account = number % ACCOUNTS
    amount = 1 + number * 37 % 100
    at = (BEGIN + timedelta(seconds=number)).isoformat(timespec="seconds")
    value = (
        f'{{"event_id":"e{number:010d}","account_id":"account-{account:04d}","amount":{amount},'
        f'"created_at":"{at}","subject":"Queue of project {number % 97} stays empty","body":"{BODY}"}}'
    )
    key = f"account-{account:04d}".encode()
    return Message(account % PARTITIONS, key, value.encode(), number, amount=amount)


def support_messages(count: int, *, seed: int | None = None) -> Iterator[Message]:
    """Yield `count` good support events; with a seed also duplicates (1 %) and poison (0.1 %) between them.

    A duplicate has the bytes, key and partition of an event at most 2,000 events before it.
    """
    random = Random(seed)
    for number in range(count):
        yield support_message(number)
        if seed is None:
            continue
        if random.random() < DUPLICATE_SHARE:
            yield _duplicate(support_message(max(0, number - random.randrange(2_000))))
        if random.random() < POISON_SHARE:
            yield _poison(number)


def _duplicate(first: Message) -> Message:
    return Message(first.partition, first.key, first.value, first.number, "duplicate")


def _poison(number: int) -> Message:
    """Return bytes that are neither JSON nor UTF-8, different for each number."""
    key = f"account-{number % ACCOUNTS:04d}".encode()
    return Message(
        number % ACCOUNTS % PARTITIONS, key, b"\xff\xfe\x00poison" + str(number).encode(), number, "poison"
    )


def positions(messages: Sequence[Message]) -> list[tuple[int, int]]:
    """Return (partition, offset) of each message in an otherwise empty topic, sent in this order."""
    ends = [0] * PARTITIONS
    found = []
    for message in messages:
        found.append((message.partition, ends[message.partition]))
        ends[message.partition] += 1
    return found
