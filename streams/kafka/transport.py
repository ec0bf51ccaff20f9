"""Faust's transport for us: one event is a chunk of contiguous records of one partition.

Stock Faust commits past unacknowledged events, drops what it cannot decode and spends 60-77 µs on
each record. Its own extension point cures all three: records stay raw and travel in chunks, and a
commit never passes the oldest chunk that is not acknowledged.
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
from streams.kafka.chunks import MAX_CHUNK_RECORDS, Commits, Run, slices

READ_COMMITTED = "read_committed"
"""Records of a transaction are read once it is committed, and never where it was aborted."""

REVOKE_WAIT_SECONDS = 10.0
IDLE_SECONDS = 0.02


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread, made to read what is committed and nothing else.

    Faust itself does so only for its own transactions, which we do not use.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = READ_COMMITTED
        return consumer

    def highwater(self, tp: TP) -> int | None:
        """Return the last stable offset: what comes after it is not readable yet. None: not known."""
        return cast("int | None", self._ensure_consumer().last_stable_offset(tp))


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's Kafka consumer with chunks as messages and our commit rule."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.commits = Commits()
        self._ends: dict[TP, int] = {}
        self._starts: dict[TP, int] = {}
        self._origins: dict[TP, int] = {}
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
            # Nothing is fetched while all is paused; the group must not take that for a stalled member.
            with self._thread._consumer._subscription.fetch_context():
                await self.sleep(IDLE_SECONDS)
            return {}
        return await self._getmany(active_partitions=active, timeout=timeout)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Yield chunks of what was fetched; what belongs to another generation is fetched again.

        Everything else is handed on, also of a partition that was paused meanwhile: fetching goes on
        after it. A chunk without a record tells of offsets that have none.
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
        for tp, chunk in self._runs(records, is_steady=is_steady):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield tp, self._chunk_message(tp, chunk)

    def _runs(self, records: Mapping[TP, Sequence[Any]], *, is_steady: bool) -> list[tuple[TP, Run]]:
        """Cut what was fetched, each run with the end of what was fetched before it, handed on or not.

        Where somebody sought meanwhile, neither what lies before it nor what comes after it is known.
        """
        runs = []
        if not is_steady:
            self._ends.clear()
        for tp, fetched in records.items():
            for chunk in slices(fetched, MAX_CHUNK_RECORDS):
                runs.append((tp, Run(chunk, self._ends.get(tp), self._origins.get(tp))))
                self._ends[tp] = chunk[-1].offset + 1
        if not is_steady:
            self._ends.clear()
            return runs
        last = dict(runs)
        for tp, position in self._read_over():
            # In the order of the records: what a partition has no record at is done after all before it.
            if tp in last:
                last[tp].end = position
            else:
                runs.append((tp, Run((), self._ends.get(tp), self._origins.get(tp), position)))
            self._ends[tp] = position
        return runs

    def _read_over(self) -> list[tuple[TP, int]]:
        """Return the partitions in which the client went over offsets without a record, and its positions."""
        found = []
        for tp in self._origins:
            begin, position = self._ends.get(tp, self._starts.get(tp)), self._position(tp)
            if begin is not None and position is not None and position > begin:
                found.append((tp, position))
        return found

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to the committed offsets, and to the beginning where nothing is committed yet.

        aiokafka leaves such a partition where it is: what was fetched and not handed on would be lost.
        """
        with self._moving():
            committed = cast(Mapping[TP, int], await super().seek_to_committed())
        fresh = [tp for tp, offset in committed.items() if not offset]
        begin = await self.earliest_offsets(*fresh) if fresh else {}
        self._origins = {tp: offset or begin[tp] for tp, offset in committed.items()}
        self._starts = dict(self._origins)
        await self.seek_wait(begin)
        return committed

    async def go_back(self, tp: TP, offset: int) -> None:
        """Read a partition again from an offset on. Chunks of it that are on their way end nothing."""
        self.commits.forget([tp])
        await self.seek_wait({tp: offset})

    def read_of(self, tp: TP) -> tuple[int | None, int] | None:
        """Return where the client began to read a partition, and its position; None where it has none."""
        position = self._position(tp)
        return None if position is None else (self._origins.get(tp), position)

    def _position(self, tp: TP) -> int | None:
        client = self._thread._consumer
        subscription = client and client._subscription.subscription
        assignment = subscription and subscription.assignment
        state = assignment and assignment.state_value(tp)
        return int(state.position) if state and state.has_valid_position else None

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave it to our health: Faust's look at a partition without a position ends the consumer."""

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to offsets. What was on its way from elsewhere still comes."""
        # Given away meanwhile: whoever has it now looks by itself.
        with self._moving(), suppress(IllegalStateError):
            self._starts.update(partitions)
            await super().seek_wait(partitions)

    @contextmanager
    def _moving(self) -> Iterator[None]:
        """Forget where the last records ended; a fetch under way knows by the counts that it happened."""
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

    def _chunk_message(self, tp: TP, chunk: list[Any]) -> ConsumerMessage:
        end = getattr(chunk, "end", None)
        message = self._to_message(tp, chunk[-1]) if chunk else _nothing(tp, self.app.consumer_generation_id)
        message.value = chunk
        message.key = None
        if end is not None:
            message.offset = end - 1
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
        # Kept beside the flow's suspension, so that a rebalance never waits for a full buffer.
        await self.wait_first(self.callback(message), self.suspend_flow.wait())

    def ack(self, message: Any) -> bool:
        """Mark a chunk as done: each of its records has a fate that is durable."""
        done = bool(super().ack(message))
        # After a rebalance the same offsets are delivered again: an old chunk says nothing of them.
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
        """Let Faust wait for what is in flight and commit it, then forget the partitions."""
        await super().on_partitions_revoked(revoked)
        self.commits.forget(revoked)
        self._origins.clear()
        self._starts.clear()
        self._forget_ends()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Subscribe once the consumer's thread has its client: Faust does not wait for it."""
        while self._thread._consumer is None and not self.should_stop:
            await self.sleep(IDLE_SECONDS)
        await super().subscribe(topics)

    async def wait_empty(self) -> None:
        """Wait for work in flight, but not for ever: what is late is fenced and redelivered.

        Our own, as Faust's wait swallows the cancellation that would end it. Chunks of paused
        partitions are not waited for.
        """
        paused = self.app.paused()
        for message in [one for one in self._unacked_messages if one.tp in paused]:
            self._unacked_messages.discard(message)
        deadline = monotonic() + REVOKE_WAIT_SECONDS
        while self._unacked_messages and not self.should_stop and monotonic() < deadline:
            await self.commit()
            if self._unacked_messages:
                await self._wait_for_ack(timeout=1)
                self._clean_unacked_messages()
        self._unacked_messages.clear()
        await self.commit_and_end_transactions()


def _nothing(tp: TP, generation_id: int) -> ConsumerMessage:
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
    """Faust's producer made idempotent; the agents do not publish, Faust itself might."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {**cast(Mapping[str, Any], super()._settings_extra()), "enable_idempotence": True}


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka transport with our consumer and producer."""

    Consumer = Consumer
    Producer = Producer
