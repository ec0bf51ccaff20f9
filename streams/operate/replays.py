"""Replay: send dead letters back to their topic after the cause of the failure is fixed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from kafka.errors import KafkaConnectionError
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import actions
from responders.store import letters as store
from responders.store.actions import OperatorAction
from schemas.letters import DeadLetter
from streams.kafka.brokers import Broker, partition_counts
from streams.operate.dead_letters import AUDITED_IDS, reasons, unsendable

REPLAYED_FROM: Final = "replayed-from"
"""Header of a replayed record: the id of its dead letter."""

LETTERS_PER_TRANSACTION: Final = 100
"""Letters that are locked, sent and marked in one transaction, at most."""

SECONDS_PER_TRANSACTION: Final = 2.0
"""A slow replay marks fewer letters at once, so that it locks no letter for longer than this."""

NOT_TRIED: Final = "not tried, because the broker did not answer"

RecordPlace = tuple[str, int, int]
"""Topic, partition and offset of a record."""


@dataclass(frozen=True)
class ReplayOptions:
    """How to replay: records per second at most, the states of the letters, the wait for each record.

    `rate_per_second` > 0, `delivery_timeout_seconds` > 0.
    """

    rate_per_second: float = 500.0
    states: tuple[store.LetterState, ...] = ("new",)
    delivery_timeout_seconds: float = 30.0

    @property
    def letters_per_transaction(self) -> int:
        """Return how many letters are sent and marked in one transaction, at least 1."""
        return max(1, min(LETTERS_PER_TRANSACTION, int(self.rate_per_second * SECONDS_PER_TRANSACTION)))


DEFAULTS: Final = ReplayOptions()


@dataclass(frozen=True)
class Replay:
    """One record of the source topic, and the ids of all letters that its groups wrote about it."""

    letter: DeadLetter
    letter_ids: tuple[str, ...]


@dataclass
class Replayed:
    """The result of a replay: the letters whose record the broker has again, and why the others were kept.

    `records` is the number of records sent: letters of several groups may share one record.
    """

    records: int = 0
    sent: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    def details(self) -> dict[str, Any]:
        """Return the details of the audit row, in addition to the number of letters."""
        return {"records": self.records, "letter_ids": self.sent[:AUDITED_IDS], "kept": len(self.kept)}


def replay(  # noqa: PLR0913 - each argument is a separate dependency or choice
    engine: Engine,
    broker: Broker,
    letter_ids: Sequence[str],
    *,
    action: OperatorAction,
    options: ReplayOptions = DEFAULTS,
    now: datetime,
) -> Replayed:
    """Republish the records of letters to their topics, byte for byte, and mark the letters as replayed.

    Letters in other states than `options.states`, and letters locked by another replay, are left alone. A
    record is sent once even if several groups wrote a letter about it, in the order of `letter_ids`. A crash
    between the broker's acknowledgement and the mark sends a record again; because its event id is the same,
    it still has one effect. The audit row grows in the transaction of each mark.

    Raises kafka-python's KafkaError if the broker is away; if it goes away later, the other letters are kept.
    """
    run = _ReplayRun(engine, broker, action, options, now)
    size = options.letters_per_transaction
    with asyncio.Runner() as runner:
        runner.run(run.start())
        try:
            for start in range(0, len(letter_ids), size):
                if run.is_away:
                    run.replayed.kept |= dict.fromkeys(letter_ids[start:], NOT_TRIED)
                    break
                run.some(runner, letter_ids[start : start + size])
        finally:
            runner.run(run.producer.stop())
    return run.replayed


class _ReplayRun:
    """One replay: its producer, its rate limiter and its result so far."""

    producer: Any
    is_away = False

    def __init__(
        self, engine: Engine, broker: Broker, action: OperatorAction, options: ReplayOptions, now: datetime
    ) -> None:
        self.replayed = Replayed()
        self._engine = engine
        self._broker = broker
        self._action = action
        self._options = options
        self._now = now
        self._limiter = RateLimiter(options.rate_per_second)
        self._partitions: dict[str, int] = {}
        self._action_id: int | None = None

    async def start(self) -> None:
        """Connect the producer."""
        timeout_ms = int(self._options.delivery_timeout_seconds * 1_000)
        # Not idempotent: an idempotent aiokafka producer never gives up on a record, and one refused record
        # fails all later records of its partition. The order holds, because aiokafka has only one batch of a
        # partition in flight at a time.
        producer = AIOKafkaProducer(
            **self._broker.client_settings(), acks="all", request_timeout_ms=timeout_ms
        )
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise KafkaConnectionError(str(error)) from error
        self.producer = producer

    def some(self, runner: asyncio.Runner, letter_ids: Sequence[str]) -> None:
        """Send some letters and mark them, in one transaction."""
        with Session(self._engine) as session, session.begin():
            rows = store.claim_letters(session, letter_ids, states=self._options.states)
            claimed = {row.letter_id for row in rows}
            others = [name for name in letter_ids if name not in claimed]
            self.replayed.kept |= reasons(
                session, others, states=self._options.states, otherwise="held by another replay"
            )
            replays = by_source(store.to_letter(row) for row in rows)
            self._learn_partitions({sent.letter.topic for sent in replays})
            answers = runner.run(self._send_all(replays))
            self._conclude(session, list(zip(replays, answers, strict=True)))

    def _learn_partitions(self, topics: set[str]) -> None:
        unknown = topics - self._partitions.keys()
        self._partitions |= dict.fromkeys(unknown, 0) | partition_counts(self._broker, unknown)

    async def _send_all(self, replays: Sequence[Replay]) -> list[str | None]:
        """Return for each record None after the broker has it, or why it does not have it."""
        answers: list[Any] = []
        for record in replays:
            await asyncio.sleep(self._limiter.wait_seconds(monotonic()))
            answers.append(await self._send(record.letter))
        return [await self._outcome(answer) for answer in answers]

    async def _send(self, letter: DeadLetter) -> Any:
        """Return the answer to wait for, or the reason why the record cannot be sent."""
        if self.is_away:
            return NOT_TRIED
        problem = unsendable(letter.topic, letter.partition, self._partitions)
        if problem is not None:
            return problem
        # A separate batch: a refused record fails no other record, and key and value may both be null.
        batch = self.producer.create_batch()
        headers = replay_headers(letter)
        if batch.append(key=letter.key, value=letter.value, headers=headers, timestamp=None) is None:
            return "the producer did not accept it"
        batch.close()
        try:
            return await self.producer.send_batch(batch, letter.topic, partition=letter.partition)
        except KafkaError as error:
            return self._refused(error)

    async def _outcome(self, answer: Any) -> str | None:
        if isinstance(answer, str):
            return answer
        try:
            await answer
        except KafkaError as error:
            return self._refused(error)
        return None

    def _refused(self, error: KafkaError) -> str:
        # aiokafka retried this error until the timeout: the other records would only wait as long.
        self.is_away = self.is_away or error.retriable or isinstance(error, KafkaTimeoutError)
        return type(error).__name__

    def _conclude(self, session: Session, answered: list[tuple[Replay, str | None]]) -> None:
        done = [sent for sent, why in answered if why is None]
        ids = [letter_id for sent in done for letter_id in sent.letter_ids]
        store.mark_replayed(session, ids, now=self._now)
        self.replayed.records += len(done)
        self.replayed.sent += ids
        for failed, why in answered:
            if why is not None:
                self.replayed.kept |= dict.fromkeys(failed.letter_ids, why)
        self._audit(session)

    def _audit(self, session: Session) -> None:
        affected, details = len(self.replayed.sent), self.replayed.details()
        if self._action_id is not None:
            actions.extend(session, self._action_id, affected=affected, details=details)
        elif affected:
            self._action_id = actions.record(
                session, self._action, affected=affected, details=details, now=self._now
            )


class RateLimiter:
    """Evenly spaced turns, at most `rate_per_second`; unused time is not made up for.

    >>> limiter = RateLimiter(2.0)
    >>> [limiter.wait_seconds(now) for now in (10.0, 10.0, 10.5, 20.0, 20.0)]
    [0.0, 0.5, 0.5, 0.0, 0.5]
    """

    def __init__(self, rate_per_second: float) -> None:
        self._gap = 1.0 / rate_per_second
        self._next = float("-inf")

    def wait_seconds(self, now: float) -> float:
        """Take the next turn, and return how long to wait for it from `now`, in seconds."""
        turn = max(now, self._next)
        self._next = turn + self._gap
        return turn - now


def by_source(letters: Iterable[DeadLetter]) -> list[Replay]:
    """Return one replay per record, in the order of the letters."""
    groups: dict[RecordPlace, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        groups[letter.topic, letter.partition, letter.offset].append(letter)
    return [Replay(same[0], tuple(letter.letter_id for letter in same)) for same in groups.values()]


def replay_headers(letter: DeadLetter) -> list[tuple[str, bytes | None]]:
    """Return the headers of a replayed record: its own (including null values), then `replayed-from`.

    The mark of an earlier replay is replaced, so that headers do not grow with every attempt.
    """
    kept = [(name, value) for name, value in letter.headers if name != REPLAYED_FROM]
    return [*kept, (REPLAYED_FROM, letter.letter_id.encode())]
