"""Build the relay, the desk and the intake."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine

from responders.web import BoundedServer
from streams.cli.access import desk_address, desk_token, door_of, link_of, proxies_of, tokens_of
from streams.cli.composition.connections import open_broker, open_engine
from streams.cli.composition.start import ServiceProcess, begin, open_resources, run_server, serve_health
from streams.cli.terminal import fail
from streams.cli.zero_series import DESK, DESK_REPLY, INTAKE, RELAY
from streams.intake import BrokerLink, Intake, IntakeServer, Judge, Limits, Tokens, create_intake
from streams.kafka.startup import probes
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.process.clock import utc_now
from streams.process.database import IDLE_TRANSACTION_SECONDS
from streams.process.health import Checks, beats
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from streams.process.startup import check_database, probe_of

INTAKE_TOPICS = (TICKETS, USAGE_EVENTS)
"""The topics that the intake sends to."""


def build_relay() -> ServiceProcess:
    """Return the relay once database and broker answer. Raises as `open_resources` does."""
    resources = open_resources(RELAY, topics=(), idle_seconds=lambda _: IDLE_TRANSACTION_SECONDS)
    from streams.kafka.relay import Relay

    relay = Relay(
        resources.engine,
        resources.broker,
        metrics=resources.metrics,
        stall_seconds=resources.settings.stall_seconds,
    )
    resources.health.tell(relay.checks(resources.probes))
    return ServiceProcess(lambda: asyncio.run(_until_stopped(relay.serve)), resources.health)


async def _until_stopped(serve: Callable[[asyncio.Event], Any]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(stopping)


def build_desk(announce: Callable[[str], None]) -> ServiceProcess:
    """Return the desk once the database answers; `announce` gets its start link when it listens.

    Raises NotConfiguredError for missing settings, MigrationError for a schema that this build does not know.
    """
    settings, metrics = begin(DESK)
    engine = open_engine(settings)
    health = serve_health(metrics, settings)
    running_probes = probes(metrics, engine=engine)
    check_database(engine)
    server = _desk_server(engine, metrics, settings, announce)
    alive = beats(lambda: server.beat, stall_seconds=settings.stall_seconds)
    health.tell(Checks(alive, probes=running_probes))
    return ServiceProcess(partial(run_server, server.run, "desk", settings.desk_port), health)


def _desk_server(
    engine: Engine, metrics: Metrics, settings: Settings, announce: Callable[[str], None]
) -> BoundedServer:
    from detectors.sentiment.trend import trend_of_sentiments
    from responders.desk.app import create_desk, with_trend
    from responders.desk.server import DeskServer

    token = desk_token(settings)

    def started(port: int) -> None:
        if token and settings.desk_token is None:
            announce(link_of(desk_address(settings, port=port), token))

    application = create_desk(
        engine,
        now=lambda: datetime.now(UTC),
        observe=_DeskMetrics(metrics),
        door=door_of(settings, token),
    )
    application = with_trend(application, trend_of_sentiments)
    return DeskServer(application, host=settings.desk_host, port=settings.desk_port, started=started)


class _DeskMetrics:
    """Counts the requests that the desk answers and the decisions that people make."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def request(self, route: str, status: int, seconds: float) -> None:
        """Observe one request."""
        self._metrics.desk_requests.labels(route, str(status)).observe(seconds)

    def decision(self, action: str) -> None:
        """Count one decision."""
        self._metrics.decisions.labels(action).inc()

    def retired(self, drafts: int) -> None:
        """Count drafts that a reply from the desk retired."""
        self._metrics.drafts_retired.labels(DESK_REPLY).inc(drafts)

    def correction(self, shown: str, given: str) -> None:
        """Count one mood that a person gave."""
        self._metrics.mood_corrections.labels(shown, given).inc()


def build_intake() -> ServiceProcess:
    """Return the intake; it is ready once the broker answers. Raises NotConfiguredError without a broker.

    Its work ends the command with exit code 1 if the broker refuses a topic for good.
    """
    settings, metrics = begin(INTAKE)
    tokens = tokens_of(settings)
    broker = open_broker(settings)
    health = serve_health(metrics, settings)
    link = BrokerLink(
        broker,
        dict.fromkeys(INTAKE_TOPICS, settings.topic_partitions),
        ack_seconds=settings.intake_ack_seconds,
        stall_seconds=settings.stall_seconds,
    )
    health.tell(link.checks([probe_of(metrics, "broker", lambda: link.reachable)]))
    server = _intake_server(link, tokens, metrics, settings)
    return ServiceProcess(partial(_run_intake, server, link, settings.intake_port), health)


def _run_intake(server: IntakeServer, link: BrokerLink, port: int) -> None:
    run_server(server.run, "intake", port)
    if link.refusal is not None:
        fail(link.refusal)


def _intake_server(link: BrokerLink, tokens: Tokens, metrics: Metrics, settings: Settings) -> IntakeServer:
    judge = Judge(settings.max_record_bytes, settings.future_tolerance)
    application = create_intake(
        Intake(link, judge, tokens, metrics, now=utc_now, proxies=proxies_of(settings)),
        Limits(settings.intake_max_body_bytes, settings.intake_max_in_flight_bytes),
    )
    return IntakeServer(
        application,
        link,
        host=settings.intake_host,
        port=settings.intake_port,
        shutdown_seconds=settings.shutdown_seconds - 5,
    )
