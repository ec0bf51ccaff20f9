"""uvicorn with limits: a time limit for idle connections, a maximum number of them, and a heartbeat."""

import asyncio
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS: Final = 1_000
"""Open connections of one service at most; further connections are closed at once."""

HEADER_SECONDS: Final = 10.0
"""Seconds in which a connection must send a complete request head."""

BODY_SECONDS: Final = 10.0
"""Seconds in which a request must send its complete body."""


class CannotListenError(Exception):
    """A server cannot listen on its address; `error` is the error of the operating system."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class BoundedProtocol(H11Protocol):
    """HTTP that closes connections without a complete request head in time, and connections over the limit.

    uvicorn itself waits forever for the first request of a connection.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or close it if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.close()
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Stop the timer when the head of a request is complete."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Start the timer for the next request."""
        self._wait_for_head()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of the lost connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class BoundedServer(uvicorn.Server):
    """A server of one application over bounded connections; the application checks forwarded headers itself.

    `beat` is the monotonic time at which the event loop last ran; `started` is called with the port when it
    is open.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        grace_seconds: float,
        started: Callable[[int], None] = lambda port: None,
    ) -> None:
        self.beat = monotonic()
        self._tell_started = started
        options: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=BoundedProtocol,
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=max(1, int(grace_seconds)),
            **options,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port and report its number. Raises CannotListenError if the port cannot be opened."""
        try:
            await super().startup(sockets)
        except SystemExit as end:
            if isinstance(end.__context__, OSError):
                raise CannotListenError(end.__context__) from None
            raise
        for server in self.servers if self.started else ():
            self._tell_started(int(server.sockets[0].getsockname()[1]))

    async def on_tick(self, counter: int) -> bool:
        """Record the heartbeat; return whether the server must stop."""
        self.beat = monotonic()
        return await super().on_tick(counter)
