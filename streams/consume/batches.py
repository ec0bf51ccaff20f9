"""From chunks to batches: full by records, or when the first record has waited long enough."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic

from streams.consume.records import Chunk, Slice

INTAKE_CHUNKS = 16
"""Chunks waiting in front of a batch: the backpressure."""

TURN_SECONDS = 1.0


class Batches:
    """Cut chunks into batches, in the order of their arrival.

    `on_turn` runs every second while nothing comes; where it returns True the wait ends with an empty batch.
    """

    def __init__(
        self, *, max_records: int, max_wait_seconds: float, on_turn: Callable[[], Awaitable[bool]]
    ) -> None:
        self._max_records = max_records
        self._max_wait_seconds = max_wait_seconds
        self._on_turn = on_turn
        self._intake: asyncio.Queue[Chunk] = asyncio.Queue(INTAKE_CHUNKS)
        self._rest: deque[Slice] = deque()

    async def offer(self, chunk: Chunk) -> None:
        """Take a chunk in; waits while enough work is queued."""
        await self._intake.put(chunk)

    def put_back(self, parts: Sequence[Slice]) -> None:
        """Put slices before everything that waits, in their order."""
        self._rest.extendleft(reversed(parts))

    async def next(self) -> tuple[list[Slice], int]:
        """Wait for the next batch; return its slices and how many records they have."""
        size, batch = 0, []
        deadline = None
        while size < self._max_records:
            part = await self._next_slice(deadline, self._max_records - size)
            if part is None:
                break
            batch.append(part)
            size += len(part.records)
            deadline = deadline or monotonic() + self._max_wait_seconds
        return batch, size

    async def _next_slice(self, deadline: float | None, room: int) -> Slice | None:
        if not self._rest:
            chunk = await self._next_chunk(deadline)
            if chunk is None:
                return None
            follows, end = (getattr(chunk.value, name, None) for name in ("follows", "end"))
            self._rest.append(Slice(chunk, chunk.value, True, follows, end))
        part = self._rest.popleft()
        if len(part.records) <= room:
            return part
        first, rest = part.cut(room)
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
