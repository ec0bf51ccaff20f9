"""Speed of catching up with a preloaded topic: cost per event, records per second, memory, database cost."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.delivery import database
from tests.benchmarks.delivery.catalogue import Peer
from tests.benchmarks.delivery.job import Job, Spec
from tests.benchmarks.delivery.machine import (
    Disturbance,
    core_times,
    disturbance,
    family_cpu_seconds,
    peak_rss_bytes,
)
from tests.benchmarks.delivery.progress import Mark, read_marks
from tests.benchmarks.delivery.running import Arena, RunError, last_line, running, wait_for_mark

DROPPED_SHARE = 0.1
COMMIT_WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class Caught:
    """One catch-up: figures from the marks after the dropped tenth, and figures measured from outside.

    `acknowledged` is None if the broker holds no offsets of the system.
    """

    peer: str
    job: Job
    records: int
    cpu_us: float
    records_per_second: float
    peak_rss_mib: float
    database_us: float
    acknowledged: bool | None
    disturbance: Disturbance

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON types."""
        return {**asdict(self), "disturbance": self.disturbance.as_dict()}


def speed(marks: Sequence[Mark], total: int) -> tuple[float, float]:
    """Return (CPU microseconds per record, records per second) after the dropped tenth.

    Raises ValueError if fewer than two marks come after the dropped tenth.

    >>> marks = [Mark(1, count, wall=count / 1_000, cpu=count * 5e-6) for count in (1, 100, 550, 1_000)]
    >>> [round(value, 3) for value in speed(marks, 1_000)]
    [5.0, 1000.0]
    """
    dropped = DROPPED_SHARE * min(total, marks[-1].count)
    kept = [mark for mark in marks if mark.count >= dropped]
    first, last = kept[0], kept[-1]
    records = last.count - first.count
    if records <= 0 or last.wall <= first.wall:
        raise ValueError("too few marks for a speed")
    return 1e6 * (last.cpu - first.cpu) / records, records / (last.wall - first.wall)


def catch_up(arena: Arena, peer: Peer, job: Job, topic: str, *, total: int, seconds: float) -> Caught:
    """Let a system catch up with a preloaded topic, for at most `seconds`. Raises RunError."""
    spec = arena.spec(peer, job, topic, total=total)
    if job == "effect":
        database.empty(arena.database)
    before, begun = core_times(arena.cores.tested), time.monotonic()
    database_before = family_cpu_seconds(arena.database_pid)
    with running(arena, peer, spec) as process:
        wait_for_mark(process, spec, lambda mark: mark.count >= spec.total, seconds=seconds)
        marks = read_marks(spec.progress)
        wall = time.monotonic() - begun
        if not marks:
            raise RunError(f"{peer.title} did nothing in {seconds:.0f} s: {last_line(spec)}")
        disturbed = disturbance(before, core_times(arena.cores.tested), wall=wall, own_cpu=marks[-1].cpu)
        spent = family_cpu_seconds(arena.database_pid) - database_before
        rss = peak_rss_bytes(process.pid)
        acknowledged = _acknowledged(arena, peer, spec) if marks[-1].count >= spec.total else None
    try:
        cpu, rate = speed(marks, spec.total)
    except ValueError:
        raise RunError(f"{peer.title} stopped at record {marks[-1].count:,}: {last_line(spec)}") from None
    count = marks[-1].count
    return Caught(
        peer.name, spec.job, count, cpu, rate, rss / 2**20, 1e6 * spent / count, acknowledged, disturbed
    )


def _acknowledged(arena: Arena, peer: Peer, spec: Spec) -> bool | None:
    """Tell whether the group's offsets reach the end of the topic within 10 s after the last record."""
    if not peer.commits_on_broker:
        return None
    deadline = time.monotonic() + COMMIT_WAIT_SECONDS
    while time.monotonic() < deadline:
        offsets = database.committed(arena.bootstrap, peer.group_prefix + spec.group, spec.topic)
        if sum(offsets.values()) >= spec.total:
            return True
        time.sleep(0.2)
    return False
