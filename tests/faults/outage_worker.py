"""A worker of the lab with one more fault: a wrong wall clock or a blocked event loop.

    python -m tests.faults.outage_worker KIND [--wall-clock FILE] [--block-seconds S] [--block-at N] [-- ...]

FILE holds the seconds by which the wall clock of this process is ahead. It is read ten times a second, so
that the clock can be stepped. The event loop is blocked once, for S seconds, in the N-th `committed`.
"""

import argparse
import ctypes
import datetime
import gc
import logging
import threading
import time
from pathlib import Path
from typing import Any

FILE_SECONDS = 0.1
BLOCKED, FREED = "the event loop is blocked", "the event loop goes on"


class WallClock:
    """The wall clock of this process, moved by the seconds in a file; the monotonic clock is unchanged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._true_time, self._true_time_ns = time.time, time.time_ns
        self._ahead_seconds = float(path.read_text())

    def install(self) -> None:
        """Replace every way to ask for the time of day in Python; call it before all other imports."""
        time.time = self.time
        time.time_ns = lambda: self._true_time_ns() + round(self._ahead_seconds * 1e9)
        kind = datetime.datetime
        _set_on_builtin(kind, "now", classmethod(lambda cls, tz=None: cls.fromtimestamp(self.time(), tz)))
        _set_on_builtin(kind, "utcnow", classmethod(lambda cls: cls.utcfromtimestamp(self.time())))
        threading.Thread(target=self._follow, name="wall-clock", daemon=True).start()

    def time(self) -> float:
        return self._true_time() + self._ahead_seconds

    def _follow(self) -> None:
        while True:
            time.sleep(FILE_SECONDS)
            self._ahead_seconds = float(self._path.read_text() or self._ahead_seconds)


def _set_on_builtin(kind: type, name: str, value: Any) -> None:
    """Set an attribute of a class written in C, which refuses `setattr`, in its dictionary."""
    (namespace,) = [found for found in gc.get_referents(kind.__dict__) if isinstance(found, dict)]
    namespace[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


class Block:
    """Block the event loop once, in `committed`, which runs on the loop."""

    def __init__(self, kind: str, *, seconds: float, at: int) -> None:
        self._kind = kind
        self._seconds = seconds
        self._left = at

    def install(self) -> None:
        from streams.sentiment import SentimentHandler
        from streams.usage.handler import UsageHandler

        handler: Any = {"usage": UsageHandler, "sentiment": SentimentHandler}[self._kind]
        committed = handler.committed

        def blocked(this: Any, *arguments: Any) -> None:
            self._left -= 1
            if self._left == 0:
                logging.getLogger(__name__).warning(BLOCKED)
                time.sleep(self._seconds)
                logging.getLogger(__name__).warning(FREED)
            committed(this, *arguments)

        handler.committed = blocked


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.faults.outage_worker")
    parser.add_argument("kind")
    parser.add_argument("--wall-clock", type=Path)
    parser.add_argument("--block-seconds", type=float, default=0.0)
    parser.add_argument("--block-at", type=int, default=1)
    chosen, rest = parser.parse_known_args()
    if chosen.wall_clock is not None:
        WallClock(chosen.wall_clock).install()
    if chosen.block_seconds:
        Block(chosen.kind, seconds=chosen.block_seconds, at=chosen.block_at).install()
    from tests.faults import worker

    worker.main([chosen.kind, *rest])


if __name__ == "__main__":
    main()
