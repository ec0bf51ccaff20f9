"""The two threads of a pipeline, compute and SQL, and waiting for what they need."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, TypeVar

from streams.process.backoff import Backoff
from streams.process.errors import is_unavailable, sqlstate_of, took_too_long
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)
T = TypeVar("T")

SLOW_ATTEMPTS = 3
"""After so many statements in a row that took too long, a batch is cut in halves."""


class Threads:
    """Run calls in one of the two threads; `beat` is the last sign of life."""

    def __init__(self, group: str, metrics: Metrics) -> None:
        self.compute = ThreadPoolExecutor(1, "compute")
        self.sql = ThreadPoolExecutor(1, "sql")
        self.beat = monotonic()
        self._group = group
        self._metrics = metrics
        self._waiting: dict[int, str] = {}

    @property
    def waiting_for(self) -> str | None:
        """Return the dependency that is away, if one is."""
        return next(iter(self._waiting.values()), None)

    async def run(self, executor: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        """Run a call once."""
        return await asyncio.get_running_loop().run_in_executor(executor, call)

    async def retrying(
        self, executor: ThreadPoolExecutor, call: Callable[[], T], *, may_split: bool = False
    ) -> T:
        """Run a call until what it needs is there, with backoff; raises what no waiting mends.

        With `may_split`, a statement that keeps taking too long is raised as well: half as many
        records may come through.
        """
        backoff = Backoff()
        token = id(backoff)
        slow = 0
        try:
            while True:
                try:
                    return await self.run(executor, call)
                except Exception as error:
                    slow = slow + 1 if took_too_long(error) else 0
                    if not is_unavailable(error) or (may_split and slow >= SLOW_ATTEMPTS):
                        raise
                    self._note(token, error)
                await asyncio.sleep(backoff.next_seconds())
        finally:
            self._waiting.pop(token, None)

    async def beating(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for long work that cannot hang, and prove every second to be alive meanwhile."""
        task = asyncio.create_task(work)
        while not task.done():
            self.beat = monotonic()
            await asyncio.wait({task}, timeout=1.0)
        return task.result()

    def _note(self, token: int, error: Exception) -> None:
        dependency = getattr(error, "dependency", "database")
        self._waiting[token] = dependency
        self.beat = monotonic()
        self._metrics.retries.labels(self._group, dependency).inc()
        details = {"dependency": dependency, "error": type(error).__name__, "sqlstate": sqlstate_of(error)}
        logger.warning("waiting", extra={**details, "consumer_group": self._group})
