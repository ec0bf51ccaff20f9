"""uvicorn, taught to end the open event streams before it waits for its connections."""

import socket

import uvicorn
from starlette.applications import Starlette

from responders.desk.events import Hub


class DeskServer(uvicorn.Server):
    """Serves one desk; on SIGTERM or SIGINT the streams end first, so that the exit is quick."""

    def __init__(self, desk: Starlette, *, host: str, port: int) -> None:
        self._hub: Hub = desk.state.hub
        config = uvicorn.Config(
            desk, host=host, port=port, log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams, then shut down as uvicorn does."""
        self._hub.close()
        await super().shutdown(sockets)
