"""Start and end a process of the service: logs, metrics, signals, connections, health server."""

import errno
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Engine

from responders.web import CannotListenError
from streams.cli.composition.connections import open_broker, open_engine, read_settings
from streams.cli.terminal import fail
from streams.cli.zero_series import start_at_zero
from streams.kafka.brokers import Broker
from streams.kafka.startup import check_topics, probes
from streams.process import logs
from streams.process.health import STARTING, HealthServer, Probe
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from streams.process.startup import check_database
from streams.process.version import build_id

PARENT_VARIABLE = "RAPPORT_PARENT_PID"
"""Names the process id of the supervisor; a supervised process ends when that process is gone."""


@dataclass(frozen=True)
class ServiceProcess:
    """A process that is built and not yet at work; its health server answers already."""

    work: Callable[[], None]
    health: HealthServer

    def run(self) -> None:
        """Work until SIGTERM, then stop the health server."""
        self.work()
        self.health.stop()


@dataclass(frozen=True)
class Resources:
    """The connections of a worker or relay, its settings and metrics, and the health server that answers."""

    settings: Settings
    metrics: Metrics
    engine: Engine
    broker: Broker
    health: HealthServer
    probes: Sequence[Probe]


def open_resources(
    process: str, *, topics: tuple[str, ...], idle_seconds: Callable[[Settings], float]
) -> Resources:
    """Start a process that needs database and broker, and return once both answer.

    `idle_seconds` says after how long the server ends the process's idle transaction. Raises
    NotConfiguredError for missing settings, MigrationError for a schema that this build does not know,
    TopicError if one of `topics` is missing or has another number of partitions.
    """
    settings, metrics = begin(process)
    engine = open_engine(settings, idle_transaction_seconds=idle_seconds(settings))
    broker = open_broker(settings)
    health = serve_health(metrics, settings)
    running_probes = probes(metrics, engine=engine, broker=broker)
    check_database(engine)
    check_topics(broker, topics, partitions=settings.topic_partitions)
    return Resources(settings, metrics, engine, broker, health, running_probes)


def begin(process: str) -> tuple[Settings, Metrics]:
    """Read the settings and set up logs, metrics and the signals that end a process of the service."""
    settings, metrics = read_settings(), Metrics()
    metrics.watch_process()
    start_at_zero(metrics, process)
    logs.configure(settings.log_level)
    metrics.build.info({"version": build_id()})
    signal.signal(signal.SIGTERM, end_at_once)
    _end_with_parent()
    return settings, metrics


def end_at_once(*_: object) -> NoReturn:
    """End this process with exit code 0: the handler of a signal while no work is in progress.

    An exception such as SystemExit does not do this: Python ignores it if the signal arrives while a
    callback of the garbage collector or of an import runs, and the process would go on to work.
    """
    logging.shutdown()
    os._exit(0)


def _end_with_parent() -> None:
    """End this process when the supervisor that started it is gone, even if that was killed by SIGKILL."""
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def serve_health(metrics: Metrics, settings: Settings) -> HealthServer:
    """Serve metrics and health on their port; end the command if the port cannot be opened.

    The process is `starting` until its own checks are known.
    """
    server = HealthServer(metrics, STARTING, host=settings.metrics_host, port=settings.metrics_port)
    try:
        server.start()
    except OSError as error:
        fail(cannot_listen("metrics", settings.metrics_port, error))
    return server


def cannot_listen(service: str, port: int, error: OSError) -> str:
    """Return the sentence for an address that the `metrics`, `desk` or `intake` cannot listen on.

    >>> cannot_listen("desk", 80, OSError(13, "Permission denied"))
    'RAPPORT_DESK_HOST and RAPPORT_DESK_PORT (80) cannot be listened on: Permission denied.'
    """
    host_variable, port_variable = f"RAPPORT_{service.upper()}_HOST", f"RAPPORT_{service.upper()}_PORT"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} for the {service} is taken; set {port_variable} to another."
    return f"{host_variable} and {port_variable} ({port}) cannot be listened on: {error.strerror or error}."


def run_server(serve: Callable[[], None], service: str, port: int) -> None:
    """Serve the `desk` or the `intake` until a signal; end the command if it cannot listen."""
    # uvicorn raises the signal that ended it again, for its parent: the exit code must be 0 then too.
    signal.signal(signal.SIGINT, end_at_once)
    try:
        serve()
    except CannotListenError as refused:
        fail(cannot_listen(service, port, refused.error))
