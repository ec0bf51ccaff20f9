"""A process of the service that a row starts: its signals, metrics, health and log."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[2]
EXIT_SECONDS = 40.0
_JOINED = re.compile(r"Joined group '?rapport-\w+'? \(generation (\d+)\)")


@dataclass(frozen=True)
class Answer:
    """The answer of /healthz or /readyz; `status` is 0 if nothing answered."""

    status: int
    alive: bool = False
    ready: bool = False
    reason: str = ""
    probe_age_seconds: float | None = None


class Worker:
    """One process; `name` is also the application name of its database connections."""

    def __init__(
        self, name: str, command: list[str], *, environment: Mapping[str, str], log_path: Path
    ) -> None:
        self.name = name
        self.log_path = log_path
        self.port = int(environment["RAPPORT_METRICS_PORT"])
        self.started = time.monotonic()
        with log_path.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.poll() is None

    def handles_sigterm(self) -> bool:
        """Tell whether its interpreter has installed its own handler of SIGTERM."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)

    def is_stopped(self) -> bool:
        """Tell whether it is stopped by SIGSTOP."""
        return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        self.process.kill()
        self.process.wait(10)

    def stop_process(self) -> None:
        """Send SIGSTOP: it stops and keeps its connections and partitions."""
        self.process.send_signal(signal.SIGSTOP)

    def cont(self) -> None:
        """Send SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> tuple[int, float]:
        """Send SIGTERM; return the exit code and the seconds. After 40 s it is killed: code -9."""
        started = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = -signal.SIGKILL
        return code, time.monotonic() - started

    def end(self) -> None:
        """Kill it if it still runs, even if it is stopped."""
        if self.is_running():
            self.kill()

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples whose labels include `labels`; 0 without a sample.

        `name` is the name of the sample, such as `rapport_records_total`. Raises OSError if nothing answers.
        """
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def health(self) -> Answer:
        """Ask /healthz."""
        return self._ask("/healthz")

    def ready(self) -> Answer:
        """Ask /readyz."""
        return self._ask("/readyz")

    def _ask(self, path: str) -> Answer:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                status, body = answer.status, answer.read()
        except HTTPError as error:
            with error:
                status, body = error.code, error.read()
        except (URLError, OSError, HTTPException):
            return Answer(0)
        # A process that ends during its answer sends a body that is cut off, or none.
        return Answer(status, **json.loads(body)) if body.endswith(b"}") else Answer(0)

    def rss_mib(self) -> float:
        """Return the resident memory in MiB."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    def log(self) -> str:
        """Return its whole output so far."""
        return self.log_path.read_text(errors="replace")

    def events(self) -> list[dict[str, object]]:
        """Return the JSON lines of its log, without other lines."""
        found = []
        for line in self.log().splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return [event for event in found if isinstance(event, dict)]

    def generations(self) -> list[int]:
        """Return the generations of the group that it joined, in order."""
        return [int(number) for number in _JOINED.findall(self.log())]


def command_of(kind: str, *, failpoint: str | None = None, mutation: str | None = None) -> list[str]:
    """Return the arguments of the interpreter for a worker, relay or desk."""
    command = ["tests.faults.worker", kind]
    command += ["--failpoint", failpoint] if failpoint else []
    command += ["--mutation", mutation] if mutation else []
    return command
