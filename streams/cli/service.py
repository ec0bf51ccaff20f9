"""What the processes of the service have in common: how they begin, tell of their health, and end."""

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

from responders.web import CannotListenError
from streams.cli.context import fail
from streams.cli.zero_series import start_at_zero
from streams.process import logs
from streams.process.health import Checks, HealthServer
from streams.process.metrics import Metrics
from streams.process.settings import Settings

PARENT_VARIABLE = "RAPPORT_PARENT_PID"


def build_id() -> str:
    """Return the version of the running build."""
    try:
        return version("rapport")
    except PackageNotFoundError:
        return "unpackaged"


def begin(process: str) -> tuple[Settings, Metrics]:
    """Read the settings and set up logs, metrics and the ways a process of the service ends."""
    settings, metrics = Settings(), Metrics()
    metrics.watch_process()
    start_at_zero(metrics, process)
    logs.configure(settings.log_level)
    metrics.build.info({"version": build_id()})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _end_with_parent()
    return settings, metrics


def _end_with_parent() -> None:
    """End this process when the supervisor that started it is gone, even if it was killed hard."""
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def serve_health(metrics: Metrics, checks: Checks, settings: Settings) -> HealthServer:
    """Serve metrics and health on their port; end the command where it cannot be opened."""
    server = HealthServer(metrics, checks, host=settings.metrics_host, port=settings.metrics_port)
    try:
        server.start()
    except OSError as error:
        fail(cannot_listen("metrics", settings.metrics_port, error))
    return server


def cannot_listen(what: str, port: int, error: OSError) -> str:
    """Return the sentence for an address that the `metrics`, `desk` or `intake` cannot listen on.

    >>> cannot_listen("desk", 80, OSError(13, "Permission denied"))
    'RAPPORT_DESK_HOST and RAPPORT_DESK_PORT (80) cannot be listened on: Permission denied.'
    """
    host, number = f"RAPPORT_{what.upper()}_HOST", f"RAPPORT_{what.upper()}_PORT"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} for the {what} is taken; set {number} to another."
    return f"{host} and {number} ({port}) cannot be listened on: {error.strerror or error}."


def run_server(serve: Callable[[], None], what: str, port: int) -> None:
    """Serve the `desk` or the `intake` until a signal; end the command where it cannot listen."""
    # uvicorn raises the signal that ended it once more, for whoever waits for it: that is a good end too.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    try:
        serve()
    except CannotListenError as refused:
        fail(cannot_listen(what, port, refused.error))


def tolerance_of(settings: Settings) -> timedelta:
    """Return how far ahead of our clock an event may be dated."""
    return timedelta(seconds=settings.future_tolerance_seconds)
