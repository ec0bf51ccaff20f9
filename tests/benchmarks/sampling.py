"""Samples from outside, several times a second: the use of every process and the progress of every group."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import psutil
from sqlalchemy import Engine
from sqlmodel import Session

from responders.store.progress import all_progress
from streams.cli.composition.local import LocalService
from tests.benchmarks.service import endpoints

EVERY_SECONDS = 0.5
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Reached:
    """The number of records with a fate in all partitions, and the time of the last commit."""

    records: int
    at: datetime


@dataclass(frozen=True)
class Sample:
    """One sample: seconds since the sampler began; CPU seconds and RSS in bytes by process name."""

    at_seconds: float
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    rss_bytes: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    reached: dict[str, Reached] = field(default_factory=dict)


class Sampler(threading.Thread):
    """Collect samples until `stop`; a failure is stored in `error`, and `stop` raises it."""

    def __init__(self, service: LocalService) -> None:
        super().__init__(name="sampler", daemon=True)
        self.samples: list[Sample] = []
        self.error: Exception | None = None
        self._service = service
        self._over = threading.Event()
        self._begun = monotonic()

    def run(self) -> None:
        """Take samples until stopped."""
        try:
            while not self._over.is_set():
                self.samples.append(self.look())
                self._over.wait(EVERY_SECONDS)
        except Exception as error:
            self.error = error

    def stop(self) -> None:
        """Stop sampling; raise the error of the thread, if any."""
        self._over.set()
        self.join()
        if self.error is not None:
            raise self.error

    def look(self) -> Sample:
        """Take one sample now."""
        sample = Sample(monotonic() - self._begun, reached=reached(self._service.engine))
        for name, pid in self._pids().items():
            _measure(sample, name, pid)
        return sample

    def _pids(self) -> dict[str, int]:
        children = self._service.supervisor.children
        running = {child.name: process.pid for child in children if (process := child.process) is not None}
        return running | endpoints(self._service.settings.data_folder)


def _measure(sample: Sample, name: str, pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        sample.rss_bytes[name] = _memory(family)
        sample.cpu_seconds[name] = sum(_cpu_seconds(member) for member in family)
        sample.pids[name] = pid


def _cpu_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _memory(family: Sequence[psutil.Process]) -> int:
    """Return the private memory of a process and its children, plus their shared memory once."""
    private, shared = 0, 0
    for process in family:
        with suppress(psutil.NoSuchProcess):
            memory = process.memory_info()
            private += memory.rss - memory.shared
            shared = max(shared, memory.shared)
    return private + shared


def reached(engine: Engine) -> dict[str, Reached]:
    """Return the progress of each group in each topic, by `group < topic`."""
    found: dict[str, Reached] = {}
    with Session(engine) as session:
        for row in all_progress(session):
            name = f"{row.consumer_group} < {row.topic}"
            records = row.effects + row.duplicates + row.late + row.dead_letters
            before = found.get(name, Reached(0, row.updated_at))
            found[name] = Reached(before.records + records, max(before.at, row.updated_at))
    return found
