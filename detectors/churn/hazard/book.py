"""The habits of named accounts, fed with the usage events of each day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from detectors.churn.hazard.habits import KIND_SLOTS, AccountHabits, DayUse, beginning
from schemas.usage import UsageEvent


@lru_cache(maxsize=4_096)
def kind_slot(kind: str) -> int:
    """Return the slot of a kind of use, the same in every process and build."""
    return blake2b(kind.encode("utf-8", "surrogatepass"), digest_size=2).digest()[0] % KIND_SLOTS


class UseOfDay(NamedTuple):
    """What one account did in one day: successful quantity, failed quantity, and bits of `kind_slot`."""

    quantity: float
    failed: float
    kinds: int


class HabitBook:
    """Account ids in the order of their first day, and their habits; the days follow each other.

    `day` is the number of the last day that ended. An account enters with its first event, failed or not.
    """

    def __init__(self, day: int) -> None:
        self.habits = beginning(day)
        self.places: dict[str, int] = {}

    @property
    def day(self) -> int:
        """The last day that ended."""
        return self.habits.day

    def restore(self, account_ids: Sequence[str], habits: AccountHabits) -> None:
        """Take over saved accounts; raise ValueError if ids repeat or do not match the rows."""
        places = {account_id: place for place, account_id in enumerate(account_ids)}
        if len(places) != len(account_ids) or len(places) != len(habits):
            raise ValueError("each row of habits has one account")
        self.habits, self.places = habits, places

    def end_day(self, events: Sequence[UsageEvent]) -> None:
        """Add the events of the next day, in any order, and end it."""
        named = [event for event in events if event.quantity > 0.0]
        self._end({event.account_id for event in named}, lambda: self._use(named))

    def end_day_of(self, uses: Mapping[str, UseOfDay]) -> None:
        """Add the summed use of the next day by account, in any order, and end it."""
        self._end(uses, lambda: self._summed(uses))

    def _end(self, account_ids: Iterable[str], use: Callable[[], DayUse]) -> None:
        before = len(self.places)
        for account_id in sorted(set(account_ids) - self.places.keys()):
            self.places[account_id] = len(self.places)
        self.habits = self.habits.with_new(len(self.places) - before).after(use())

    def _summed(self, uses: Mapping[str, UseOfDay]) -> DayUse:
        rows = sorted((self.places[account_id], *use) for account_id, use in uses.items())
        return DayUse(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], float),
            np.array([row[2] for row in rows], float),
            np.array([row[3] for row in rows], np.uint64),
        )

    def _use(self, events: Sequence[UsageEvent]) -> DayUse:
        place = np.array([self.places[event.account_id] for event in events], np.int64)
        quantity = np.array([event.quantity for event in events], float)
        failed = np.array([event.failed for event in events], bool)
        bits = np.array([1 << kind_slot(event.kind) for event in events], np.uint64)
        rows, own = np.unique(place, return_inverse=True)
        order = np.argsort(quantity, kind="stable")
        sums = np.zeros((2, len(rows)))
        np.add.at(sums, (failed[order].astype(int), own[order]), quantity[order])
        kinds = np.zeros(len(rows), np.uint64)
        np.bitwise_or.at(kinds, own, np.where(failed, np.uint64(0), bits))
        return DayUse(rows, sums[0], sums[1], kinds)
