"""The intake inside the test process: the application on a real broker, and requests to it."""

import asyncio
import json
import threading
import uuid
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from kafka import KafkaConsumer, TopicPartition
from starlette.applications import Starlette

from responders.web import Proxies, Tokens
from streams.intake import BrokerLink, Intake, Judge, Limits, create_intake
from streams.kafka.brokers import Broker
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.process.metrics import Metrics
from tests.streams.support.cluster import wait_until

PARTITIONS = 8
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
JSON = {"content-type": "application/json"}
Result = TypeVar("Result")
LINES = {"content-type": "application/x-ndjson"}


def ticket(**changes: object) -> dict[str, Any]:
    """Return a ticket with a unique id, as a client writes it."""
    ident = uuid.uuid4().hex
    fields = {"event_id": ident, "ticket_id": ident, "account_id": "acme", "body": "thank you"}
    return {**fields, "occurred_at": NOW.isoformat(), **changes}


def usage(**changes: object) -> dict[str, Any]:
    """Return a usage event with a unique id, as a client writes it."""
    fields = {"event_id": uuid.uuid4().hex, "account_id": "acme", "kind": "task.labelled"}
    return {**fields, "occurred_at": NOW.isoformat(), **changes}


def dumps(value: object) -> bytes:
    return json.dumps(value).encode()


def lines_of(events: Iterable[object]) -> bytes:
    return b"\n".join(map(dumps, events))


@dataclass
class Service:
    """An application on the event loop of its link, and the values that tests check."""

    app: Starlette
    link: BrokerLink
    metrics: Metrics
    loop: asyncio.AbstractEventLoop
    base_url: str = "http://localhost"

    def post(self, path: str, content: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        """Send one request and return the answer; an exception of the application is raised."""
        return self.post_all([(path, content, headers or JSON)])[0]

    def post_all(self, requests: Iterable[tuple[str, Any, dict[str, str]]]) -> list[httpx.Response]:
        """Send requests at once."""

        async def send() -> list[httpx.Response]:
            async with self.client() as client:
                posts = [client.post(path, content=body, headers=head) for path, body, head in requests]
                return list(await asyncio.gather(*posts))

        return self.run(send())

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=self.base_url, timeout=30)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run work on the event loop of the service."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    def counted(self, topic: str, fate: str) -> float:
        """Return how many records were counted with this fate."""
        value = self.metrics.registry.get_sample_value(
            "rapport_intake_records_total", {"topic": topic, "fate": fate}
        )
        return value or 0.0


@dataclass
class Running:
    """A link on an event loop in a separate thread."""

    link: BrokerLink
    loop: asyncio.AbstractEventLoop

    def service(
        self,
        *,
        tokens: Tokens | None = None,
        limits: Limits | None = None,
        max_record_bytes: int = 1_000_000,
        proxies: Proxies | None = None,
    ) -> Service:
        metrics = Metrics()
        judge = Judge(max_record_bytes, timedelta(minutes=5))
        intake = Intake(self.link, judge, tokens or Tokens(), metrics, lambda: NOW, proxies or Proxies())
        app = create_intake(intake, limits or Limits(1_000_000, 32_000_000))
        return Service(app, self.link, metrics, self.loop)


@contextmanager
def running(broker: Broker, *, ack_seconds: float = 5.0) -> Iterator[Running]:
    """Yield a connected link, and end its loop afterwards."""
    link = BrokerLink(broker, dict.fromkeys(TOPIC_OF.values(), PARTITIONS), ack_seconds=ack_seconds)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serving = asyncio.run_coroutine_threadsafe(link.serve(), loop)
    try:
        wait_until(lambda: link.checks().health().ready)
        yield Running(link, loop)
    finally:
        serving.cancel()
        asyncio.run_coroutine_threadsafe(_rest(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _rest() -> None:
    """Wait for every other task of the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


class Topic:
    """The records that arrive on a topic from now on, or all of its records."""

    def __init__(self, bootstrap: str, topic: str, *, from_start: bool = False) -> None:
        self._consumer = KafkaConsumer(bootstrap_servers=[bootstrap], fetch_max_wait_ms=50)
        numbers = self._consumer.partitions_for_topic(topic) or ()
        self._places = [TopicPartition(topic, number) for number in numbers]
        self._consumer.assign(self._places)
        edges = self._consumer.beginning_offsets if from_start else self._consumer.end_offsets
        for place, offset in edges(self._places).items():
            self._consumer.seek(place, offset)

    def new(self) -> list[Any]:
        """Return every record since the last call, up to the current end of the topic."""
        ends = self._consumer.end_offsets(self._places)
        found: list[Any] = []
        while any(self._consumer.position(place) < ends[place] for place in self._places):
            for batch in self._consumer.poll(timeout_ms=1_000).values():
                found += batch
        return found

    def close(self) -> None:
        self._consumer.close()


TOPIC_OF = {"/v1/tickets": TICKETS, "/v1/usage-events": USAGE_EVENTS}
