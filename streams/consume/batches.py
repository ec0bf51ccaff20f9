"""From chunks to batches: full by records, or when the first record has waited long enough."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic

from streams.kafka.records import Chunk

INTAKE_CHUNKS = 16
"""How many chunks wait before a batch; then `offer` waits, which is the backpressure."""

TURN_SECONDS = 1.0


class Batches:
    """Cut chunks into batches, in the order of their arrival.

    `on_turn` runs every second while no chunk comes; if it returns True the wait ends with an empty batch.
    """

    def __init__(
        self, *, max_records: int, max_wait_seconds: float, on_turn: Callable[[], Awaitable[bool]]
    ) -> None:
        self._max_records = max_records
        self._max_wait_seconds = max_wait_seconds
        self._on_turn = on_turn
        self._intake: asyncio.Queue[Chunk] = asyncio.Queue(INTAKE_CHUNKS)
        self._rest: deque[Chunk] = deque()

    async def offer(self, chunk: Chunk) -> None:
        """Take a chunk in; waits while enough work is queued."""
        await self._intake.put(chunk)

    def put_back(self, chunks: Sequence[Chunk]) -> None:
        """Put chunks before everything that waits, in their order."""
        self._rest.extendleft(reversed(chunks))

    async def next(self) -> tuple[list[Chunk], int]:
        """Wait for the next batch; return its chunks and how many records they have."""
        size, batch = 0, []
        deadline = None
        while size < self._max_records:
            chunk = await self._next_part(deadline, self._max_records - size)
            if chunk is None:
                break
            batch.append(chunk)
            size += len(chunk.records)
            deadline = deadline or monotonic() + self._max_wait_seconds
        return batch, size

    async def _next_part(self, deadline: float | None, room: int) -> Chunk | None:
        """Return the next chunk, cut to at most `room` records; None after the deadline."""
        if not self._rest:
            arrived = await self._next_chunk(deadline)
            if arrived is None:
                return None
            self._rest.append(arrived)
        chunk = self._rest.popleft()
        if len(chunk.records) <= room:
            return chunk
        first, rest = chunk.cut(room)
        self._rest.appendleft(rest)
        return first

    async def _next_chunk(self, deadline: float | None) -> Chunk | None:
        while deadline is None:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._intake.get(), TURN_SECONDS)
            if await self._on_turn():
                return None
        with suppress(asyncio.QueueEmpty):
            return self._intake.get_nowait()
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._intake.get(), max(0.0, deadline - monotonic()))
        return None


def halves(batch: Sequence[Chunk]) -> tuple[list[Chunk], list[Chunk]]:
    """Cut a batch in two, each with half of the records, in order; neither half acknowledges a chunk.

    Offsets without a record stay in the same half as the record before them.
    """
    left = sum(len(chunk.records) for chunk in batch) // 2
    first: list[Chunk] = []
    second: list[Chunk] = []
    for chunk in batch:
        some, rest = chunk.cut(min(left, len(chunk.records)))
        if not left:
            second.append(rest)
        elif not rest.records:
            first.append(replace(chunk, acknowledge=None))
        else:
            first.append(some)
            second.append(rest)
        left -= len(some.records)
    for chunk in second:
        chunk.acknowledge = None
    return first, second
