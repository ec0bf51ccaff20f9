"""Send dead letters back to the topic they were read from, once what ailed them is mended."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import letters as store
from schemas import DeadLetter
from streams.kafka import Broker, held_offsets, reliable_producer

REPLAYED_FROM: Final = "replayed-from"
"""Header of a replayed record: the id of its dead letter."""

LETTERS_PER_TRANSACTION: Final = 200

Source = tuple[str, int, int]


@dataclass(frozen=True)
class Replay:
    """What one record of the source topic takes with it: every letter that its groups wrote of it."""

    letter: DeadLetter
    letter_ids: tuple[str, ...]


@dataclass
class Replayed:
    """What became of a replay: letters whose record the broker has again, and why others stayed.

    `records` is how many records were sent: letters of several groups may share one.
    """

    records: int = 0
    sent: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


def replay(
    engine: Engine,
    broker: Broker,
    letter_ids: Sequence[str],
    *,
    now: datetime,
    delivery_timeout_seconds: float = 30.0,
) -> Replayed:
    """Republish the records of letters to their topics, byte for byte, and mark the letters as replayed.

    Letters that were replayed before, or that another replay holds, are left alone. A record goes
    out once even when several groups buried it. A crash between the broker's acknowledgement and the
    mark sends a record again; as its event id is the same, it still has one effect.
    """
    replayed = Replayed()
    producer = reliable_producer(broker, delivery_timeout_seconds=delivery_timeout_seconds)
    try:
        for start in range(0, len(letter_ids), LETTERS_PER_TRANSACTION):
            chosen = letter_ids[start : start + LETTERS_PER_TRANSACTION]
            with Session(engine) as session, session.begin():
                _replay_some(session, broker, producer, chosen, replayed, now)
    finally:
        producer.close(timeout=5)
    return replayed


def _replay_some(  # noqa: PLR0913, PLR0917 - the parts of one transaction
    session: Session,
    broker: Broker,
    producer: Any,
    letter_ids: Sequence[str],
    replayed: Replayed,
    now: datetime,
) -> None:
    rows = store.claim_letters(session, letter_ids)
    claimed = {row.letter_id for row in rows}
    others = [name for name in letter_ids if name not in claimed]
    replayed.kept |= dict.fromkeys(others, "replayed before, in another replay, or unknown")
    replays = by_source(store.to_letter(row) for row in rows)
    partitions = _partition_counts(broker, {one.letter.topic for one in replays})
    answers = [(one, _send(producer, one.letter, partitions)) for one in replays]
    producer.flush()
    done = [one for one, answer in answers if _arrived(one, answer, replayed)]
    ids = [name for one in done for name in one.letter_ids]
    store.mark_replayed(session, ids, now=now)
    replayed.records += len(done)
    replayed.sent += ids


def by_source(letters: Iterable[DeadLetter]) -> list[Replay]:
    """Return one replay per record that was read, in the order of the letters."""
    groups: dict[Source, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        groups[letter.topic, letter.partition, letter.offset].append(letter)
    return [Replay(some[0], tuple(one.letter_id for one in some)) for some in groups.values()]


def _partition_counts(broker: Broker, topics: Iterable[str]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for topic, _ in held_offsets(broker, topics):
        counts[topic] += 1
    return counts


def _send(producer: Any, letter: DeadLetter, partitions: Mapping[str, int]) -> Any:
    """Return the answer to wait for, or the reason why the record cannot be sent."""
    problem = unsendable(letter, partitions)
    if problem is not None:
        return problem
    try:
        return producer.send(
            letter.topic,
            key=letter.key,
            value=letter.value,
            headers=replay_headers(letter),
            partition=letter.partition,
        )
    except KafkaError as error:
        return type(error).__name__


def unsendable(letter: DeadLetter, partitions: Mapping[str, int]) -> str | None:
    """Return why a letter's record cannot go back to where it was read, or None."""
    if letter.partition >= partitions.get(letter.topic, 0):
        return f"{letter.topic} has no partition {letter.partition} any more"
    if letter.key is None and letter.value is None:
        return "the record has neither key nor value"
    return None


def replay_headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    """Return the headers of a replayed record: its own, then `replayed-from`.

    A null header becomes an empty one, as kafka-python writes no null. The mark of an earlier
    replay is replaced, so that headers do not grow with every attempt.
    """
    kept = [(name, value or b"") for name, value in letter.headers if name != REPLAYED_FROM]
    return [*kept, (REPLAYED_FROM, letter.letter_id.encode())]


def _arrived(one: Replay, answer: Any, replayed: Replayed) -> bool:
    reason = answer
    if not isinstance(answer, str):
        try:
            answer.get()
        except KafkaError as error:
            reason = type(error).__name__
        else:
            return True
    replayed.kept |= dict.fromkeys(one.letter_ids, reason)
    return False


def visible(data: bytes) -> str:
    r"""Return bytes as text that is safe on a terminal: what is not printable is escaped.

    >>> visible(b"caf\xc3\xa9\x1b[2J\xff") == 'café\\x1b[2J\\xff'
    True
    """
    text = data.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() or char in "\n\t" else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
