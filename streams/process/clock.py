"""One clock for all processes: the database's, carried on by the local monotonic clock.

A worker whose wall clock is off by hours, or is stepped back, judges and dates events as its
neighbours do. Before the database was first heard, and in processes without one, it is the wall clock.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

SLACK: Final = timedelta(seconds=0.5)
"""Differences below this are the way of the answer, not of the clocks."""


class Clock:
    """Return the time; never jumps with the wall clock.

    >>> ticks = iter([0.0, 5.0, 5.0, 5.0, 6.0])
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> clock = Clock(wall=lambda: start, ticks=lambda: next(ticks))
    >>> clock.now() - start
    datetime.timedelta(seconds=5)
    >>> clock.follow(start + timedelta(hours=2))
    datetime.timedelta(seconds=7195)
    >>> clock.now() - start
    datetime.timedelta(seconds=7201)
    """

    def __init__(
        self,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._ticks = ticks
        # Replaced as one value: threads read it while another follows the database.
        self._set = (wall(), ticks())

    def now(self) -> datetime:
        """Return the time in UTC."""
        base, started = self._set
        return base + timedelta(seconds=self._ticks() - started)

    def follow(self, other: datetime) -> timedelta:
        """Take over another clock's time; return by how much it was ahead of ours."""
        ahead = other - self.now()
        if abs(ahead) > SLACK:
            self._set = (other, self._ticks())
        return ahead


CLOCK: Final = Clock()
"""This process's clock; `streams.consume` makes it follow the database."""


def utc_now() -> datetime:
    """Return the time in UTC as all processes agree on it."""
    return CLOCK.now()
