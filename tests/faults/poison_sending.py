"""Put poison on a topic, remember where the broker put it, and hold its dead letter against it."""

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
    """A poison record and where the broker keeps it; None where the producer refused it."""

    poison: Poison
    place: tuple[str, int, int] | None
    timestamp_ms: int = -1


class PoisonSender:
    """Send poison and good records of one topic; the order on the topic is that of the calls."""

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

    def send(self, one: Poison) -> None:
        """Send what must come before a poison record, then it."""
        if one.before is not None:
            self._good.append(self._send(one, one.before))
        if one.compressed:
            self._plain.flush()
        if one.fate == "refused":
            with pytest.raises(MessageSizeTooLargeError):
                self._send(one, one.value).get(30)
            self._poison.append((one, None))
            return
        self._poison.append((one, self._send(one, one.value)))
        if one.compressed:
            self._compressing.flush()

    def send_good(self, messages: Iterable[Message]) -> None:
        """Send other records."""
        for key, value in messages:
            self._good.append(self._plain.send(self._topic, key=key, value=value))

    def finish(self) -> tuple[int, list[Placed]]:
        """Wait for all acknowledgements; return how many records the broker has, and where the poison is."""
        self._plain.flush()
        answers = [future.get(30) for future in self._good]
        placed = [_placed(one, future) for one, future in self._poison]
        self._plain.close()
        self._compressing.close()
        return len(answers) + sum(one.place is not None for one in placed), placed

    def _send(self, one: Poison, value: bytes | None) -> Any:
        producer = self._compressing if one.compressed else self._plain
        return producer.send(self._topic, key=one.key, value=value, headers=list(one.headers))


def _placed(one: Poison, future: Any) -> Placed:
    if future is None:
        return Placed(one, None)
    answer = future.get(30)
    return Placed(one, (answer.topic, answer.partition, answer.offset), answer.timestamp)


def letters_of(engine: Engine, group: str) -> dict[tuple[str, int, int], DeadLetter]:
    """Return a group's dead letters by the place their record was read from."""
    query = select(DeadLetterRow).where(col(DeadLetterRow.consumer_group) == group)
    with Session(engine) as session:
        found = [store.to_letter(row) for row in session.scalars(query)]
    return {(one.topic, one.partition, one.offset): one for one in found}


def wrong_letters(
    placed: Sequence[Placed], letters: dict[tuple[str, int, int], DeadLetter], build: str
) -> list[str]:
    """Return the names of the poison whose dead letter is missing, superfluous or not what was sent."""
    return [one.poison.name for one in placed if not _is_right(one, letters, build)]


def _is_right(one: Placed, letters: dict[tuple[str, int, int], DeadLetter], build: str) -> bool:
    letter = letters.get(one.place) if one.place is not None else None
    if letter is None or not one.poison.is_dead_letter:
        return letter is None and not one.poison.is_dead_letter
    sent = (one.poison.key, one.poison.value, one.poison.headers, one.poison.fate, one.timestamp_ms)
    kept = (letter.key, letter.value, letter.headers, letter.reason, letter.timestamp_ms)
    return sent == kept and letter.build == build and letter.attempts == 1
