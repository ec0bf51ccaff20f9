"""The use of open days in the usage group: in memory for each partition, saved with the next offset."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from detectors.churn.hazard.days import DayChanges, OpenDays, WrongDayStateError
from responders.store import hazards
from schemas.usage import UsageEvent

logger = logging.getLogger(__name__)


class DayFeed:
    """The open days of the partitions that a worker owns, and their place in SQL."""

    def __init__(self) -> None:
        self._partitions: dict[int, OpenDays] = {}

    def restore(self, session: Session, partition: int) -> None:
        """Load the open days of a partition as of its next offset; damaged parts begin again."""
        self._partitions[partition] = opened = OpenDays()
        try:
            opened.load(hazards.load_parts(session, partition))
        except WrongDayStateError:
            logger.exception("the use of open days cannot be read and begins again")
            self._partitions[partition] = OpenDays()

    def forget(self, partition: int) -> None:
        """Free the open days of a partition that is no longer ours."""
        self._partitions.pop(partition, None)

    def after(
        self, partition: int, events: Sequence[UsageEvent], fates: Sequence[Any], clock: datetime
    ) -> DayChanges:
        """Count the events of a batch in one partition, as `OpenDays.after`."""
        return self._partitions[partition].after(events, fates, clock)


def save_days(session: Session, changes: Mapping[int, DayChanges], *, now: datetime) -> None:
    """Write what a batch changed, by partition, in the transaction of the next offsets."""
    for partition, change in changes.items():
        if change.ended:
            hazards.hand_over(session, partition, change.ended, now=now)
        if change.part is not None:
            part = (change.number, change.part)
            hazards.save_part(session, partition, *part, replaces=change.replaces)
