"""Faust's transport for us: one event is a chunk of contiguous records of one partition.

Stock Faust commits past unacknowledged events, drops what it cannot decode and spends 60-77 µs on
each record. Its own extension point cures all three: records stay raw and travel in chunks, and a
commit stands only behind the oldest chunk that is not acknowledged.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from time import monotonic
from typing import Any, cast

from aiokafka.errors import IllegalStateError
from faust.serializers.schemas import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams import record_batches

MAX_CHUNK_RECORDS = 2_000
"""2.6 µs per record at 2,000 and at 10,000, 2.9 to 3.4 at 500 (streaming notes, section 8)."""

REVOKE_WAIT_SECONDS = 10.0
IDLE_SECONDS = 0.02


def slices(records: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """Cut `records` into runs of at most `size`, in order.

    >>> list(slices([1, 2, 3, 4, 5], 2))
    [[1, 2], [3, 4], [5]]
    """
    iterator = iter(records)
    while chunk := list(islice(iterator, size)):
        yield chunk


class ChunkSchema(Schema):  # type: ignore[misc]
    """Hand keys and values through untouched: decoding is ours, per record (`consume`)."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        """Return the key as it is."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """Return the list of records as it is."""
        return message.value


class Commits:
    """Which offset of each partition is safe to commit: behind the oldest unacknowledged chunk.

    >>> commits = Commits()
    >>> for last in (9, 19, 29):
    ...     commits.delivered("p", last)
    >>> commits.acknowledged("p", 19)
    >>> commits.safe("p") is None
    True
    >>> commits.acknowledged("p", 9)
    >>> commits.safe("p")
    20
    """

    def __init__(self) -> None:
        self._delivered: dict[Any, deque[int]] = defaultdict(deque)
        self._done: dict[Any, set[int]] = defaultdict(set)
        self._safe: dict[Any, int] = {}

    def delivered(self, partition: Any, last_offset: int) -> None:
        """Note a chunk handed out, by its last offset, in order."""
        self._delivered[partition].append(last_offset)

    def acknowledged(self, partition: Any, last_offset: int) -> None:
        """Note a chunk all of whose records have a fate; unknown chunks are of a past assignment."""
        if last_offset in self._delivered[partition]:
            self._done[partition].add(last_offset)

    def safe(self, partition: Any) -> int | None:
        """Return the offset behind the last chunk with no unacknowledged one before it, if any."""
        waiting, done = self._delivered[partition], self._done[partition]
        while waiting and waiting[0] in done:
            last_offset = waiting.popleft()
            done.discard(last_offset)
            self._safe[partition] = last_offset + 1
        return self._safe.get(partition)

    def forget(self, partitions: Iterable[Any]) -> None:
        """Forget partitions that were revoked."""
        for partition in partitions:
            for table in (self._delivered, self._done, self._safe):
                table.pop(partition, None)

    def partitions(self) -> list[Any]:
        """Return the partitions that had a chunk since they were assigned."""
        return list(self._delivered)


class Run(list[Any]):
    """Records of a chunk; `follows`: the client read them right behind the record below this offset.

    `origin` is where the client began to read since the partition was assigned. None: not known.
    """

    def __init__(self, records: Iterable[Any], follows: int | None, origin: int | None) -> None:
        super().__init__(records)
        self.follows = follows
        self.origin = origin


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's Kafka consumer with chunks as messages and our commit rule."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.commits = Commits()
        self._ends: dict[TP, int] = {}
        self._origins: dict[TP, int] = {}
        self._moves = 0
        record_batches.install()
        super().__init__(*args, **kwargs)

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
        behind it.
        """
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        # Before the fetch: a whole rebalance may come and go while it waits.
        generation, moves = self.app.consumer_generation_id, self._moves
        records = await self._fetched(timeout)
        if self.should_stop or not records:
            return
        if not self.flow_active or self.app.consumer_generation_id != generation:
            await self.perform_seek()
            return
        for tp, chunk in self._runs(records, is_steady=self._moves == moves):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield tp, self._chunk_message(tp, chunk)

    def _runs(self, records: Mapping[TP, Sequence[Any]], *, is_steady: bool) -> list[tuple[TP, Run]]:
        """Cut what was fetched, each run with the end of what was fetched before it, handed on or not.

        Where somebody sought meanwhile, neither what lies before it nor what comes behind it is known.
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

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to the committed offsets, and to the beginning where nothing is committed yet.

        aiokafka leaves such a partition where it is: what was fetched and not handed on would be lost.
        """
        self._moved()
        committed = cast(Mapping[TP, int], await super().seek_to_committed())
        self._moved()
        fresh = [tp for tp, offset in committed.items() if not offset]
        begin = await self.earliest_offsets(*fresh) if fresh else {}
        self._origins = {tp: offset or begin[tp] for tp, offset in committed.items()}
        await self.seek_wait(begin)
        return committed

    async def go_back(self, tp: TP, offset: int) -> None:
        """Read a partition again from an offset on. Chunks of it that are on their way end nothing."""
        self.commits.forget([tp])
        await self.seek_wait({tp: offset})

    def read_of(self, tp: TP) -> tuple[int | None, int] | None:
        """Return where the client began to read a partition, and its position; None where it has none."""
        subscription = self._thread._consumer._subscription.subscription
        assignment = subscription and subscription.assignment
        state = assignment and assignment.state_value(tp)
        if not state or not state.has_valid_position:
            return None
        return self._origins.get(tp), int(state.position)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave it to our health: Faust's look at a partition without a position ends the consumer."""

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to offsets. What was on its way from elsewhere still comes."""
        self._moved()
        with suppress(IllegalStateError):  # given away meanwhile: whoever has it now looks by itself
            await super().seek_wait(partitions)
        self._moved()

    def _moved(self) -> None:
        """Forget behind what the next records lie; a fetch under way knows by the count that it happened."""
        self._moves += 1
        self._ends.clear()

    def _chunk_message(self, tp: TP, chunk: list[Any]) -> ConsumerMessage:
        message = self._to_message(tp, chunk[-1])
        message.value = chunk
        message.key = None
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
        # After a rebalance the same offsets are delivered anew: an old chunk says nothing of them.
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
        self._moved()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Subscribe once the consumer's thread has its client: Faust does not wait for it."""
        while self._thread._consumer is None and not self.should_stop:
            await self.sleep(IDLE_SECONDS)
        await super().subscribe(topics)

    async def wait_empty(self) -> None:
        """Wait for work in flight, but not for ever: what is late is fenced and redelivered.

        Written anew, as Faust's own wait swallows the cancellation that would end it. Chunks of paused
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


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer made idempotent; the agents do not publish, Faust itself might."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {**cast(Mapping[str, Any], super()._settings_extra()), "enable_idempotence": True}


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's aiokafka transport with our consumer and producer."""

    Consumer = Consumer
    Producer = Producer
