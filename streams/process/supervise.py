"""Run the service's processes as child processes: start them, restart any that ends, stop all of them."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Any

from streams.process.backoff import Backoff
from streams.process.ports import free_port

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.2
"""Pause between two looks for ended processes."""

STEADY_SECONDS = 30.0
"""A process that ran longer starts its backoff from the beginning when it ends."""


@dataclass
class SupervisedProcess:
    """A process, the port of its metrics, and its restarts since the supervisor started."""

    name: str
    arguments: tuple[str, ...]
    metrics_port: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    not_before: float = 0.0
    backoff: Backoff = field(default_factory=lambda: Backoff(first_seconds=0.5, limit_seconds=30.0))


class Supervisor:
    """Keeps processes running until told to stop. Then they get SIGTERM, and after a grace period SIGKILL."""

    def __init__(self, *, environment: Mapping[str, str], log_folder: Path, grace_seconds: float) -> None:
        self.children: list[SupervisedProcess] = []
        self.stopping = threading.Event()
        self._environment = {**os.environ, **environment}
        self._log_folder = log_folder
        self._grace_seconds = grace_seconds

    def add(self, name: str, arguments: Sequence[str]) -> None:
        """Add a process that runs `rapport` with these arguments; it gets a free port for its metrics."""
        taken = [child.metrics_port for child in self.children]
        self.children.append(SupervisedProcess(name, tuple(arguments), free_port(taken)))

    def targets(self) -> list[dict[str, Any]]:
        """Return the addresses of the metrics in the format of Prometheus' file_sd."""
        return [
            {"targets": [f"127.0.0.1:{child.metrics_port}"], "labels": {"process": child.name}}
            for child in self.children
        ]

    def start(self) -> None:
        """Start all processes; the output of each goes to its own file in the log folder."""
        self._log_folder.mkdir(parents=True, exist_ok=True)
        (self._log_folder / "prometheus-targets.json").write_text(json.dumps(self.targets(), indent=1))
        for child in self.children:
            self._start(child)

    def watch(self) -> None:
        """Restart ended processes until `stopping` is set."""
        while not self.stopping.is_set():
            self.check()
            self.stopping.wait(CHECK_SECONDS)

    def check(self) -> None:
        """Restart every process that has ended, after its backoff."""
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._note_exit(child)
            if child.process is None and monotonic() >= child.not_before:
                child.restarts += 1
                self._start(child)

    def _note_exit(self, child: SupervisedProcess) -> None:
        assert child.process is not None
        logger.warning("process ended", extra={"child": child.name, "exit_code": child.process.returncode})
        if monotonic() - child.started > STEADY_SECONDS:
            child.backoff.attempts = 0
        child.not_before = monotonic() + child.backoff.next_seconds()
        child.process = None

    def stop(self) -> None:
        """Stop all processes: SIGTERM to each, SIGKILL to any that runs after the grace period."""
        self.stopping.set()
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = monotonic() + self._grace_seconds
        for process in running:
            while process.poll() is None and monotonic() < deadline:
                sleep(0.05)
            if process.poll() is None:
                process.kill()
            process.wait()

    def _start(self, child: SupervisedProcess) -> None:
        log = (self._log_folder / f"{child.name}.log").open("ab")
        with log:
            # A session of its own: Ctrl-C reaches only the supervisor, which then stops all processes.
            child.process = subprocess.Popen(
                [sys.executable, "-m", "streams", *child.arguments],
                env={
                    **self._environment,
                    "RAPPORT_METRICS_PORT": str(child.metrics_port),
                    # A static member gets its partitions back after a restart without a session timeout.
                    "RAPPORT_GROUP_INSTANCE_ID": f"{child.name}-0",
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        child.started = monotonic()


def stop_on_signals(stopping: threading.Event) -> None:
    """Set `stopping` at SIGTERM or SIGINT."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
