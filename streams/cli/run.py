"""`rapport worker`, `relay` and `desk`: the processes of the service, each built here from settings."""

import asyncio
import logging
import signal
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from responders.store.migrate import MigrationError
from responders.web import BoundedServer
from streams.cli.context import fail, open_broker, open_engine, say, told_plainly
from streams.cli.service import begin, run_server, serve_health
from streams.cli.zero_series import DESK, RELAY
from streams.kafka.brokers import Broker, TopicError
from streams.kafka.startup import check_topics, probes
from streams.kafka.topics import GROUPS
from streams.process.database import IDLE_TRANSACTION_SECONDS, worker_idle_seconds
from streams.process.health import STARTING, Checks, beats
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from streams.process.startup import check_database

logger = logging.getLogger(__name__)


class GroupName(StrEnum):
    """The consumer groups."""

    SENTIMENT = "sentiment"
    USAGE = "usage"
    CHURN = "churn"
    DRAFTING = "drafting"


def worker(group: Annotated[GroupName, typer.Argument(help="Which consumer group to work in.")]) -> None:
    """Run one worker of a consumer group until SIGTERM.

    Start more of them to share a group's partitions; each is its own process.

    Example: rapport worker usage
    """
    settings, metrics = begin(group.value)
    with told_plainly():
        idle_seconds = worker_idle_seconds(settings.session_timeout_seconds)
        engine = open_engine(settings, idle_transaction_seconds=idle_seconds)
        broker = open_broker(settings)
    server = serve_health(metrics, STARTING, settings)
    asked = probes(metrics, engine=engine, broker=broker)
    _wait_for_services(engine, broker, GROUPS[group.value], settings)
    # Faust and the models are heavy: only this command imports them.
    from streams.cli.groups import Resources, build_group
    from streams.kafka.worker import run_worker, worker_checks

    app = build_group(group.value, Resources(settings, engine, broker, metrics))
    server.tell(worker_checks(app, asked, stall_seconds=settings.stall_seconds))
    run_worker(app, settings.log_level)
    server.stop()


def relay() -> None:
    """Publish the outbox to its topics, in order per account, until SIGTERM.

    Example: rapport relay
    """
    settings, metrics = begin(RELAY)
    with told_plainly():
        engine = open_engine(settings, idle_transaction_seconds=IDLE_TRANSACTION_SECONDS)
        broker = open_broker(settings)
    server = serve_health(metrics, STARTING, settings)
    asked = probes(metrics, engine=engine, broker=broker)
    _wait_for_services(engine, broker, (), settings)
    from streams.kafka.relay import Relay

    runner = Relay(engine, broker, metrics=metrics, stall_seconds=settings.stall_seconds)
    server.tell(runner.checks(asked))
    asyncio.run(_until_stopped(runner.serve))
    server.stop()


def desk() -> None:
    """Serve the desk to support agents and success managers until SIGTERM.

    It listens on 127.0.0.1 only, unless RAPPORT_DESK_HOST says otherwise: it has no login yet. There it opens
    by a link that is printed here, unless RAPPORT_TRUSTED_PROXIES names a proxy that asks who may come in.

    Example: RAPPORT_DESK_PORT=8765 rapport desk
    """
    settings, metrics = begin(DESK)
    with told_plainly():
        engine = open_engine(settings)
    server = serve_health(metrics, STARTING, settings)
    asked = probes(metrics, engine=engine)
    _wait_for_services(engine, None, (), settings)
    serving = _desk_server(engine, metrics, settings)
    alive = beats(lambda: serving.beat, stall_seconds=settings.stall_seconds)
    server.tell(Checks(alive, probes=asked))
    run_server(serving.run, "desk", settings.desk_port)
    server.stop()


def _wait_for_services(
    engine: Engine, broker: Broker | None, topics: tuple[str, ...], settings: Settings
) -> None:
    try:
        check_database(engine)
        if broker is not None:
            check_topics(broker, topics, partitions=settings.topic_partitions)
    except (MigrationError, TopicError) as error:
        fail(str(error))


async def _until_stopped(serve: Any) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(stopping)


class _DeskObserver:
    """Count what the desk serves and what people decide."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def request(self, route: str, status: int, seconds: float) -> None:
        """Observe one request."""
        self._metrics.desk_requests.labels(route, str(status)).observe(seconds)

    def decision(self, action: str) -> None:
        """Count one decision."""
        self._metrics.decisions.labels(action).inc()


def _desk_server(engine: Engine, metrics: Metrics, settings: Settings) -> BoundedServer:
    from responders.desk.app import create_desk
    from responders.desk.server import DeskServer
    from streams.cli.access import desk_address, desk_token, door_of, link_of

    token = desk_token(settings)

    def started(port: int) -> None:
        if token and settings.desk_token is None:
            say(f"The desk is at {link_of(desk_address(settings, port=port), token)}")

    application = create_desk(
        engine,
        now=lambda: datetime.now(UTC),
        observe=_DeskObserver(metrics),
        door=door_of(settings, token),
    )
    return DeskServer(application, host=settings.desk_host, port=settings.desk_port, started=started)
