"""Deadlines in seconds of an idle machine, for waits that are not the subject of a test.

A worker takes three seconds to start on an idle machine, and a minute if ten other jobs share two cores: a
test that gives up earlier says nothing about the service. The service's own promises are tested against the
clock on the wall, however slow the machine is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

SPIN_SECONDS = 0.02
"""Several time slices of the scheduler: a process that just woke up runs at full speed in the first."""

MEASURE_SECONDS = 1.0
SLOWEST = 10.0
"""The greatest slowness that counts, so that a wait ends on any machine."""


def slowness() -> float:
    """Return how many seconds a second of computing takes now: 1 on an idle machine, up to `SLOWEST`."""
    started, computed = time.monotonic(), time.thread_time()
    while time.thread_time() - computed < SPIN_SECONDS:
        pass
    return min(SLOWEST, max(1.0, (time.monotonic() - started) / SPIN_SECONDS))


@dataclass
class Patience:
    """A deadline `seconds` away on an idle machine, and further away while the machine is slow."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    measure: Callable[[], float] = slowness
    _spent: float = field(default=0.0, init=False)
    _measured: float = field(default=1.0, init=False)

    def __post_init__(self) -> None:
        self._last = self._noted = self.clock()
        self._measured = self.measure()

    def renew(self) -> None:
        """Start the deadline again, because there was progress."""
        self._spent = 0.0

    def is_over(self) -> bool:
        """Count the time since the last call, and tell whether the deadline has passed."""
        now = self.clock()
        if now - self._noted >= MEASURE_SECONDS:
            self._measured, self._noted = self.measure(), now
        self._spent += (now - self._last) / self._measured
        self._last = now
        return self._spent >= self.seconds


__all__ = ["Patience", "slowness"]
