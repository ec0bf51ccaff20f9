"""The two threads of a pipeline, compute and SQL, and waiting for the dependencies of their work."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, TypeVar

from streams.process.backoff import Backoff
from streams.process.errors import Unavailable, is_unavailable, sqlstate_of, took_too_long
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)
CallResult = TypeVar("CallResult")

SLOW_ATTEMPTS = 3
"""After so many statements in a row that took too long, a batch is cut in halves."""


class Threads:
    """Run calls in one of the two threads; `beat` is when the pipeline last showed a sign of life."""

    def __init__(self, group: str, metrics: Metrics) -> None:
        self._compute = ThreadPoolExecutor(1, "compute")
        self._sql = ThreadPoolExecutor(1, "sql")
        self.beat = monotonic()
        self._group = group
        self._metrics = metrics
        self._waiting: dict[int, str] = {}

    @property
    def waiting_for(self) -> str | None:
        """Return the dependency that is away, or None."""
        return next(iter(self._waiting.values()), None)

    def show_life(self) -> None:
        """Set `beat` to now, in seconds of the monotonic clock."""
        self.beat = monotonic()

    async def compute_once(self, call: Callable[[], CallResult]) -> CallResult:
        """Run a call once in the compute thread."""
        return await asyncio.get_running_loop().run_in_executor(self._compute, call)

    async def compute(self, call: Callable[[], CallResult], *, may_split: bool = False) -> CallResult:
        """Run a call in the compute thread until its dependencies are there; see `_retrying`."""
        return await self._retrying(self._compute, call, may_split=may_split)

    async def sql(self, call: Callable[[], CallResult], *, may_split: bool = False) -> CallResult:
        """Run a call in the SQL thread until its dependencies are there; see `_retrying`."""
        return await self._retrying(self._sql, call, may_split=may_split)

    async def sql_beating(self, call: Callable[[], CallResult]) -> CallResult:
        """Do the same with a call that takes long and cannot hang; show life every second meanwhile."""
        return await self._beating(self.sql(call))

    async def _retrying(
        self, executor: ThreadPoolExecutor, call: Callable[[], CallResult], *, may_split: bool
    ) -> CallResult:
        """Run a call again, with backoff, while a dependency is away; raise any other error at once.

        With `may_split`, a statement that keeps taking too long is raised as well: half as many
        records may come through.
        """
        backoff = Backoff()
        token = id(backoff)
        slow = 0
        try:
            while True:
                try:
                    return await asyncio.get_running_loop().run_in_executor(executor, call)
                except Exception as error:
                    slow = slow + 1 if took_too_long(error) else 0
                    if not is_unavailable(error) or (may_split and slow >= SLOW_ATTEMPTS):
                        raise
                    self._note(token, error)
                await asyncio.sleep(backoff.next_seconds())
        finally:
            self._waiting.pop(token, None)

    async def _beating(self, work: Coroutine[Any, Any, CallResult]) -> CallResult:
        task = asyncio.create_task(work)
        while not task.done():
            self.show_life()
            await asyncio.wait({task}, timeout=1.0)
        return task.result()

    def _note(self, token: int, error: Exception) -> None:
        dependency = error.dependency if isinstance(error, Unavailable) else "database"
        self._waiting[token] = dependency
        self.show_life()
        self._metrics.retries.labels(self._group, dependency).inc()
        details = {"dependency": dependency, "error": type(error).__name__, "sqlstate": sqlstate_of(error)}
        logger.warning("waiting", extra={**details, "consumer_group": self._group})
