"""/metrics, /healthz and /readyz of a process, served by a thread of their own.

They answer while the event loop is blocked. /healthz fails when the work stands still for our own
fault, not when the broker or the database are away; /readyz fails also then.
"""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from socketserver import ThreadingMixIn
from threading import Lock
from time import monotonic
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from streams.kafka import Broker
from streams.metrics import Metrics

logger = logging.getLogger(__name__)

PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Health:
    """What a process says of itself: alive, ready, and in words why not."""

    alive: bool
    ready: bool
    reason: str = "ok"


HealthCheck = Callable[[], Health]


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


def reachable_too(check: HealthCheck, reachable: Callable[[], bool]) -> HealthCheck:
    """Return a check that is ready only while the broker can be reached as well."""

    def both() -> Health:
        health = check()
        if not health.ready or reachable():
            return health
        return Health(health.alive, False, "waiting for the broker")

    return both


def starting() -> Health:
    """Return what a process says while it loads its model and waits for its dependencies."""
    return Health(True, False, "starting")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: a scrape every few seconds is not an event."""


class HealthServer:
    """The HTTP server; `start` binds it and returns the port."""

    def __init__(self, metrics: Metrics, check: HealthCheck, *, host: str, port: int) -> None:
        self._metrics = metrics
        self._check = check
        self._address = (host, port)
        self._server: WSGIServer | None = None

    def tell(self, check: HealthCheck) -> None:
        """Answer with another check from now on: a worker starts before it has anything to check."""
        self._check = check

    def start(self) -> int:
        """Serve from a daemon thread; raises OSError when the port is taken."""
        host, port = self._address
        self._server = make_server(host, port, self._application(), _Server, _QuietHandler)
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()
        bound = int(self._server.server_port)
        logger.info("metrics are served", extra={"host": host, "port": bound})
        return bound

    def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _application(self) -> Callable[..., Iterable[bytes]]:
        scrape = make_wsgi_app(self._metrics.registry)

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "/")
            if path == "/metrics":
                self._metrics.ready.set(self._check().ready)
                return cast(Iterable[bytes], scrape(environ, start_response))
            return _answer(path, self._check(), start_response)

        return application


def _answer(path: str, health: Health, start_response: Any) -> Iterable[bytes]:
    good = {"/healthz": health.alive, "/readyz": health.ready}.get(path)
    if good is None:
        status = HTTPStatus.NOT_FOUND
    else:
        status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    body = json.dumps({"alive": health.alive, "ready": health.ready, "reason": health.reason}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
