"""Start a system under test on its core, follow its marks, kill it; fill topics at once or at a rate."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from streams.kafka.brokers import Broker, create_topics
from streams.kafka.topics import TopicSpec
from tests.benchmarks.delivery.catalogue import MODULE, Peer
from tests.benchmarks.delivery.job import PARTITIONS, Job, Spec
from tests.benchmarks.delivery.loads import Load
from tests.benchmarks.delivery.machine import Cores
from tests.benchmarks.delivery.progress import Mark, read_marks
from tests.benchmarks.delivery.venvs import LOADER, Environment

ROOT = Path(__file__).resolve().parents[3]
LOAD_SECONDS = 600.0


class RunError(Exception):
    """A run failed; the message is one sentence for a person."""


@dataclass
class Arena:
    """The parts that all runs share: broker, database, cores, environments, and a folder for their files."""

    bootstrap: str
    database: str
    database_pid: int
    cores: Cores
    environments: dict[str, Environment]
    folder: Path
    tell: Callable[[str], None]

    def new_topic(self, name: str) -> str:
        """Create a topic with a name of its own and return it."""
        topic = f"{name}-{uuid.uuid4().hex[:8]}"
        specs = [TopicSpec(topic, "any", (), 3_650)]
        create_topics(Broker(self.bootstrap), partitions=PARTITIONS, replication=1, specs=specs)
        return topic

    def spec(self, peer: Peer, job: Job, topic: str, *, total: int) -> Spec:
        """Return a spec with its own folder, group and dead letter topic."""
        name = f"{peer.name}-{uuid.uuid4().hex[:8]}"
        folder = self.folder / name
        folder.mkdir()
        letters = self.new_topic("letters") if job == "effect" else ""
        place = (self.bootstrap, self.database, str(folder))
        return Spec(job, "guarded", topic, letters, name, *place, total)

    def load(self, load: Load) -> None:
        """Send records and wait until all are acknowledged. Raises RunError."""
        with self.loading(load) as process:
            _wait_loaded(process, LOAD_SECONDS)

    @contextmanager
    def loading(self, load: Load) -> Iterator[subprocess.Popen[bytes]]:
        """Run the load generator on the services' core; it ends with the block."""
        path = self.folder / f"load-{uuid.uuid4().hex[:8]}.json"
        path.write_bytes(msgspec.json.encode(load))
        command = [str(self.environments[LOADER].python), "-m", f"{MODULE}.peers.loader", str(path)]
        process = _start(command, path.with_suffix(".log"), self.cores.services)
        try:
            yield process
        finally:
            end(process)


def _wait_loaded(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise RunError("The load generator did not end in time.") from None
    if code:
        raise RunError(f"The load generator ended with exit code {code}.")


def start(arena: Arena, peer: Peer, spec: Spec) -> subprocess.Popen[bytes]:
    """Start a system on the tested core; its output goes to a log in the run's folder."""
    path = Path(spec.folder) / "spec.json"
    path.write_bytes(msgspec.json.encode(spec))
    python = sys.executable if peer.environment is None else str(arena.environments[peer.environment].python)
    command = [python, "-m", peer.program, str(path), *peer.arguments]
    return _start(command, Path(spec.folder) / "output.log", arena.cores.tested)


def _start(command: list[str], log: Path, core: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with log.open("ab") as output:
        # taskset instead of a preexec_fn between fork and exec, because this process has threads.
        pinned = ["taskset", "--cpu-list", str(core), *command]
        return subprocess.Popen(pinned, cwd=ROOT, env=environment, stdout=output, stderr=output)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that still runs, and wait for it."""
    if process.poll() is None:
        process.kill()
    process.wait()


@contextmanager
def running(arena: Arena, peer: Peer, spec: Spec) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a system for the duration of the block."""
    process = start(arena, peer, spec)
    try:
        yield process
    finally:
        end(process)


def wait_for_mark(
    process: "subprocess.Popen[bytes]", spec: Spec, reached: Callable[[Mark], bool], *, seconds: float
) -> Mark | None:
    """Return the first mark that is `reached`, None after the time. Raises RunError if the process ends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended = process.poll()
        found = next((mark for mark in read_marks(spec.progress) if reached(mark)), None)
        if found is not None:
            return found
        if ended is not None:
            raise RunError(f"{spec.group} ended with exit code {ended}: {last_line(spec)}")
        time.sleep(0.02)
    return None


def last_line(spec: Spec) -> str:
    """Return the last line of a system's output."""
    lines = (Path(spec.folder) / "output.log").read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "no output"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; None without the file."""
    return json.loads(path.read_text()) if path.exists() else None
