"""One clock for all processes: the database's time, continued by the local monotonic clock.

A worker whose wall clock is wrong by hours, or is set back, judges and dates events as other workers do.
Until the database has answered once, and in a process without a database, the clock starts from the wall
clock.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

SLACK: Final = timedelta(seconds=0.5)
"""Smaller differences are query round-trip time, not clock skew."""


class Clock:
    """A clock that does not jump with the wall clock.

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
        # One tuple, replaced as a whole: threads read it while another thread follows the database.
        self._base = (wall(), ticks())

    def now(self) -> datetime:
        """Return the time in UTC."""
        base, started = self._base
        return base + timedelta(seconds=self._ticks() - started)

    def follow(self, other: datetime) -> timedelta:
        """Take over another clock's time; return by how much that clock was ahead of this one.

        A difference of up to `SLACK` changes nothing.
        """
        ahead = other - self.now()
        if abs(ahead) > SLACK:
            self._base = (other, self._ticks())
        return ahead


CLOCK: Final = Clock()
"""This process's clock; `streams.consume` makes it follow the database."""


def utc_now() -> datetime:
    """Return the time in UTC on which all processes agree."""
    return CLOCK.now()
