"""Health and metrics over HTTP are right, and answer while the main thread is busy."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import httpx
import pytest

from streams.kafka.brokers import Broker
from streams.kafka.reachability import Reachability
from streams.kafka.startup import probes
from streams.kafka.worker import worker_checks
from streams.process.database import engine_of
from streams.process.health import STARTING, Checks, Health, HealthServer, Probe
from streams.process.metrics import Metrics
from streams.process.ports import free_port
from tests.streams.support.cluster import ROOT, wait_until


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")


@dataclass
class Server:
    """A health server whose checks the test changes."""

    stalled: str | None = None
    unready: str | None = None
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
    served = Server()
    checks = Checks(lambda: served.stalled, lambda: served.unready)
    serving = HealthServer(served.metrics, checks, host="127.0.0.1", port=0)
    served.port = serving.start()
    yield served
    serving.stop()


@pytest.mark.parametrize(
    ("stalled", "unready", "healthz", "readyz"),
    [
        (None, None, 200, 200),
        (None, "waiting for the database", 200, 503),
        ("no progress in 60 s", None, 503, 503),
        ("no progress in 60 s", "waiting for the database", 503, 503),
    ],
)
def test_alive_and_ready_are_told_apart_with_the_reason(
    server: Server, stalled: str | None, unready: str | None, healthz: int, readyz: int
) -> None:
    server.stalled, server.unready = stalled, unready
    status, body = server.get("/healthz")
    assert status == healthz
    assert json.loads(body) == {"alive": stalled is None, "reason": stalled or "ok"}
    status, body = server.get("/readyz")
    assert status == readyz
    reason = stalled or unready
    assert json.loads(body) == {
        "alive": stalled is None,
        "ready": reason is None,
        "reason": reason or "ok",
    }


def test_readiness_is_a_metric_too(server: Server) -> None:
    assert "rapport_ready 1.0" in server.get("/metrics")[1]
    server.unready = "waiting for the broker"
    assert "rapport_ready 0.0" in server.get("/metrics")[1]


@pytest.mark.parametrize("path", ["/", "/admin", "/metrics/../etc/passwd", "/healthz/x"])
def test_other_paths_are_not_found(server: Server, path: str) -> None:
    assert server.get(path)[0] == 404


def test_metrics_are_answered_while_the_main_thread_computes_and_others_are_slow(server: Server) -> None:
    answers: list[tuple[int, str]] = []
    with socket.create_connection(("127.0.0.1", server.port)):  # a silent client does not block others
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


def test_a_process_uses_new_checks_from_then_on(server: Server) -> None:
    late = HealthServer(server.metrics, STARTING, host="127.0.0.1", port=0)
    port = late.start()
    assert Server(port=port).get("/readyz")[0] == 503
    late.tell(Checks(lambda: None))
    assert Server(port=port).get("/readyz")[0] == 200
    late.stop()


def test_a_taken_port_is_an_error_at_once(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        HealthServer(Metrics(), STARTING, host="127.0.0.1", port=server.port).start()


def app_of(*, beat_age: float = 0.0, waiting_for: str | None = None, **changes: Any) -> Any:
    pipeline = SimpleNamespace(beat=time.monotonic() - beat_age, waiting_for=waiting_for, paused=set())
    pipeline.paused = changes.pop("paused", set())
    owned = changes.pop("owned", {"a partition"})
    return SimpleNamespace(pipelines=[pipeline], assigned=lambda: owned, should_stop=False, **changes)


def test_a_worker_says_why_it_is_not_ready() -> None:
    def told(app: Any) -> Health:
        return worker_checks(app, (), stall_seconds=60).health()

    assert told(app_of()) == Health(True, True)
    assert told(app_of(waiting_for="database")) == Health(True, False, "waiting for the database")
    assert told(app_of(owned=set())).reason == "no partitions assigned yet"
    assert told(app_of(paused={3: "half of it is broken"})).ready
    stalled = told(app_of(beat_age=61, waiting_for=None))
    assert (stalled.alive, stalled.ready) == (False, False)


def test_one_of_several_brokers_is_enough_to_be_reachable_and_a_silent_one_is_not(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.kafka.reachability.ANSWER_SECONDS", 0.5)
    silent = Silent()
    assert not Reachability(Broker("127.0.0.1:1"))()
    assert not Reachability(Broker(silent.address))()
    monkeypatch.setattr("streams.kafka.reachability.ANSWER_SECONDS", 20.0)
    reachable = Reachability(Broker(f"127.0.0.1:1,{broker}"))
    assert [reachable(), reachable()] == [True, True]
    silent.close()


@needs_ipv6
def test_a_broker_is_reached_at_an_address_of_ipv6() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:

        def answer() -> None:
            with listening.accept()[0] as connection:
                connection.sendall(b"0")

        threading.Thread(target=answer, daemon=True).start()
        assert Reachability(Broker(f"[::1]:{listening.getsockname()[1]}"))()


@needs_ipv6
def test_health_is_served_on_an_address_of_ipv6() -> None:
    serving = HealthServer(Metrics(), Checks(lambda: None), host="::1", port=0)
    assert httpx.get(f"http://[::1]:{serving.start()}/healthz").status_code == 200
    serving.stop()


def test_a_process_is_ready_while_the_last_answers_of_its_probes_were_good() -> None:
    answers = {"broker": True, "database": False}
    told: list[str] = []
    probes = [
        Probe(name, lambda name=name: answers[name], answered=lambda name=name: told.append(name))  # type: ignore[misc]
        for name in answers
    ]
    checks = Checks(lambda: None, probes=probes)
    assert checks.health() == Health(True, False, "waiting for the broker")
    for probe in probes:
        probe.ask_once()
    assert (checks.health().ready, checks.health().reason) == (False, "waiting for the database")
    answers["database"] = True
    probes[1].ask_once()
    assert checks.health().ready
    assert told == ["broker", "database"]
    age = checks.health().probe_age_seconds
    assert age is not None
    assert age >= 0


def test_a_probe_goes_on_after_a_question_that_fails() -> None:
    def broken() -> bool:
        raise ValueError("a bug")

    probe = Probe("database", broken)
    probe.ask_once()
    assert probe.why_not() == "waiting for the database"


def test_endpoints_answer_while_a_probe_is_blocked_and_an_overdue_probe_makes_the_process_unready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released, held = threading.Event(), threading.Event()
    released.set()

    def ask() -> bool:
        held.set()
        return released.wait(60)

    monkeypatch.setattr("streams.process.health.PROBE_SECONDS", 0.01)
    probe = Probe("database", ask).start()
    serving = HealthServer(Metrics(), Checks(lambda: None, probes=[probe]), host="127.0.0.1", port=0)
    asked = Server(port=serving.start())
    wait_until(lambda: asked.get("/readyz")[0] == 200)
    released.clear()
    held.clear()
    assert held.wait(10)
    assert asked.get("/healthz")[0] == 200
    assert asked.get("/readyz")[0] == 200
    monkeypatch.setattr("streams.process.health.PATIENCE_SECONDS", 0.0)
    status, body = asked.get("/readyz")
    assert (status, json.loads(body)["reason"]) == (503, "waiting for the database")
    assert asked.get("/healthz")[0] == 200
    assert not released.is_set()
    released.set()
    serving.stop()


class Silent:
    """A server that accepts connections, remembers them, and never answers."""

    def __init__(self) -> None:
        self.taken: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self._listening.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        for connection in (self._listening, *self.taken):
            connection.close()


@contextmanager
def process_of(command: list[str], **settings: object) -> Iterator[Server]:
    port = free_port()
    environment = os.environ | {f"RAPPORT_{name}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        [sys.executable, "-m", "streams", *command],
        cwd=ROOT,
        env=environment | {"RAPPORT_METRICS_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield Server(port=port)
        process.kill()


def answers(server: Server, path: str) -> int:
    try:
        return server.get(path)[0]
    except OSError:
        return 0


@pytest.mark.parametrize("command", [["desk"], ["relay"], ["worker", "churn"], ["intake"]], ids=" ".join)
def test_every_process_is_alive_while_it_waits_for_dependencies_that_accept_and_never_answer(
    command: list[str],
) -> None:
    silent = Silent()
    url = f"postgresql+psycopg://postgres@{silent.address}/rapport"
    with process_of(
        command, DATABASE_URL=url, BOOTSTRAP_SERVERS=silent.address, DESK_PORT=0, INTAKE_PORT=0
    ) as asked:
        wait_until(lambda: bool(silent.taken) and answers(asked, "/healthz") == 200)
        assert asked.get("/healthz")[0] == 200
        assert asked.get("/readyz")[0] == 503
    silent.close()


def test_a_database_that_accepts_and_never_answers_blocks_only_the_probe() -> None:
    silent, metrics = Silent(), Metrics()
    engine = engine_of(f"postgresql+psycopg://postgres@{silent.address}/rapport")
    checks = Checks(lambda: None, probes=probes(metrics, engine=engine))
    serving = HealthServer(metrics, checks, host="127.0.0.1", port=0)
    asked = Server(port=serving.start())
    wait_until(lambda: bool(silent.taken))
    assert asked.get("/healthz")[0] == 200
    assert json.loads(asked.get("/readyz")[1])["reason"] == "waiting for the database"
    assert asked.get("/metrics")[0] == 200
    assert checks.health().probe_age_seconds is None  # the question is still open
    serving.stop()
    silent.close()
    engine.dispose()


def test_a_good_answer_sets_the_time_that_alerts_look_at(broker: str) -> None:
    metrics = Metrics()
    (probe,) = probes(metrics, broker=Broker(broker))
    wait_until(lambda: probe.why_not() is None)
    probe.stop()
    name = "rapport_dependency_answered_timestamp_seconds"
    assert (metrics.registry.get_sample_value(name, {"dependency": "broker"}) or 0) > 1_700_000_000
