"""Run one consumer group's process on Faust, and say how it is."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any

import faust

from streams.app import GroupApp
from streams.health import Health
from streams.kafka import Broker

PROBE_SECONDS = 5.0


class Reachability:
    """Whether a broker accepts connections, asked at most every few seconds."""

    def __init__(self, broker: Broker) -> None:
        self._servers = [server.rpartition(":") for server in broker.bootstrap_servers.split(",")]
        self._lock = Lock()
        self._asked = 0.0
        self._answer = True

    def __call__(self) -> bool:
        """Return True when one of the bootstrap servers can be connected to."""
        with self._lock:
            if monotonic() - self._asked > PROBE_SECONDS:
                self._answer = any(self._connects(host, int(port)) for host, _, port in self._servers)
                self._asked = monotonic()
            return self._answer

    def _connects(self, host: str, port: int) -> bool:
        with suppress(OSError), socket.create_connection((host, port), timeout=1.0):
            return True
        return False


def worker_health(app: GroupApp, broker: Broker, *, stall_seconds: float) -> Callable[[], Health]:
    """Return the check of a worker: alive while its pipelines turn, ready while nothing is away."""
    reachable = Reachability(broker)

    def check() -> Health:
        stalled = [p for p in app.pipelines if monotonic() - p.beat > stall_seconds]
        if stalled:
            return Health(False, False, f"no progress in {stall_seconds:.0f} s")
        waiting = [p.waiting_for for p in app.pipelines if p.waiting_for]
        if waiting:
            return Health(True, False, f"waiting for the {waiting[0]}")
        if not reachable():
            return Health(True, False, "waiting for the broker")
        if not app.assigned():
            return Health(True, False, "no partitions assigned yet")
        return Health(True, True)

    return check


def run_worker(app: GroupApp, log_level: str) -> None:
    """Serve until SIGTERM or SIGINT; returns after a clean stop."""
    options = {"override_logging": False, "redirect_stdouts": False, "quiet": True}
    worker: Any = faust.Worker(app, loglevel=log_level, **options)
    with suppress(SystemExit):
        worker.execute_from_commandline()
