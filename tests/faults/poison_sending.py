"""Send poison to a topic, note its place on the broker, and compare its dead letter with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.errors import MessageSizeTooLargeError
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from responders.store import letters as store
from schemas import DeadLetter
from schemas.tables import DeadLetterRow
from streams.kafka.brokers import Broker, reliable_producer
from tests.faults.inputs import Message
from tests.faults.poison_parts import Poison

MAX_REQUEST_BYTES = 8_000_000


@dataclass(frozen=True)
class Placed:
    """A poison record and its place on the broker; None if the producer refused it."""

    poison: Poison
    place: tuple[str, int, int] | None
    timestamp_ms: int = -1


class PoisonSender:
    """Send poison and good records of one topic; the order on the topic is the order of the calls."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self._topic = topic
        self._plain = reliable_producer(broker)
        self._compressing = KafkaProducer(
            **broker.client_settings(),
            acks="all",
            compression_type="gzip",
            max_request_size=MAX_REQUEST_BYTES,
        )
        self._good: list[Any] = []
        self._poison: list[tuple[Poison, Any]] = []

    def send(self, poison: Poison) -> None:
        """Send the record that must come before a poison record, then the poison record."""
        if poison.before is not None:
            self._good.append(self._send(poison, poison.before))
        if poison.compressed:
            self._plain.flush()
        if poison.fate == "refused":
            with pytest.raises(MessageSizeTooLargeError):
                self._send(poison, poison.value).get(30)
            self._poison.append((poison, None))
            return
        self._poison.append((poison, self._send(poison, poison.value)))
        if poison.compressed:
            self._compressing.flush()

    def send_good(self, messages: Iterable[Message]) -> None:
        """Send good records."""
        for key, value in messages:
            self._good.append(self._plain.send(self._topic, key=key, value=value))

    def finish(self) -> tuple[int, list[Placed]]:
        """Wait for all acknowledgements; return the number of records on the broker and the placed poison."""
        self._plain.flush()
        answers = [future.get(30) for future in self._good]
        all_placed = [_placed(poison, future) for poison, future in self._poison]
        self._plain.close()
        self._compressing.close()
        return len(answers) + sum(placed.place is not None for placed in all_placed), all_placed

    def _send(self, poison: Poison, value: bytes | None) -> Any:
        producer = self._compressing if poison.compressed else self._plain
        return producer.send(self._topic, key=poison.key, value=value, headers=list(poison.headers))


def _placed(poison: Poison, future: Any) -> Placed:
    if future is None:
        return Placed(poison, None)
    answer = future.get(30)
    return Placed(poison, (answer.topic, answer.partition, answer.offset), answer.timestamp)


def letters_of(engine: Engine, group: str) -> dict[tuple[str, int, int], DeadLetter]:
    """Return the dead letters of a group by the place of their record."""
    query = select(DeadLetterRow).where(col(DeadLetterRow.consumer_group) == group)
    with Session(engine) as session:
        found = [store.to_letter(row) for row in session.scalars(query)]
    return {(letter.topic, letter.partition, letter.offset): letter for letter in found}


def wrong_letters(
    all_placed: Sequence[Placed], letters: dict[tuple[str, int, int], DeadLetter], build: str
) -> list[str]:
    """Return the names of the poison whose dead letter is missing, superfluous or differs from it."""
    return [placed.poison.name for placed in all_placed if not _is_right(placed, letters, build)]


def _is_right(placed: Placed, letters: dict[tuple[str, int, int], DeadLetter], build: str) -> bool:
    poison = placed.poison
    letter = letters.get(placed.place) if placed.place is not None else None
    if letter is None or not poison.is_dead_letter:
        return letter is None and not poison.is_dead_letter
    sent = (poison.key, poison.value, poison.headers, poison.fate, placed.timestamp_ms)
    kept = (letter.key, letter.value, letter.headers, letter.reason, letter.timestamp_ms)
    return sent == kept and letter.build == build and letter.attempts == 1
