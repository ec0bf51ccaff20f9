"""uvicorn, with an end to connections that send nothing, and readiness given up before the exit."""

import asyncio
from types import FrameType
from typing import Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from streams.intake.sending import BrokerLink

MAX_CONNECTIONS: Final = 1_000
HEADER_SECONDS: Final = 10.0


class IntakeProtocol(H11Protocol):
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


class IntakeServer(uvicorn.Server):
    """Serves one intake; on SIGTERM or SIGINT readiness goes first, then requests in flight are finished."""

    def __init__(
        self, app: Starlette, link: BrokerLink, *, host: str, port: int, shutdown_seconds: float
    ) -> None:
        self._link = link
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=IntakeProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=max(1, int(shutdown_seconds)),
        )
        super().__init__(config)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Say on /readyz that the end has come, then stop as uvicorn does."""
        self._link.stopping = True
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to end: also where the link found that it can never work."""
        return await super().on_tick(counter) or self._link.refusal is not None
