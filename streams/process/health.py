"""/metrics, /healthz and /readyz of a process, served by a thread of their own.

They answer while the event loop is blocked and while a dependency is silent, because no function that they
call does I/O or waits for a lock. /healthz fails if the work has stopped through our own fault, but not if
the broker or the database is away. /readyz fails in both cases. `Probe` asks a dependency in the background
and keeps the last answer.
"""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from socketserver import ThreadingMixIn
from time import monotonic
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)

PROBE_SECONDS = 15.0
"""Pause of a probe between two questions."""

PATIENCE_SECONDS = 5.0
"""Time without an answer after which a dependency counts as away."""

Why = str | None
"""The reason why something is wrong, in words for a person; None if all is well."""


@dataclass(frozen=True)
class Health:
    """The state of a process: alive, ready, the reason if not, and the age of the oldest probe answer."""

    alive: bool
    ready: bool
    reason: str = "ok"
    probe_age_seconds: float | None = None


class Probe:
    """Asks a dependency every few seconds on a thread of its own, and keeps the last answer.

    Parameters
    ----------
    dependency
        Its name in sentences and metrics: `broker` or `database`.
    ask
        Returns whether the dependency answers. It may take as long as it likes, and may raise.
    answered
        Called after every good answer.
    """

    def __init__(
        self, dependency: str, ask: Callable[[], bool], *, answered: Callable[[], None] = lambda: None
    ) -> None:
        self.dependency = dependency
        self._ask = ask
        self._answered = answered
        self._good: bool | None = None
        self._answered_at: float | None = None
        self._asked_at: float | None = None
        self._stopping = threading.Event()

    def start(self) -> "Probe":
        """Start the thread that asks, and return the probe."""
        threading.Thread(target=self._run, name=f"probe-{self.dependency}", daemon=True).start()
        return self

    def stop(self) -> None:
        """Ask no more questions; an open question is not interrupted."""
        self._stopping.set()

    def age_seconds(self) -> float | None:
        """Return the age of the last answer; None if there is no answer yet."""
        at = self._answered_at
        return None if at is None else monotonic() - at

    def why_not(self) -> Why:
        """Return None if the last answer was good and no question is overdue, else why not. Never waits."""
        asked_at = self._asked_at
        is_late = asked_at is not None and monotonic() - asked_at > PATIENCE_SECONDS
        return None if self._good and not is_late else f"waiting for the {self.dependency}"

    def ask_once(self) -> None:
        """Ask one question and keep the answer; takes as long as the dependency does."""
        self._asked_at = monotonic()
        good = self._safely()
        if good:
            self._answered()
        if good != self._good and (not good or self._good is False):
            event = "a dependency answers again" if good else "a dependency does not answer"
            logger.warning(event, extra={"dependency": self.dependency})
        self._good, self._answered_at, self._asked_at = good, monotonic(), None

    def _safely(self) -> bool:
        try:
            return self._ask()
        except Exception:
            # A failed question counts as a bad answer; the probe must go on.
            logger.exception("a probe failed")
            return False

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.ask_once()
            self._stopping.wait(PROBE_SECONDS)


@dataclass(frozen=True)
class Checks:
    """The checks of a process: two functions, and the probes of its dependencies.

    `alive` returns why the process itself makes no progress, `ready` why it should get no work. Both only
    read values in memory: they do no I/O and wait for no lock.
    """

    alive: Callable[[], Why]
    ready: Callable[[], Why] = lambda: None
    probes: Sequence[Probe] = ()

    def health(self) -> Health:
        """Return the state that /readyz reports."""
        stalled = self.alive()
        away = next(filter(None, (probe.why_not() for probe in self.probes)), None)
        reason = stalled or self.ready() or away
        ages = [age for age in (probe.age_seconds() for probe in self.probes) if age is not None]
        oldest = round(max(ages), 1) if ages else None
        return Health(stalled is None, reason is None, reason or "ok", oldest)


def beats(last: Callable[[], float], *, stall_seconds: float) -> Callable[[], Why]:
    """Return an `alive` check that fails if the last beat is older than `stall_seconds`.

    >>> beats(monotonic, stall_seconds=60)() is None, beats(lambda: monotonic() - 61, stall_seconds=60)()
    (True, 'no progress in 60 s')
    """

    def alive() -> Why:
        return None if monotonic() - last() < stall_seconds else f"no progress in {stall_seconds:.0f} s"

    return alive


STARTING = Checks(alive=lambda: None, ready=lambda: "starting")
"""The checks of a process while it loads its model and waits for its dependencies."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _ServerOnIPv6(_Server):
    address_family = socket.AF_INET6


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: a scrape every few seconds is not an event."""


class HealthServer:
    """The HTTP server; `start` binds it and returns the port."""

    def __init__(self, metrics: Metrics, checks: Checks, *, host: str, port: int) -> None:
        self._metrics = metrics
        self._checks = checks
        self._address = (host, port)
        self._server: WSGIServer | None = None

    def tell(self, checks: Checks) -> None:
        """Use other checks from now on; a worker starts before its own checks exist."""
        self._checks = checks

    def start(self) -> int:
        """Serve from a daemon thread and return the port. Raises OSError if it cannot listen there."""
        host, port = self._address
        kind = _ServerOnIPv6 if ":" in host else _Server
        self._server = make_server(host, port, self._application(), kind, _QuietHandler)
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()
        bound = int(self._server.server_port)
        logger.info("metrics are served", extra={"host": host, "port": bound})
        return bound

    def stop(self) -> None:
        """Close the port and end the probes."""
        for probe in self._checks.probes:
            probe.stop()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _application(self) -> Callable[..., Iterable[bytes]]:
        scrape = make_wsgi_app(self._metrics.registry)

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            match environ.get("PATH_INFO", "/"):
                case "/metrics":
                    self._metrics.ready.set(self._checks.health().ready)
                    return cast(Iterable[bytes], scrape(environ, start_response))
                case "/healthz":
                    return _answer(start_response, *_liveness(self._checks))
                case "/readyz":
                    return _answer(start_response, *_readiness(self._checks))
            return _answer(start_response, HTTPStatus.NOT_FOUND, {"reason": "there is no such address"})

        return application


def _liveness(checks: Checks) -> tuple[HTTPStatus, dict[str, Any]]:
    stalled = checks.alive()
    status = HTTPStatus.OK if stalled is None else HTTPStatus.SERVICE_UNAVAILABLE
    return status, {"alive": stalled is None, "reason": stalled or "ok"}


def _readiness(checks: Checks) -> tuple[HTTPStatus, dict[str, Any]]:
    health = checks.health()
    fields = {name: value for name, value in vars(health).items() if value is not None}
    return HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE, fields


def _answer(start_response: Any, status: HTTPStatus, fields: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(fields).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
