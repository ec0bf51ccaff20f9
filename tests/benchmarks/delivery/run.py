"""The whole comparison: environments, broker and database, then speed, latency and faults, interleaved."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from streams.embedded import embedded
from tests.benchmarks.delivery import database, machine
from tests.benchmarks.delivery.catalogue import Peer
from tests.benchmarks.delivery.catchup import Caught, catch_up
from tests.benchmarks.delivery.faults import Survived, recover, survive
from tests.benchmarks.delivery.inputs import support_messages
from tests.benchmarks.delivery.job import Idiom, Job
from tests.benchmarks.delivery.latency import Delayed, measure_latency
from tests.benchmarks.delivery.loads import Load
from tests.benchmarks.delivery.running import Arena, RunError
from tests.benchmarks.delivery.venvs import LOADER, ensure_all

RATE_SHARE = 0.5
MOST_RATE = 100_000.0
"""The rate that broker and sender together sustain on one core, in records per second."""


@dataclass(frozen=True)
class Plan:
    """The sizes of a comparison. Counts are records; `run_seconds` bounds one catch-up."""

    peers: tuple[Peer, ...]
    parts: frozenset[str]
    usage_records: int = 500_000
    effect_records: int = 60_000
    fault_records: int = 60_000
    repeats: int = 3
    paced_seconds: float = 15.0
    run_seconds: float = 120.0
    seed: int = 4


@dataclass
class Found:
    """Everything that was measured, and the systems that could not be measured."""

    caught: list[Caught] = field(default_factory=list)
    delayed: list[Delayed] = field(default_factory=list)
    survived: list[Survived] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    not_installed: dict[str, str] = field(default_factory=dict)
    load_average: float = 0.0
    seconds: float = 0.0

    def of(self, peer: str, job: Job) -> list[Caught]:
        """Return the catch-ups of one system in one job."""
        return [run for run in self.caught if (run.peer, run.job) == (peer, job)]


@contextmanager
def arena(cache: Path, plan: Plan, found: Found, tell: Callable[[str], None]) -> Iterator[Arena]:
    """Install the environments, then run broker and database on the services' core, in a temporary folder.

    Raises RunError if the load generator cannot be installed.
    """
    cores = machine.two_cores()
    wanted = [LOADER, *(peer.environment for peer in plan.peers if peer.environment)]
    made, found.not_installed = ensure_all(wanted, cache=cache, tell=tell)
    if LOADER not in made:
        raise RunError(f"The load generator cannot be installed: {found.not_installed[LOADER]}")
    # The child processes (broker and database) inherit the core; this process only observes.
    os.sched_setaffinity(0, {cores.services})
    folder = Path(tempfile.mkdtemp(prefix="rapport-peers-")).resolve()
    try:
        with embedded(folder / "services", kafka_for_everybody=True) as endpoints:
            state = json.loads((folder / "services" / "endpoints.json").read_text())
            database.prepare(endpoints.database_url)
            place = (endpoints.bootstrap_servers, endpoints.database_url, int(state["postgres_pid"]))
            yield Arena(*place, cores, made, folder, tell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Comparison:
    """The runs of a plan; a failed run is noted and the others go on."""

    def __init__(self, plan: Plan, place: Arena, found: Found) -> None:
        self.plan = plan
        self.arena = place
        self.found = found

    def run(self) -> None:
        """Run the parts that the plan names."""
        jobs: tuple[Job, ...] = ("usage", "effect")
        for job in jobs:
            if job in self.plan.parts:
                self._speed(job)
                self._latency(job)
        if "usage" in self.plan.parts:
            self._recovery()
        if "faults" in self.plan.parts:
            self._faults()

    def _peers(self, job: Job) -> list[Peer]:
        ready = self.arena.environments
        return [
            peer
            for peer in self.plan.peers
            if job in peer.jobs and (peer.environment is None or peer.environment in ready)
        ]

    def _filled(self, job: Job, count: int, *, seed: int | None = None) -> str:
        topic = self.arena.new_topic(job)
        self.arena.tell(f"Filling a topic with {count:,} records of the {job} job")
        self.arena.load(Load(self.arena.bootstrap, topic, job, count, seed=seed))
        return topic

    def _speed(self, job: Job) -> None:
        total = self.plan.usage_records if job == "usage" else self.plan.effect_records
        topic = self._filled(job, total)
        for repeat in range(self.plan.repeats):
            for peer in self._peers(job):
                self._noting(
                    peer, f"{job}, catch-up {repeat + 1}", partial(self._catch, peer, job, topic, total)
                )

    def _catch(self, peer: Peer, job: Job, topic: str, total: int) -> str:
        caught = catch_up(self.arena, peer, job, topic, total=total, seconds=self.plan.run_seconds)
        self.found.caught.append(caught)
        flag = "  DISTURBED" if caught.disturbance.is_high else ""
        return f"{caught.cpu_us:.2f} µs, {caught.records_per_second:,.0f} records/s{flag}"

    def _latency(self, job: Job) -> None:
        for peer in self._peers(job):
            rates = sorted(run.records_per_second for run in self.found.of(peer.name, job))
            if rates:
                rate = min(MOST_RATE, RATE_SHARE * rates[len(rates) // 2])
                self._noting(peer, f"{job}, paced", partial(self._pace, peer, job, rate))

    def _pace(self, peer: Peer, job: Job, rate: float) -> str:
        delayed = measure_latency(self.arena, peer, job, rate=rate, seconds=self.plan.paced_seconds)
        self.found.delayed.append(delayed)
        if delayed.latencies is None:
            return f"did not keep up with {rate:,.0f} records/s"
        return f"p50 {delayed.latencies.p50} ms, p99 {delayed.latencies.p99} ms at {rate:,.0f} records/s"

    def _recovery(self) -> None:
        total = self.plan.usage_records
        topic = self._filled("usage", total)
        for peer in self._peers("usage"):
            self._noting(peer, "usage, killed", partial(self._recover, peer, topic, total))

    def _recover(self, peer: Peer, topic: str, total: int) -> str:
        survived = recover(self.arena, peer, topic, total, seed=self.plan.seed)
        self.found.survived.append(survived)
        return f"next record done after {survived.recovery_seconds} s"

    def _faults(self) -> None:
        messages = list(support_messages(self.plan.fault_records, seed=self.plan.seed))
        topic = self._filled("effect", self.plan.fault_records, seed=self.plan.seed)
        for peer in self._peers("effect"):
            for idiom in idioms(peer):
                run = partial(self._survive, peer, idiom, messages, topic)
                self._noting(peer, f"faults, {idiom}", run)

    def _survive(self, peer: Peer, idiom: Idiom, messages: Sequence[Any], topic: str) -> str:
        survived = survive(self.arena, peer, idiom, messages, topic=topic, seed=self.plan.seed)
        self.found.survived.append(survived)
        recovered = [seconds and round(seconds, 1) for seconds in survived.recovery_seconds]
        again = f"{survived.crashes} crashes, revived {survived.revived} times"
        return f"{survived.tally}, {recovered}, {again}, {survived.wall_seconds} s"

    def _noting(self, peer: Peer, what: str, run: Callable[[], str]) -> None:
        try:
            said = run()
        except RunError as error:
            self.found.failed.append({"peer": peer.name, "what": what, "error": str(error)})
            said = f"FAILED: {error}"
        self.arena.tell(f"{peer.title}: {what}: {said}")


def idioms(peer: Peer) -> tuple[Idiom, ...]:
    """Return the ways in which a system's effects are written: ours dedupes by itself, others run both."""
    return ("guarded",) if peer.environment is None else ("plain", "guarded")


def compare(plan: Plan, cache: Path, tell: Callable[[str], None], *, anyway: bool) -> Found:
    """Run the comparison. Raises BusyMachineError and RunError, one sentence each."""
    begun = time.monotonic()
    found = Found(load_average=machine.refuse_load(anyway=anyway))
    with arena(cache, plan, found, tell) as place:
        Comparison(plan, place, found).run()
    found.seconds = round(time.monotonic() - begun, 1)
    return found
