"""The proxy itself, in front of a small echo server."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    server = socket.create_server(("127.0.0.1", 0))

    def answer(client: socket.socket) -> None:
        with client:
            try:
                while data := client.recv(65_536):
                    client.sendall(data)
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[:2]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.fixture
def proxy(echo: tuple[str, int]) -> Iterator[Proxy]:
    started = Proxy(echo).start()
    yield started
    started.stop()


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=2)


def asked(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    answer = b""
    while len(answer) < len(data):
        part = client.recv(65_536)
        if not part:
            break
        answer += part
    return answer


def test_it_forwards_both_ways_and_keeps_every_byte(proxy: Proxy) -> None:
    data = bytes(range(256)) * 4_096
    with connect(proxy) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        received = b""
        while len(received) < len(data):
            received += client.recv(65_536)
        sender.join()
    assert received == data
    assert proxy.accepted == 1


def test_latency_delays_each_way(proxy: Proxy) -> None:
    with connect(proxy) as client:
        proxy.latency_seconds = 0.1
        started = time.monotonic()
        assert asked(client, b"slow") == b"slow"
        assert time.monotonic() - started >= 0.2
        proxy.heal()
        assert asked(client, b"quick") == b"quick"


def test_cut_closes_open_connections_and_refuses_new_ones_until_healed(proxy: Proxy) -> None:
    with connect(proxy) as client:
        assert asked(client, b"a") == b"a"
        proxy.cut()
        assert client.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.heal()
    with connect(proxy) as client:
        assert asked(client, b"b") == b"b"


def test_reset_breaks_connections_with_an_error_and_takes_new_ones(proxy: Proxy) -> None:
    with connect(proxy) as client:
        assert asked(client, b"a") == b"a"
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with connect(proxy) as client:
        assert asked(client, b"b") == b"b"


def test_half_open_accepts_everything_and_never_answers(proxy: Proxy) -> None:
    with connect(proxy) as old:
        assert asked(old, b"a") == b"a"
        proxy.half_open()
        with connect(proxy) as new:
            for client in (old, new):
                client.settimeout(0.3)
                client.sendall(b"is anybody there?")
                with pytest.raises(TimeoutError):
                    client.recv(1)
    proxy.heal()
    with connect(proxy) as client:
        assert asked(client, b"b") == b"b"


def test_a_healed_proxy_drops_the_connections_that_lost_bytes(proxy: Proxy) -> None:
    with connect(proxy) as client:
        proxy.half_open()
        client.sendall(b"lost")
        time.sleep(0.1)
        proxy.heal()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
