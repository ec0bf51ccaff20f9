"""The desk's HTTP server: at the end it closes the event streams first, then waits for its connections."""

import socket
from collections.abc import Callable

from starlette.applications import Starlette

from responders.desk.events import Hub
from responders.web import BoundedServer

GRACE_SECONDS = 5.0
"""How long requests in flight may take at the end, after the event streams are closed."""


class DeskServer(BoundedServer):
    """Serves one desk; on SIGTERM or SIGINT it ends the event streams first, so that the exit is quick."""

    def __init__(
        self, desk: Starlette, *, host: str, port: int, started: Callable[[int], None] = lambda port: None
    ) -> None:
        self._hub: Hub = desk.state.hub
        super().__init__(desk, host=host, port=port, grace_seconds=GRACE_SECONDS, started=started)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams, then shut down as uvicorn does."""
        self._hub.close()
        await super().shutdown(sockets)
