"""Latency at half of a system's own maximum: an open loop, from the moment a record was due to be sent."""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.delivery import database
from tests.benchmarks.delivery.catalogue import Peer
from tests.benchmarks.delivery.job import Job
from tests.benchmarks.delivery.loads import Load, Sent
from tests.benchmarks.delivery.progress import Latencies
from tests.benchmarks.delivery.running import Arena, RunError, last_line, running, wait_for_mark

WARM_RECORDS = 2_000
WARM_SECONDS = 90.0
SETTLE_SECONDS = 2.0
REST_SECONDS = 30.0
MAX_LATE_MS = 50.0


@dataclass(frozen=True)
class Delayed:
    """One paced run. `latencies` is None if the system did not keep up."""

    peer: str
    job: Job
    rate: float
    latencies: Latencies | None
    sender: Sent

    @property
    def sender_was_late(self) -> bool:
        """Whether the sender itself could not keep the pace; its lateness is part of the latencies."""
        return self.sender.late_p99 > MAX_LATE_MS

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON types."""
        found = msgspec.to_builtins(self.latencies), msgspec.to_builtins(self.sender)
        own = {
            name: value for name, value in asdict(replace(self, latencies=None)).items() if name != "sender"
        }
        return {**own, "latencies": found[0], "sender": found[1], "sender_was_late": self.sender_was_late}


def measure_latency(arena: Arena, peer: Peer, job: Job, *, rate: float, seconds: float) -> Delayed:
    """Warm a system up with a few records, then send at a rate. Raises RunError."""
    count = max(100, int(rate * seconds))
    topic = arena.new_topic(f"paced-{job}")
    spec = arena.spec(peer, job, topic, total=WARM_RECORDS + count)
    begin, answer = f"{spec.folder}/start.json", Path(spec.folder) / "sent.json"
    spec = msgspec.structs.replace(spec, first=WARM_RECORDS, start=begin)
    if job == "effect":
        database.empty(arena.database)
    paced = Load(arena.bootstrap, topic, job, count, WARM_RECORDS, rate, start=begin, answer=str(answer))
    with running(arena, peer, spec) as process:
        arena.load(Load(arena.bootstrap, topic, job, WARM_RECORDS))
        warm = wait_for_mark(process, spec, lambda mark: mark.count > 0, seconds=WARM_SECONDS)
        if warm is None:
            raise RunError(f"{peer.title} did nothing in {WARM_SECONDS:.0f} s: {last_line(spec)}")
        time.sleep(SETTLE_SECONDS)
        with arena.loading(paced) as sender:
            sender.wait(seconds + 120)
        wait_for_mark(process, spec, lambda mark: mark.count >= spec.total, seconds=REST_SECONDS)
    if not answer.exists():
        raise RunError("The load generator did not end in time.")
    found = Path(spec.folder) / "latencies.json"
    latencies = msgspec.json.decode(found.read_bytes(), type=Latencies) if found.exists() else None
    return Delayed(peer.name, job, rate, latencies, msgspec.json.decode(answer.read_bytes(), type=Sent))
