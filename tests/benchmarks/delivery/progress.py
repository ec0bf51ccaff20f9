"""The progress of a program, noted by itself: records done, wall and CPU time, and latencies if asked for.

The CPU clock is the kernel's for the whole process, with all its threads, ended or alive.
"""

import os
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.delivery.job import Spec, number_of

MARKS = 100


class Mark(msgspec.Struct, frozen=True):
    """One line of the progress file."""

    pid: int
    count: int
    wall: float
    cpu: float


class Start(msgspec.Struct, frozen=True):
    """The begin of a paced sender and its records per second: record n was due at `at + n / rate`."""

    at: float
    rate: float


class Latencies(msgspec.Struct, frozen=True):
    """Milliseconds from the moment a record was due to be sent until its work was done."""

    records: int
    p50: float
    p99: float
    most: float


def percentiles(seconds: Sequence[float]) -> Latencies:
    """Return the percentiles of latencies in seconds, by nearest rank.

    >>> percentiles([0.001 * n for n in range(1, 101)])
    Latencies(records=100, p50=50.0, p99=99.0, most=100.0)
    """
    ordered = sorted(seconds)

    def rank(share: float) -> float:
        return round(1_000 * ordered[max(0, round(share * len(ordered)) - 1)], 3)

    return Latencies(len(ordered), rank(0.5), rank(0.99), rank(1.0))


class Progress:
    """Append a mark at the first record, at each hundredth of the records, and at the last."""

    def __init__(self, spec: Spec) -> None:
        self.count = 0
        self._spec = spec
        self._step = max(1, spec.total // MARKS)
        self._next = 1
        self._file = spec.progress.open("ab", buffering=0)
        self._seconds: array[float] = array("d")
        self._start: Start | None = None

    def one(self, event: Any) -> None:
        """Note that an event is done, with its effect."""
        if self._spec.start is None:
            self.done(1)
        else:
            self.all([event])

    def all(self, events: Sequence[Any]) -> None:
        """Note that events are done."""
        if self._spec.start is not None:
            self._take_latencies(events, time.time())
        self.done(len(events))

    def done(self, records: int) -> None:
        """Note that this number of further records is done."""
        self.count += records
        if self.count >= self._next:
            self._mark()

    def close(self) -> None:
        """Close the file; a system under test is killed and never closes it."""
        self._file.close()

    def _mark(self) -> None:
        mark = Mark(os.getpid(), self.count, time.time(), time.process_time())
        if self.count >= self._spec.total and self._seconds:
            write_json(Path(self._spec.folder) / "latencies.json", percentiles(self._seconds))
            self._seconds = array("d")
        self._file.write(msgspec.json.encode(mark) + b"\n")
        reached = (self.count // self._step + 1) * self._step
        self._next = min(reached, self._spec.total) if self.count < self._spec.total else reached

    def _take_latencies(self, events: Sequence[Any], now: float) -> None:
        for event in events:
            number = number_of(event.event_id) - self._spec.first
            if number < 0:
                continue
            if self._start is None:
                self._start = read_start(self._spec)
            self._seconds.append(now - self._start.at - number / self._start.rate)


def read_start(spec: Spec) -> Start:
    """Return the start that the paced sender wrote before its first record."""
    return msgspec.json.decode(Path(spec.start or "").read_bytes(), type=Start)


def write_json(path: Path, value: Any) -> None:
    """Write a value so that a reader finds the whole value or no file."""
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(value))
    part.replace(path)


def read_marks(path: Path) -> list[Mark]:
    """Return the marks so far, in order, without a line that a kill cut off."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=Mark) for line in lines if line.endswith(b"}")]
