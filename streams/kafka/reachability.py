"""Tell whether a broker answers, without a client: by one request that every broker answers."""

import socket
import struct
from contextlib import suppress

from streams.kafka.brokers import Broker

ANSWER_SECONDS = 3.0
"""How long one bootstrap server may take to connect, and again to answer."""

_API_VERSIONS, _VERSION, _CORRELATION, _CLIENT = 18, 0, 1, b"rapport"
_VERSIONS_REQUEST = struct.pack(
    f">ihhih{len(_CLIENT)}s", 10 + len(_CLIENT), _API_VERSIONS, _VERSION, _CORRELATION, len(_CLIENT), _CLIENT
)
"""Kafka's ApiVersions request: length, key, version, correlation id, client id."""


class Reachability:
    """Tells whether one of the bootstrap servers answers; the last server that answered is asked first."""

    def __init__(self, broker: Broker) -> None:
        self._servers = [server.rpartition(":") for server in broker.bootstrap_servers.split(",")]
        self._tls = broker.ssl_context()

    def __call__(self) -> bool:
        """Return whether a server answers; each silent server takes up to `ANSWER_SECONDS`."""
        for place, (host, _, port) in enumerate(self._servers):
            if self._answers(host.strip("[]"), int(port)):
                self._servers.insert(0, self._servers.pop(place))
                return True
        return False

    def _answers(self, host: str, port: int) -> bool:
        """Ask for the versions that a broker knows: it answers this to every client, before any sign-in."""
        with suppress(OSError), socket.create_connection((host, port), timeout=ANSWER_SECONDS) as plain:
            with self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain as connection:
                connection.sendall(_VERSIONS_REQUEST)
                return connection.recv(1) != b""
        return False
