"""A batch that failed is redone from what SQL says, in halves, until the culprit stands alone."""

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Generic

from streams.consume.errors import Fenced
from streams.consume.records import Computed, Failed, Item, LaneWork, Result, Slice, halves
from streams.consume.steps import Steps, count_records
from streams.process.errors import Fatal

logger = logging.getLogger(__name__)


class Recovery(Generic[Item, Result]):
    """Redo batches. Nothing else may compute meanwhile (the pipeline's lock)."""

    def __init__(self, steps: Steps[Item, Result]) -> None:
        self._steps = steps

    async def recover(self, batch: Sequence[Slice]) -> None:
        """Give each record of a failed batch its fate; afterwards memory stands where SQL stands."""
        await self._start_over(batch)
        await self._redo(batch)
        # A later batch may already have touched what is in memory.
        self._steps.lanes.forget(self._steps.lanes.partitions())

    async def _start_over(self, batch: Sequence[Slice]) -> None:
        self._steps.pauses.drop_uncommitted()
        self._steps.lanes.forget({part.partition for part in batch})

    async def _redo(self, batch: Sequence[Slice]) -> None:
        """Redo a batch; records of another generation are left to their owner."""
        self._steps.threads.beat = monotonic()
        while works := await self._steps.prepare(batch):
            try:
                await self._give_fates(works)
            except Fenced:
                # The generation moved on, or it is still ours and the next claim says where it stands.
                self._steps.observer.fenced()
                await self._start_over(batch)
            except Fatal:
                raise
            except Exception:
                await self._start_over(batch)
                for half in halves(batch):
                    await self._redo(half)
                return
            else:
                return

    async def _give_fates(self, works: list[LaneWork[Item, Result]]) -> None:
        """Run and commit; raises where that fails and there is more than one record to blame."""
        try:
            await self._steps.commit(works, await self._steps.compute(works))
            self._steps.came_through(works)
        except (Fenced, Fatal):
            raise
        except Exception as error:
            if count_records(works) > 1:
                raise
            alone = next((work for work in works if work.records), None)
            if alone is None:
                raise Fatal("offsets without a record cannot be passed over") from error
            logger.exception("record failed alone", extra={"consumer_group": self._steps.handler.group})
            await self._bury(alone, error)

    async def _bury(self, work: LaneWork[Item, Result], error: Exception) -> None:
        """Make a dead letter of the one record of a work; pause its partition after too many in a row."""
        name = f"{type(error).__name__} in the {self._steps.handler.group} handler"
        work.failures += [(record, Failed("handler_error", name, attempts=2)) for record in work.item_records]
        work.items, work.item_records = [], []
        partition, pauses = work.lane.partition, self._steps.pauses
        failures = pauses.failures(partition)
        work.pause_reason = failures.dead_letter(work.records[0].offset) or failures.failed_alone()
        if work.pause_reason is not None:
            pauses.hold(partition, work.pause_reason)
        try:
            await self._steps.commit([work], Computed([[]]))
        except Fenced:
            raise
        except Exception as second:
            # Nothing smaller is left to try; acknowledged without a fate it would be lost.
            raise Fatal("a dead letter cannot be written") from second
        self._steps.lanes.forget([partition])
