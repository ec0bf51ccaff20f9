"""The hours of all accounts in memory: what the store keeps of them for the churn group."""

from collections.abc import Sequence
from datetime import datetime

from detectors.churn.outages.hour import AccountHours
from detectors.churn.outages.watch import complete_until
from detectors.usage.hour_use import ClosedUse, HourUse
from streams.outages import CompleteHours


class HoursInMemory:
    """The use of hours by account."""

    def __init__(self) -> None:
        self._uses: dict[int, dict[str, HourUse]] = {}

    def add(self, uses: Sequence[ClosedUse]) -> None:
        """Add what the usage group handed over in a turn."""
        for closed in uses:
            self._uses.setdefault(closed.hour, {})[closed.account_id] = closed.use

    def complete(self, clock: datetime | None) -> CompleteHours:
        """Return the hours that are complete at the event time that all partitions have reached."""
        if clock is None:
            return CompleteHours()
        return CompleteHours(complete_until(clock), self._next_from, self._recall)

    def forget(self, before: int) -> None:
        """Forget the hours before `before`."""
        for hour in [hour for hour in self._uses if hour < before]:
            del self._uses[hour]

    def _next_from(self, hour: int) -> int | None:
        return min((known for known in self._uses if known >= hour), default=None)

    def _recall(self, hour: int) -> AccountHours | None:
        uses = self._uses.get(hour)
        return None if uses is None else AccountHours.of(uses)
