"""Delivery under faults: three SIGKILLs, poison and duplicates; a supervisor restarts ended processes.

A process that makes no progress with records left is restarted some times, as a person would; restarts are
counted.
"""

import signal
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

import msgspec

from tests.benchmarks.delivery import database
from tests.benchmarks.delivery.catalogue import OURS, Peer
from tests.benchmarks.delivery.inputs import Message
from tests.benchmarks.delivery.job import Idiom, Job, Spec
from tests.benchmarks.delivery.progress import Mark, read_marks
from tests.benchmarks.delivery.running import Arena, end, start
from tests.benchmarks.delivery.tally import Final, Tally, tally

KILLS = 3
QUIET_SECONDS = 40.0
"""Longer than a dead member keeps its partitions: a process without progress for so long needs a person."""

MOST_RESTARTS = 5
LOOK_SECONDS = 0.05
REST_SECONDS = 3.0


@dataclass(frozen=True)
class Survived:
    """One run under faults. `recovery_seconds`: from each SIGKILL to the next effect; None if none came."""

    peer: str
    job: Job
    idiom: Idiom
    tally: Tally | None
    recovery_seconds: list[float | None]
    crashes: int
    revived: int
    wall_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON types."""
        return asdict(self)


def recovery_median(survived: Sequence[Survived]) -> float | None:
    """Return the median of all recoveries; None if there was none."""
    found = [seconds for run in survived for seconds in run.recovery_seconds if seconds is not None]
    return statistics.median(found) if found else None


def kill_points(seed: int, total: int, kills: int = KILLS) -> list[int]:
    """Return the numbers of done records at which the kills come, sorted: random between 15 % and 85 %.

    >>> kill_points(1, 1_000) == kill_points(1, 1_000) == sorted(kill_points(1, 1_000))
    True
    """
    random = Random(seed)
    return sorted(int(total * random.uniform(0.15, 0.85)) for _ in range(kills))


@dataclass
class Life:
    """A system under test, supervised: killed on purpose, restarted when it ends or makes no progress."""

    arena: Arena
    peer: Peer
    spec: Spec
    points: list[int]
    random: Random
    process: "subprocess.Popen[bytes]"
    killed_at: list[float] = field(default_factory=list)
    crashes: int = 0
    revived: int = 0
    moved_at: float = field(default_factory=time.monotonic)
    seen: int = 0
    seen_at_start: int = 0
    still: bool = False

    def done(self) -> int:
        """Return the records that all processes of this run report as done, with repeated deliveries."""
        latest: dict[int, Mark] = {}
        for mark in read_marks(self.spec.progress):
            latest[mark.pid] = mark
        return sum(mark.count for mark in latest.values())

    def turn(self) -> bool:
        """Look once; return False if the system no longer moves or keeps crashing."""
        done = self.done()
        if done > self.seen:
            self.seen, self.moved_at = done, time.monotonic()
        if self.points and done >= self.points[0] and done > self.seen_at_start:
            self._kill()
        elif self.process.poll() is not None:
            self.crashes += 1
            return self._again()
        elif time.monotonic() - self.moved_at > QUIET_SECONDS:
            return self._revive()
        return True

    def _kill(self) -> None:
        self.points.pop(0)
        time.sleep(self.random.uniform(0.0, 0.3))
        self.process.send_signal(signal.SIGKILL)
        self.killed_at.append(time.time())
        self._start()

    def _revive(self) -> bool:
        if self.still and self.seen == self.seen_at_start:
            return False
        self.revived, self.still = self.revived + 1, True
        return self._again()

    def _again(self) -> bool:
        if self.crashes + self.revived > MOST_RESTARTS:
            return False
        self._start()
        return True

    def _start(self) -> None:
        end(self.process)
        self.process = start(self.arena, self.peer, self.spec)
        self.moved_at, self.seen_at_start = time.monotonic(), self.done()

    def recoveries(self) -> list[float | None]:
        """Return the seconds from each kill to the first record done by the next process."""
        first: dict[int, float] = {}
        for mark in read_marks(self.spec.progress):
            first.setdefault(mark.pid, mark.wall)
        found: list[float | None] = []
        for killed, before in pairwise([*self.killed_at, float("inf")]):
            after = [wall - killed for wall in first.values() if killed < wall < before]
            found.append(min(after) if after else None)
        return found


def _live(arena: Arena, peer: Peer, spec: Spec, points: list[int], random: Random) -> Life:
    return Life(arena, peer, spec, points, random, start(arena, peer, spec))


def survive(
    arena: Arena, peer: Peer, idiom: Idiom, messages: Sequence[Message], *, topic: str, seed: int
) -> Survived:
    """Run the effect job under faults until all good events have an effect or the system no longer moves."""
    good = sum(message.kind == "good" for message in messages)
    spec = msgspec.structs.replace(arena.spec(peer, "effect", topic, total=good), idiom=idiom)
    database.empty(arena.database)
    begun = time.monotonic()
    life = _live(arena, peer, spec, kill_points(seed, good), Random(seed))
    try:
        while life.turn() and (life.points or database.effects(arena.database) < good):
            time.sleep(LOOK_SECONDS)
        _rest(life)
    finally:
        end(life.process)
    found = tally(messages, _final(arena, peer, spec))
    wall = round(time.monotonic() - begun, 1)
    return Survived(peer.name, "effect", idiom, found, life.recoveries(), life.crashes, life.revived, wall)


def _rest(life: Life) -> None:
    """Let a system finish its current work: an effect that it applies twice now counts too."""
    deadline = time.monotonic() + REST_SECONDS
    while time.monotonic() < deadline and life.process.poll() is None:
        time.sleep(LOOK_SECONDS)


def _final(arena: Arena, peer: Peer, spec: Spec) -> Final:
    offsets: dict[int, int] = {}
    if peer.commits_on_broker:
        offsets = database.committed(arena.bootstrap, peer.group_prefix + spec.group, spec.topic)
    is_ours = peer.name == OURS
    kept = database.our_letters(arena.database, spec.topic) if is_ours else database.sent_letters(spec)
    return Final(database.applied(arena.database), database.balances(arena.database), offsets, kept)


def recover(arena: Arena, peer: Peer, topic: str, total: int, *, seed: int) -> Survived:
    """Kill the usage job once in the middle of its catch-up, and wait for the next record done."""
    spec = arena.spec(peer, "usage", topic, total=total)
    begun, random = time.monotonic(), Random(seed)
    life = _live(arena, peer, spec, [int(total * random.uniform(0.2, 0.5))], random)
    try:
        while life.turn() and (life.points or life.recoveries() == [None]):
            time.sleep(LOOK_SECONDS)
    finally:
        end(life.process)
    wall = round(time.monotonic() - begun, 1)
    found = life.recoveries()
    return Survived(peer.name, "usage", "plain", None, found, life.crashes, life.revived, wall)
