"""One Faust app per consumer group: our transport below it, and one agent that feeds each pipeline."""

import asyncio
import logging
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import faust
from faust.auth import SASLCredentials, SSLCredentials
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.kafka.brokers import Broker
from streams.kafka.chunks import ChunkSchema
from streams.kafka.history import has_records_of
from streams.kafka.link import ConsumerLink, ReadPosition, RecordPipeline
from streams.kafka.transport import Transport

logger = logging.getLogger(__name__)

FATAL_EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h: the process ended because of its own error."""

BUFFERED_CHUNKS = 16
"""How many chunks Faust buffers before the pipeline takes them."""

LAG_INTERVAL_SECONDS = 1.0
COMMIT_INTERVAL_SECONDS = 1.0


@dataclass(frozen=True)
class Membership:
    """How a worker is a member of its consumer group."""

    group: str
    instance_id: str | None = None
    session_timeout_seconds: float = 20.0
    shutdown_seconds: float = 25.0


class GroupApp(faust.App):  # type: ignore[misc]
    """A Faust app whose pipelines outlive the consumer, so that work in flight is acknowledged."""

    def __init__(
        self,
        app_id: str,
        *,
        pipelines: Sequence[RecordPipeline],
        kafka: Broker,
        shutdown_seconds: float,
        **faust_settings: Any,
    ) -> None:
        self.pipelines = tuple(pipelines)
        self.kafka = kafka
        self.shutdown_seconds = shutdown_seconds
        self.serving: tuple[asyncio.Task[None], ...] = ()
        self.watchdog: threading.Timer | None = None
        self.has_consumer = False
        super().__init__(app_id, **faust_settings)

    async def on_start(self) -> None:
        """Start the pipelines before anything is fetched."""
        # Created here, in the loop's thread: the property is lazy, and the health thread would create a
        # second one.
        self.has_consumer = self.consumer is not None
        for pipeline in self.pipelines:
            pipeline.bind(self._link(pipeline.topic))
        tasks = [pipeline.serve() for pipeline in self.pipelines] + [self._observe_lag()]
        self.serving = tuple(asyncio.create_task(task) for task in tasks)
        for task in self.serving:
            task.add_done_callback(_exit_if_failed)
        await super().on_start()

    async def on_stop(self) -> None:
        """Let Faust drain and commit, then end the pipelines; a hard exit hands back unfinished work."""
        # Never cancelled here: it also covers the work of Faust's worker after the app has stopped.
        self.watchdog = threading.Timer(self.shutdown_seconds, _exit_late)
        self.watchdog.daemon = True
        self.watchdog.start()
        await super().on_stop()
        for task in self.serving:
            task.cancel()
        await asyncio.wait(self.serving)

    def _link(self, topic: str) -> ConsumerLink:
        return ConsumerLink(
            generation=lambda: int(self.consumer_generation_id),
            pause=partial(self._pause, topic),
            resume=partial(self._resume, topic),
            has_records=has_records_of(self.kafka, topic),
            seek=partial(self._seek, topic),
            read_positions=partial(self._read_positions, topic),
        )

    def _pause(self, topic: str, partition: int) -> None:
        self.consumer.pause_partitions({TP(topic, partition)})

    def _resume(self, topic: str, partition: int) -> None:
        if (place := TP(topic, partition)) in self.assigned():
            self.consumer.resume_partitions({place})

    async def _seek(self, topic: str, partition: int, offset: int) -> None:
        await self.consumer.go_back(TP(topic, partition), offset)

    def _read_positions(self, topic: str) -> dict[int, ReadPosition]:
        owned = [place for place in self.assigned() if place.topic == topic]
        found = [(place.partition, self.consumer.read_position(place)) for place in owned]
        return {partition: read for partition, read in found if read is not None}

    def paused(self) -> set[Any]:
        """Return the partitions that wait for a person: nobody waits for their chunks in flight."""
        return {TP(pipeline.topic, number) for pipeline in self.pipelines for number in pipeline.paused}

    async def _observe_lag(self) -> None:
        while True:
            await asyncio.sleep(LAG_INTERVAL_SECONDS)
            owned = {(tp.topic, tp.partition): tp for tp in self.assigned()}
            for pipeline in self.pipelines:
                ends = {
                    partition: int(self.consumer.highwater(tp) or 0)
                    for (topic, partition), tp in owned.items()
                    if topic == pipeline.topic
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
    """End the process hard: a graceful Faust stop would commit records without a fate."""
    if task.cancelled() or task.exception() is None:
        return
    logger.critical("pipeline failed", exc_info=task.exception())
    logging.shutdown()
    os._exit(FATAL_EXIT_CODE)


def _exit_late() -> None:
    """End a shutdown that takes too long: unacknowledged records are redelivered to the next owner."""
    logger.error("shutdown took too long, work in flight is handed back")
    logging.shutdown()
    os._exit(0)


def build_app(pipelines: Sequence[RecordPipeline], broker: Broker, membership: Membership) -> GroupApp:
    """Return an app with one agent per pipeline; nothing is started."""
    urls = ";".join(f"kafka://{server}" for server in broker.bootstrap_servers.split(","))
    app = GroupApp(
        f"rapport-{membership.group}",
        pipelines=pipelines,
        kafka=broker,
        shutdown_seconds=membership.shutdown_seconds,
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
        broker_heartbeat_interval=min(5.0, membership.session_timeout_seconds / 4),
        broker_max_poll_records=10_000,
        broker_max_poll_interval=300.0,
        consumer_group_instance_id=membership.instance_id,
        consumer_auto_offset_reset="earliest",
    )
    app.transport = Transport([*app.conf.broker], app, app.loop)
    for pipeline in pipelines:
        _attach_agent(app, pipeline)
    return app


def _attach_agent(app: GroupApp, pipeline: RecordPipeline) -> None:
    topic = app.topic(pipeline.topic, schema=ChunkSchema(), key_serializer="raw", value_serializer="raw")

    @app.agent(topic, name=f"{pipeline.group}-{pipeline.topic}")  # type: ignore[untyped-decorator]
    async def intake(stream: Any) -> None:
        async for event in stream.noack().events():
            # A copy: a chunk that reaches itself through its event would keep its records until Python looks
            # for cycles, which a worker rarely does.
            await pipeline.offer(replace(event.value, acknowledge=event.ack))


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
