"""The service on this machine: its ports, the wait for the desk, and addresses that can be reached."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from pydantic import SecretStr

from streams.cli.composition.local import LocalService, _addresses, listening_port, wait_for_desk
from streams.process.settings import Settings


class _Desk(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@pytest.fixture
def desk() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), type("Desk", (_Desk,), {})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def service_of(**settings: Any) -> LocalService:
    nothing = cast(Any, None)
    return LocalService(Settings(**settings), nothing, nothing, nothing, "")


@pytest.mark.parametrize("status", [200, 403, 421])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_any_answer_of_the_desk_ends_the_wait_in_spite_of_a_proxy_in_the_environment(
    desk: HTTPServer, status: int, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setattr(desk.RequestHandlerClass, "status", status)
    service = service_of(desk_host=host, desk_port=desk.server_port)
    assert wait_for_desk(service, threading.Event(), max_wait_seconds=60)


def test_a_desk_that_answers_with_errors_is_not_ready(
    desk: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.RequestHandlerClass, "status", 503)
    service = service_of(desk_port=desk.server_port)
    assert not wait_for_desk(service, threading.Event(), max_wait_seconds=0.4)


def test_port_0_becomes_a_number_that_the_processes_get(tmp_path: Path) -> None:
    port = listening_port("desk", "127.0.0.1", 0)
    assert port > 0
    url = SecretStr("postgresql://u@h/d")
    told = _addresses(Settings(desk_port=port, data_folder=tmp_path, database_url=url))
    assert told["RAPPORT_DESK_PORT"] == str(port)
    assert told["RAPPORT_INTAKE_PORT"] == "8767"


def test_a_port_is_found_on_an_ipv6_address() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert listening_port("intake", "::1", 0) > 0


@pytest.mark.parametrize(
    ("host", "said"), [("nobody.invalid", "cannot be listened on"), ("127.0.0.1", "taken")]
)
def test_a_port_that_cannot_be_opened_is_one_sentence(
    host: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        with pytest.raises(typer.Exit):
            listening_port("desk", host, other.getsockname()[1])
    told = capsys.readouterr().err
    assert said in told
    assert "RAPPORT_DESK_PORT" in told


def test_the_address_of_the_intake_can_be_reached() -> None:
    assert service_of(intake_host="0.0.0.0").intake_url == "http://127.0.0.1:8767/v1/"
    assert service_of(intake_host="::1").intake_url == "http://[::1]:8767/v1/"
