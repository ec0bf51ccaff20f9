"""`rapport intake` as a process: real sockets, its start, its refusals and its end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import typer
from pydantic import SecretStr

from streams.cli.access import tokens_of
from streams.embedded import EmbeddedKafka
from streams.kafka.topics import USAGE_EVENTS
from streams.process.ports import free_port
from streams.process.settings import Settings
from tests.streams.support.cluster import ROOT, wait_until
from tests.streams.support.intake_service import LINES, Topic, dumps, usage

TOKEN = "correct-horse-battery-staple"
HEAD = b"POST /v1/usage-events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Process:
    """The command, its ports and its log."""

    def __init__(self, folder: Path, bootstrap: str, **settings: object) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self.log = folder / "intake.log"
        values = {
            "BOOTSTRAP_SERVERS": bootstrap,
            "INTAKE_PORT": self.port,
            "METRICS_PORT": self.metrics_port,
            **settings,
        }
        environment = os.environ | {f"RAPPORT_{name}": str(value) for name, value in values.items()}
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams", "intake"],
                cwd=ROOT,
                env=environment,
                stdout=sink,
                stderr=sink,
            )

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.metrics_port}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


@pytest.fixture(scope="module")
def process(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    found = Process(tmp_path_factory.mktemp("intake"), kafka.start(), LOG_LEVEL="DEBUG")
    wait_until(found.ready)
    yield found
    found.process.kill()
    found.process.wait()


def status_of(connection: socket.socket) -> int:
    """Return the status of the answer, or 0 if the connection ends without an answer."""
    answer = connection.makefile("rb").readline()
    return int(answer.split()[1]) if answer else 0


def test_a_body_too_large_is_refused_before_it_arrives_and_the_answer_can_be_read(process: Process) -> None:
    with process.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 5000000\r\n\r\n" + b" " * 100_000)
        assert status_of(connection) == 413
    with process.connect() as two:
        two.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(50):
            two.sendall(b"186a0\r\n" + b" " * 100_000 + b"\r\n")
        assert status_of(two) == 413
    with process.connect() as three:
        three.sendall(HEAD + b"Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n")
        assert status_of(three) == 413


def test_half_a_request_sends_nothing(process: Process, kafka: EmbeddedKafka) -> None:
    topic, body = Topic(kafka.start(), USAGE_EVENTS), dumps([usage(), usage()])
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    for cut in (10, len(head) + 1, len(head) + len(body) - 1):
        with process.connect() as connection:
            connection.sendall((head + body)[:cut])
    with process.connect() as whole:
        whole.sendall(head + body)
        assert status_of(whole) == 200
    assert len(topic.new()) == 2
    topic.close()


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (None, "Without RAPPORT_INTAKE_TOKENS the intake listens on 127.0.0.1 only"),
        ("short", "16 characters"),
    ],
)
def test_without_a_token_the_intake_listens_on_no_other_address(
    tokens: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(intake_host="0.0.0.0", intake_tokens=SecretStr(tokens) if tokens else None)
    with pytest.raises(typer.Exit):
        tokens_of(settings)
    told = capsys.readouterr().err
    assert said in told.replace("\n", " ")
    assert "short" not in told


def test_a_busy_port_is_reported_in_one_sentence(process: Process, tmp_path: Path) -> None:
    refused = Process(tmp_path, "127.0.0.1:1", INTAKE_PORT=process.port)
    assert refused.process.wait(timeout=30) == 1
    assert refused.log.read_text().splitlines()[-1].endswith("set RAPPORT_INTAKE_PORT to another.")


def test_no_text_of_a_customer_reaches_the_log_or_the_metrics(process: Process) -> None:
    url = f"http://127.0.0.1:{process.port}"
    canary = "canary-4711"
    for value in (usage(account_id=canary), usage(account_id=canary, kind=canary + " "), canary):
        httpx.post(f"{url}/v1/usage-events?q={canary}", content=dumps(value), headers=LINES)
    httpx.post(f"{url}/{canary}", content=canary, headers={"authorization": f"Bearer {canary}"})
    assert canary not in process.log.read_text()
    assert canary not in httpx.get(f"http://127.0.0.1:{process.metrics_port}/metrics").text


def test_sigterm_finishes_the_request_in_flight_and_exits_0(process: Process, kafka: EmbeddedKafka) -> None:
    topic, body = Topic(kafka.start(), USAGE_EVENTS), dumps(usage(event_id="last"))
    with process.connect() as slow, process.connect():
        slow.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
        time.sleep(0.2)
        process.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not process.ready())
        time.sleep(0.5)
        slow.sendall(body[10:])
        assert status_of(slow) == 200
    assert process.process.wait(timeout=15) == 0
    assert [json.loads(record.value)["event_id"] for record in topic.new()] == ["last"]
    topic.close()


def test_sigterm_while_the_broker_is_away_exits_0_soon(tmp_path: Path) -> None:
    away = Process(tmp_path, f"127.0.0.1:{free_port()}", INTAKE_HOST="0.0.0.0", INTAKE_TOKENS=TOKEN)
    headers = {**LINES, "authorization": f"Bearer {TOKEN}"}
    url = f"http://127.0.0.1:{away.port}/v1/usage-events"
    wait_until(lambda: b"Uvicorn running" in away.log.read_bytes())
    assert httpx.post(url, content=dumps(usage()), headers=headers).status_code == 503
    assert httpx.post(url, content=dumps(usage()), headers=LINES).status_code == 401
    away.process.send_signal(signal.SIGTERM)
    assert away.process.wait(timeout=10) == 0
