"""The desk on real sockets: slow clients, greedy event streams, aborted forms."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine

from responders.desk.events import MAX_CLIENTS, MAX_PER_ADDRESS, MAX_PER_BROWSER, Client, Hub
from tests.responders.support.desk_client import Watched
from tests.responders.support.desk_server import served

POST = (
    b"POST /drafts/none/decision HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
LIMIT_SECONDS = 0.4
"""The tests' value for the desk's limits, which are ten seconds."""


@pytest.fixture
def port(engine: Engine, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr("responders.web.connections.HEADER_SECONDS", LIMIT_SECONDS)
    monkeypatch.setattr("responders.desk.forms.BODY_SECONDS", LIMIT_SECONDS)
    with served(engine, observe=watched) as found:
        yield found


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def answer(connection: socket.socket) -> bytes:
    """Return the first line of the answer; empty if the connection ends without an answer."""
    return connection.makefile("rb").readline()


@pytest.mark.parametrize("start", [b"", b"GET /tick", b"GET /tickets HTTP/1.1\r\nHost: loc"])
def test_a_connection_without_a_complete_request_head_is_closed(port: int, start: bytes) -> None:
    with ExitStack() as stack:
        half = [stack.enter_context(connect(port)) for _ in range(20)]
        for client in half:
            client.sendall(start)
        assert {answer(client) for client in half} == {b""}


def test_a_request_head_in_slow_single_bytes_is_not_waited_for(port: int) -> None:
    def drip() -> None:
        for letter in b"GET /tickets HTTP/1.1\r\nX-Padding: " + b"x" * 2_000:
            slow.sendall(bytes([letter]))
            time.sleep(0.01)

    with connect(port) as slow, pytest.raises((BrokenPipeError, ConnectionResetError)):
        drip()


def test_a_form_that_takes_too_long_is_answered_and_counted_as_too_slow(port: int, watched: Watched) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(port)) for _ in range(20)]
        for client in slow:
            client.sendall(POST + b"Content-Length: 1000\r\n\r\ntoken=")
        assert {answer(client).split()[1] for client in slow} == {b"408"}
    assert set(watched.requests) == {("/drafts/{draft_id}/decision", 408)}


def test_an_aborted_form_is_no_error(port: int, watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for encoding in (b"Content-Length: 1000\r\n\r\ntoken=", b"Transfer-Encoding: chunked\r\n\r\n5\r\ntok"):
        for _ in range(5):
            with connect(port) as client:
                client.sendall(POST + encoding)
    deadline = time.monotonic() + 20
    while len(watched.requests) < 10 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert watched.requests == [("/drafts/{draft_id}/decision", 499)] * 10
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_more_connections_than_the_most_allowed_are_closed_and_the_others_are_served(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responders.web.connections.MAX_CONNECTIONS", 5)
    monkeypatch.setattr("responders.web.connections.HEADER_SECONDS", 30.0)
    with ExitStack() as stack:
        waiting = [stack.enter_context(connect(port)) for _ in range(5)]
        with connect(port) as one_more:
            assert answer(one_more) == b""
        waiting[0].sendall(b"GET /static/mark.svg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer(waiting[0]).split()[1] == b"200"


def stream(port: int, stack: ExitStack, cookie: str = "") -> bytes:
    """Open one event stream and return the status of the answer."""
    client = stack.enter_context(connect(port))
    head = f"GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: rapport_desk={cookie}\r\n\r\n"
    client.sendall(head.encode())
    return answer(client).split()[1]


def test_one_browser_cannot_take_every_event_stream(port: int) -> None:
    with ExitStack() as stack:
        greedy = [stream(port, stack) for _ in range(MAX_PER_BROWSER + 20)]
        assert greedy == [b"200"] * MAX_PER_BROWSER + [b"503"] * 20
        assert stream(port, stack, "another") == b"200"


def test_neither_an_address_nor_a_browser_takes_every_place_of_the_hub() -> None:
    hub = Hub()

    def take(client: Client) -> bool:
        free = hub.has_room_for(client)
        if free:
            hub.enter(client)
        return free

    one_machine = [take(Client("10.0.0.1", str(number))) for number in range(MAX_CLIENTS)]
    assert sum(one_machine) == MAX_PER_ADDRESS
    one_browser = [take(Client("10.0.0.2", "b")) for _ in range(MAX_CLIENTS)]
    assert sum(one_browser) == MAX_PER_BROWSER
    others = [take(Client(f"10.0.1.{number}")) for number in range(MAX_CLIENTS)]
    assert sum(others) == MAX_CLIENTS - MAX_PER_ADDRESS - MAX_PER_BROWSER


def test_one_browser_cannot_take_more_streams_by_asking_for_all_at_once(port: int) -> None:
    head = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        greedy = [stack.enter_context(connect(port)) for _ in range(MAX_PER_BROWSER + 20)]
        for client in greedy:
            client.sendall(head)
        statuses = sorted(answer(client).split()[1] for client in greedy)
    assert statuses == [b"200"] * MAX_PER_BROWSER + [b"503"] * 20


def test_the_place_of_a_closed_page_is_free_again(port: int) -> None:
    with ExitStack() as stack:
        assert {stream(port, stack) for _ in range(MAX_PER_BROWSER)} == {b"200"}
        assert stream(port, stack) == b"503"
    deadline = time.monotonic() + 20
    status = b""
    while status != b"200" and time.monotonic() < deadline:
        with ExitStack() as stack:
            status = stream(port, stack)
    assert status == b"200"
