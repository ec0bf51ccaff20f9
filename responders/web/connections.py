"""uvicorn with bounds: an end to connections that send nothing, a most of them, and a sign of life."""

import asyncio
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS: Final = 1_000
"""Connections that one service holds; any beyond are closed at once."""

HEADER_SECONDS: Final = 10.0
"""How long a connection may take to bring a whole request head."""

BODY_SECONDS: Final = 10.0
"""How long a request may take to bring its whole body."""


class CannotListenError(Exception):
    """The address of a server cannot be listened on; `error` is what the system says."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class BoundedProtocol(H11Protocol):
    """Closes a connection that brings no whole request head in time, and any beyond the most allowed.

    uvicorn itself waits for ever for the first request of a connection.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or close it where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.close()
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Stop the clock once a request's head is whole."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Start the clock for the next request."""
        self._wait_for_head()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock with the connection."""
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
    """Serves one application over bounded connections; forwarded headers are the application's to judge.

    `beat` is the monotonic time at which the event loop last turned; `started` is told the port once it is
    open.
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
        """Open the port, and tell which one it is. Raises CannotListenError where it cannot be opened."""
        try:
            await super().startup(sockets)
        except SystemExit as end:
            if isinstance(end.__context__, OSError):
                raise CannotListenError(end.__context__) from None
            raise
        for server in self.servers if self.started else ():
            self._tell_started(int(server.sockets[0].getsockname()[1]))

    async def on_tick(self, counter: int) -> bool:
        """Note the sign of life; return whether to end."""
        self.beat = monotonic()
        return await super().on_tick(counter)
