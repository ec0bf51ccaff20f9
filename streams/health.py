"""/metrics, /healthz and /readyz of a process, served by a thread of their own.

They answer while the event loop is blocked. /healthz fails when the work stands still for our own
fault, not when the broker or the database are away; /readyz fails also then.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from streams.metrics import Metrics

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Health:
    """What a process says of itself: alive, ready, and in words why not."""

    alive: bool
    ready: bool
    reason: str = "ok"


HealthCheck = Callable[[], Health]


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
