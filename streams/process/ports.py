"""Ports of the loopback address that are free for a server."""

import random
import socket
from collections.abc import Sequence
from typing import Final

from streams.process.errors import ServiceError

PORTS: Final = range(20_000, 32_000)
"""Below the range from which Linux gives clients their ports (32,768 to 60,999).

A client that retries a closed port inside that range may be connected to itself, and so keep the port from
the server that wants it back.
"""

TRIED_PORTS: Final = 200


class NoFreePortError(ServiceError):
    """No port was free; the message is one sentence for a person."""


def free_port(taken: Sequence[int] = ()) -> int:
    """Return a random port of `PORTS` that is free now and not in `taken`.

    Raises NoFreePortError if 200 random ports were all busy.
    """
    for port in random.SystemRandom().sample(PORTS, TRIED_PORTS):
        if port not in taken and port_is_free(port):
            return port
    raise NoFreePortError("No free port was found between 20000 and 31999 on 127.0.0.1.")


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on a port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
