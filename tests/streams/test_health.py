"""Health and metrics over HTTP: what they say, and that they say it while the main thread is busy."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from streams.health import Health, HealthServer, Reachability, starting
from streams.kafka import Broker
from streams.metrics import Metrics
from streams.worker import worker_health

GOOD = Health(True, True)


@dataclass
class Server:
    """A served health check that the test changes."""

    health: Health = GOOD
    metrics: Metrics = field(default_factory=Metrics)
    port: int = 0

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    serving = HealthServer(one.metrics, lambda: one.health, host="127.0.0.1", port=0)
    one.port = serving.start()
    yield one
    serving.stop()


@pytest.mark.parametrize(
    ("health", "healthz", "readyz"),
    [
        (Health(True, True), 200, 200),
        (Health(True, False, "waiting for the database"), 200, 503),
        (Health(False, False, "no progress in 60 s"), 503, 503),
        (starting(), 200, 503),
    ],
)
def test_alive_and_ready_are_told_apart_with_the_reason(
    server: Server, health: Health, healthz: int, readyz: int
) -> None:
    server.health = health
    for path, status in (("/healthz", healthz), ("/readyz", readyz)):
        answered, body = server.get(path)
        assert answered == status
        assert json.loads(body) == {"alive": health.alive, "ready": health.ready, "reason": health.reason}


def test_readiness_is_a_metric_too(server: Server) -> None:
    assert "rapport_ready 1.0" in server.get("/metrics")[1]
    server.health = Health(True, False, "waiting for the broker")
    assert "rapport_ready 0.0" in server.get("/metrics")[1]


@pytest.mark.parametrize("path", ["/", "/admin", "/metrics/../etc/passwd", "/healthz/x"])
def test_other_paths_are_not_found(server: Server, path: str) -> None:
    assert server.get(path)[0] == 404


def test_metrics_are_answered_while_the_main_thread_computes_and_others_are_slow(server: Server) -> None:
    answers: list[tuple[int, str]] = []
    with socket.create_connection(("127.0.0.1", server.port)):  # says nothing, and holds up nobody
        asking = threading.Thread(target=lambda: answers.append(server.get("/metrics")))
        asking.start()
        deadline = time.monotonic() + 10
        while asking.is_alive() and time.monotonic() < deadline:
            sum(range(1_000))
        busy_to_the_end = time.monotonic() >= deadline
        asking.join()
    assert not busy_to_the_end
    assert answers[0][0] == 200
    assert "rapport_ready" in answers[0][1]


def test_a_process_that_learns_what_to_check_says_so_from_then_on(server: Server) -> None:
    late = HealthServer(server.metrics, starting, host="127.0.0.1", port=0)
    port = late.start()
    assert Server(port=port).get("/readyz")[0] == 503
    late.tell(lambda: Health(True, True))
    assert Server(port=port).get("/readyz")[0] == 200
    late.stop()


def test_a_taken_port_is_an_error_at_once(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        HealthServer(Metrics(), starting, host="127.0.0.1", port=server.port).start()


def app_of(*, beat_age: float = 0.0, waiting_for: str | None = None, **changes: Any) -> Any:
    pipeline = SimpleNamespace(beat=time.monotonic() - beat_age, waiting_for=waiting_for, paused=set())
    pipeline.paused = changes.pop("paused", set())
    owned = changes.pop("owned", {"a partition"})
    return SimpleNamespace(pipelines=[pipeline], assigned=lambda: owned, should_stop=False, **changes)


def test_a_worker_says_why_it_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = Broker(f"127.0.0.1:{listening.getsockname()[1]}")

        def told(app: Any) -> Health:
            return worker_health(app, there, stall_seconds=60)()

        assert told(app_of()) == Health(True, True)
        assert told(app_of(waiting_for="database")) == Health(True, False, "waiting for the database")
        assert told(app_of(owned=set())).reason == "no partitions assigned yet"
        assert told(app_of(paused={3: "half of it is broken"})).ready
        stalled = told(app_of(beat_age=61, waiting_for=None))
        assert (stalled.alive, stalled.ready) == (False, False)
    gone = worker_health(app_of(), Broker("127.0.0.1:1"), stall_seconds=60)()
    assert gone == Health(True, False, "waiting for the broker")


def test_one_of_several_brokers_is_enough_to_be_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert Reachability(Broker(f"127.0.0.1:1,127.0.0.1:{port}"))()
        assert not Reachability(Broker("127.0.0.1:1"))()
