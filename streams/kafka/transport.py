"""Faust's transport for us: one event is a chunk of contiguous records of one partition.

Stock Faust commits past unacknowledged events, drops records that it cannot decode and spends 60-77 µs on
each record. Its own extension point, the transport, cures all three: records stay raw and travel in
chunks, and a commit never passes the oldest unacknowledged chunk.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, cast

from aiokafka.errors import IllegalStateError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.kafka import record_batches
from streams.kafka.chunks import MAX_CHUNK_RECORDS, Commits, slices
from streams.kafka.link import ReadPosition
from streams.kafka.records import Chunk

READ_COMMITTED = "read_committed"
"""Records of a transaction are read once it is committed, and never if it was aborted."""

FETCH_WAIT_MILLISECONDS = 3000
"""How long the broker holds a fetch that finds no record; a record ends the wait at once. Faust fixes half of
it, which doubles what idle groups cost the broker. A partition that is resumed or newly assigned waits as
long at most, because a fetch under way does not ask for it. Chosen by hand."""

REVOKE_WAIT_SECONDS = 10.0
IDLE_SECONDS = 0.02


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread, changed to read only committed records and to fetch less often when idle.

    Faust itself reads only committed records with its own transactions, which we do not use.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = READ_COMMITTED
        consumer._fetch_max_wait_ms = FETCH_WAIT_MILLISECONDS
        return consumer

    def highwater(self, tp: TP) -> int | None:
        """Return the last stable offset, after which no record is readable yet; None if unknown."""
        return cast("int | None", self._ensure_consumer().last_stable_offset(tp))


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's Kafka consumer with chunks as messages and our commit rule.

    `_ends` has the offset after the last record fetched of each partition, unless a seek happened since;
    `_starts` the offset of the last seek, `_first_reads` the first offset read since the assignment.
    `_moves` counts the seeks, `_seeking` how many are under way.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.commits = Commits()
        self._ends: dict[TP, int] = {}
        self._starts: dict[TP, int] = {}
        self._first_reads: dict[TP, int] = {}
        self._moves = 0
        self._seeking = 0
        record_batches.install()
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _fetched(self, timeout: float) -> Any:  # noqa: ASYNC109
        # Faust sleeps a fixed second when every buffer is full; a chunk is done in milliseconds.
        active = self._get_active_partitions()
        if not active:
            # Nothing is fetched while every partition is paused; the group must not see a stalled member in
            # that.
            with self._thread._consumer._subscription.fetch_context():
                await self.sleep(IDLE_SECONDS)
            return {}
        return await self._getmany(active_partitions=active, timeout=timeout)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Yield the fetched records in chunks; records of another generation are fetched again.

        Records of a partition that was paused meanwhile are handed on too: fetching goes on after them. A
        chunk without a record reports offsets that have none.
        """
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        # Before the fetch: a whole rebalance may come and go while it waits.
        generation, moves = self.app.consumer_generation_id, self._moves
        records = await self._fetched(timeout)
        if self.should_stop:
            return
        if not self.flow_active or self.app.consumer_generation_id != generation:
            if records:
                await self.perform_seek()
            return
        is_steady = self._moves == moves and not self._seeking
        for tp, chunk in self._chunks(records, is_steady=is_steady):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield tp, self._chunk_message(tp, chunk)

    def _chunks(self, records: Mapping[TP, Sequence[Any]], *, is_steady: bool) -> list[tuple[TP, Chunk]]:
        """Cut the fetched records into chunks, each with the end of the records fetched before it.

        If a seek happened during this fetch (not `is_steady`), we cannot tell whether these records continue
        the previous ones, so `previous_end` of the first chunk is None.
        """
        chunks = []
        if not is_steady:
            self._ends.clear()
        for tp, fetched in records.items():
            for part in slices(fetched, MAX_CHUNK_RECORDS):
                end = part[-1].offset + 1
                chunks.append((tp, self._chunk(tp, part, end)))
                self._ends[tp] = end
        if not is_steady:
            self._ends.clear()
            return chunks
        last = dict(chunks)
        for tp, position in self._read_over():
            # Offsets without a record are done after all records before them, so they end the last chunk.
            if tp in last:
                last[tp].end = position
            else:
                chunks.append((tp, self._chunk(tp, (), position)))
            self._ends[tp] = position
        return chunks

    def _chunk(self, tp: TP, records: Sequence[Any], end: int) -> Chunk:
        generation = self.app.consumer_generation_id
        return Chunk(tp.partition, generation, records, end, self._ends.get(tp), self._first_reads.get(tp))

    def _read_over(self) -> list[tuple[TP, int]]:
        """Return partitions in which the client passed over offsets without a record, and its positions."""
        found = []
        for tp in self._first_reads:
            begin, position = self._ends.get(tp, self._starts.get(tp)), self._position(tp)
            if begin is not None and position is not None and position > begin:
                found.append((tp, position))
        return found

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to the committed offsets, and to the beginning of partitions without a commit.

        aiokafka leaves a partition without a commit at its position: records that were fetched and not handed
        on would be lost.
        """
        with self._moving():
            committed = cast(Mapping[TP, int], await super().seek_to_committed())
        fresh = [tp for tp, offset in committed.items() if not offset]
        begin = await self.earliest_offsets(*fresh) if fresh else {}
        self._first_reads = {tp: offset or begin[tp] for tp, offset in committed.items()}
        self._starts = dict(self._first_reads)
        await self.seek_wait(begin)
        return committed

    async def go_back(self, tp: TP, offset: int) -> None:
        """Read a partition again from an offset on. Its chunks in flight commit nothing any more."""
        self.commits.forget([tp])
        await self.seek_wait({tp: offset})

    def read_position(self, tp: TP) -> ReadPosition | None:
        """Return where the client began to read a partition, and its position; None if it has no position."""
        position = self._position(tp)
        return None if position is None else ReadPosition(self._first_reads.get(tp), position)

    def _position(self, tp: TP) -> int | None:
        client = self._thread._consumer
        subscription = client and client._subscription.subscription
        assignment = subscription and subscription.assignment
        state = assignment and assignment.state_value(tp)
        return int(state.position) if state and state.has_valid_position else None

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: our health checks cover it, and Faust's check ends a consumer without a position."""

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to offsets. Records already on their way from other offsets still arrive."""
        # If the partition was given away meanwhile, its new owner finds the offset by itself.
        with self._moving(), suppress(IllegalStateError):
            self._starts.update(partitions)
            await super().seek_wait(partitions)

    @contextmanager
    def _moving(self) -> Iterator[None]:
        """Forget where the last records ended; a fetch under way sees the seek by the counts."""
        self._forget_ends()
        self._seeking += 1
        try:
            yield
        finally:
            self._seeking -= 1
            self._forget_ends()

    def _forget_ends(self) -> None:
        self._moves += 1
        self._ends.clear()

    def _chunk_message(self, tp: TP, chunk: Chunk) -> ConsumerMessage:
        """Return the message of a chunk; its offset is the last that the chunk covers."""
        records = chunk.records
        message = self._to_message(tp, records[-1]) if records else _empty_message(tp, chunk.generation)
        message.value = chunk
        message.key = None
        message.offset = chunk.end - 1
        return message

    async def _drain_messages(self, fetcher: Any) -> None:
        stopped, fetcher_stopped = self._stopped.is_set, fetcher._stopped.is_set
        try:
            while not (stopped() or fetcher_stopped()):
                await self.sleep(0)
                async for tp, message in self.getmany(timeout=1.0):
                    await self._deliver(tp, message)
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.transport.app.should_stop:
                raise

    async def _deliver(self, tp: TP, message: ConsumerMessage) -> None:
        self.commits.delivered(tp, message.offset)
        # Raced with the suspension of the flow, so that a rebalance never waits for a full buffer.
        await self.wait_first(self.callback(message), self.suspend_flow.wait())

    def ack(self, message: Any) -> bool:
        """Mark a chunk as done: each of its records has a durable fate."""
        done = bool(super().ack(message))
        # After a rebalance the same offsets are delivered again: an old chunk tells nothing about them.
        if message.generation_id == self.app.consumer_generation_id:
            self.commits.acknowledged(message.tp, message.offset)
        return done

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (
            tp for tp in self.commits.partitions() if topics is None or tp in topics or tp.topic in topics
        )

    def _new_offset(self, tp: TP) -> int | None:
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        return self.commits.safe(tp)

    def _reset_state(self) -> None:
        self.commits = Commits()
        super()._reset_state()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let Faust wait for the chunks in flight and commit them, then forget the partitions."""
        await super().on_partitions_revoked(revoked)
        self.commits.forget(revoked)
        self._first_reads.clear()
        self._starts.clear()
        self._forget_ends()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Subscribe once the consumer's thread has its client: Faust does not wait for it."""
        while self._thread._consumer is None and not self.should_stop:
            await self.sleep(IDLE_SECONDS)
        await super().subscribe(topics)

    async def wait_empty(self) -> None:
        """Wait for work in flight, but not for ever: late work is fenced and redelivered.

        This replaces Faust's wait, which swallows the cancellation that would end it. It does not wait for
        chunks of paused partitions.
        """
        paused = self.app.paused()
        for message in [message for message in self._unacked_messages if message.tp in paused]:
            self._unacked_messages.discard(message)
        deadline = monotonic() + REVOKE_WAIT_SECONDS
        while self._unacked_messages and not self.should_stop and monotonic() < deadline:
            await self.commit()
            if self._unacked_messages:
                await self._wait_for_ack(timeout=1)
                self._clean_unacked_messages()
        self._unacked_messages.clear()
        await self.commit_and_end_transactions()


def _empty_message(tp: TP, generation_id: int) -> ConsumerMessage:
    """Return the message of a chunk without a record."""
    fields = {
        "timestamp": 0.0,
        "timestamp_type": 0,
        "headers": [],
        "key": None,
        "value": None,
        "checksum": None,
    }
    return ConsumerMessage(tp.topic, tp.partition, offset=0, tp=tp, generation_id=generation_id, **fields)


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer, made idempotent; the agents do not publish, but Faust itself might."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {**cast(Mapping[str, Any], super()._settings_extra()), "enable_idempotence": True}


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka transport with our consumer and producer."""

    Consumer = Consumer
    Producer = Producer
