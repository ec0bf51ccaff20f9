"""One Faust app per consumer group: our transport under it, one agent on it, our pipeline behind it."""

import asyncio
import logging
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import faust
from faust.auth import SASLCredentials, SSLCredentials
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.consume import ConsumerLink, Pipeline, ReadPosition
from streams.kafka.brokers import Broker
from streams.kafka.chunks import ChunkSchema
from streams.kafka.history import holds_of
from streams.kafka.transport import Transport

logger = logging.getLogger(__name__)

FATAL_EXIT_CODE = 70
BUFFERED_CHUNKS = 16
LAG_INTERVAL_SECONDS = 1.0
COMMIT_INTERVAL_SECONDS = 0.5


@dataclass(frozen=True)
class Membership:
    """How a worker is a member of its group."""

    group: str
    instance_id: str | None = None
    session_timeout_seconds: float = 20.0
    shutdown_seconds: float = 25.0


class GroupApp(faust.App):  # type: ignore[misc]
    """A Faust app whose pipeline outlives the consumer, so that work in flight is acknowledged."""

    pipelines: tuple[Pipeline[Any, Any], ...] = ()
    kafka: Broker
    shutdown_seconds: float = 25.0
    serving: tuple[asyncio.Task[None], ...] = ()
    watchdog: threading.Timer | None = None
    has_consumer: bool = False

    async def on_start(self) -> None:
        """Start the pipelines before anything is fetched."""
        # Made here, by the loop's thread: a lazy property, which the health thread would make a second time.
        self.has_consumer = self.consumer is not None
        for pipeline in self.pipelines:
            topic = pipeline.handler.topic
            pipeline.bind(
                ConsumerLink(
                    lambda: int(self.consumer_generation_id),
                    partial(self._pause, topic),
                    partial(self._resume, topic),
                    holds_of(self.kafka, topic),
                    partial(self._seek, topic),
                    partial(self._reads, topic),
                )
            )
        tasks = [pipeline.serve() for pipeline in self.pipelines] + [self._observe_lag()]
        self.serving = tuple(asyncio.create_task(task) for task in tasks)
        for task in self.serving:
            task.add_done_callback(_exit_if_failed)
        await super().on_start()

    async def on_stop(self) -> None:
        """Let Faust drain and commit, then end the pipelines; a hard exit hands back what is late."""
        # Never cancelled here: it covers also what Faust's worker does after the app has stopped.
        self.watchdog = threading.Timer(self.shutdown_seconds, _exit_late)
        self.watchdog.daemon = True
        self.watchdog.start()
        await super().on_stop()
        for task in self.serving:
            task.cancel()
        await asyncio.wait(self.serving)

    def _pause(self, topic: str, partition: int) -> None:
        self.consumer.pause_partitions({TP(topic, partition)})

    def _resume(self, topic: str, partition: int) -> None:
        if (place := TP(topic, partition)) in self.assigned():
            self.consumer.resume_partitions({place})

    async def _seek(self, topic: str, partition: int, offset: int) -> None:
        await self.consumer.go_back(TP(topic, partition), offset)

    def _reads(self, topic: str) -> dict[int, ReadPosition]:
        owned = [place for place in self.assigned() if place.topic == topic]
        found = [(place.partition, self.consumer.read_of(place)) for place in owned]
        return {partition: ReadPosition(*read) for partition, read in found if read is not None}

    def paused(self) -> set[Any]:
        """Return the partitions that wait for a person: their chunks in flight are not waited for."""
        return {TP(one.handler.topic, partition) for one in self.pipelines for partition in one.paused}

    async def _observe_lag(self) -> None:
        while True:
            await asyncio.sleep(LAG_INTERVAL_SECONDS)
            owned = {(tp.topic, tp.partition): tp for tp in self.assigned()}
            for pipeline in self.pipelines:
                ends = {
                    partition: int(self.consumer.highwater(tp) or 0)
                    for (topic, partition), tp in owned.items()
                    if topic == pipeline.handler.topic
                }
                pipeline.observe_lag(ends)

    def assigned(self) -> set[Any]:
        """Return the partitions this worker owns now; none before the consumer has started."""
        if not self.has_consumer:
            return set()
        try:
            return set(self.consumer.assignment())
        except ConsumerNotStarted:
            return set()


def _exit_if_failed(task: "asyncio.Task[None]") -> None:
    """End the process hard: a graceful Faust stop would commit what was not done."""
    if task.cancelled() or task.exception() is None:
        return
    logger.critical("pipeline failed", exc_info=task.exception())
    logging.shutdown()
    os._exit(FATAL_EXIT_CODE)


def _exit_late() -> None:
    """End a shutdown that takes too long: what is not acknowledged is redelivered to the next owner."""
    logger.error("shutdown took too long, work in flight is handed back")
    logging.shutdown()
    os._exit(0)


def build_app(pipelines: Sequence[Pipeline[Any, Any]], broker: Broker, membership: Membership) -> GroupApp:
    """Return an app with one agent per pipeline; nothing is started."""
    urls = ";".join(f"kafka://{server}" for server in broker.bootstrap_servers.split(","))
    app = GroupApp(
        f"rapport-{membership.group}",
        broker=urls,
        broker_credentials=_credentials(broker),
        autodiscover=False,
        datadir=f"{tempfile.gettempdir()}/rapport-{membership.group}",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        stream_wait_empty=True,
        broker_commit_interval=COMMIT_INTERVAL_SECONDS,
        broker_session_timeout=membership.session_timeout_seconds,
        broker_heartbeat_interval=min(3.0, membership.session_timeout_seconds / 4),
        broker_max_poll_records=10_000,
        broker_max_poll_interval=300.0,
        consumer_group_instance_id=membership.instance_id,
        consumer_auto_offset_reset="earliest",
    )
    app.transport = Transport([*app.conf.broker], app, app.loop)
    app.pipelines = tuple(pipelines)
    app.kafka = broker
    app.shutdown_seconds = membership.shutdown_seconds
    for pipeline in pipelines:
        _attach_agent(app, pipeline)
    return app


def _attach_agent(app: GroupApp, pipeline: Pipeline[Any, Any]) -> None:
    topic = app.topic(
        pipeline.handler.topic, schema=ChunkSchema(), key_serializer="raw", value_serializer="raw"
    )

    @app.agent(topic, name=f"{pipeline.handler.group}-{pipeline.handler.topic}")  # type: ignore[untyped-decorator]
    async def intake(stream: Any) -> None:
        async for event in stream.noack().events():
            await pipeline.offer(event)


def _credentials(broker: Broker) -> Any:
    if broker.security_protocol.startswith("SASL"):
        return SASLCredentials(
            username=broker.sasl_username,
            password=broker.sasl_password,
            mechanism=broker.sasl_mechanism,
            ssl_context=broker.ssl_context(),
        )
    context = broker.ssl_context()
    return SSLCredentials(context) if context is not None else None
