"""The intake's HTTP server: it reports not ready before it exits."""

from types import FrameType

from starlette.applications import Starlette

from responders.web.connections import BoundedServer
from streams.intake.sending import BrokerLink


class IntakeServer(BoundedServer):
    """Serves one intake; on SIGTERM or SIGINT it reports not ready, then finishes the requests in flight."""

    def __init__(
        self, app: Starlette, link: BrokerLink, *, host: str, port: int, shutdown_seconds: float
    ) -> None:
        self._link = link
        super().__init__(app, host=host, port=port, grace_seconds=shutdown_seconds)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Report on /readyz that the server stops, then stop as uvicorn does."""
        self._link.stopping = True
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to stop: also if the link can never work."""
        return await super().on_tick(counter) or self._link.refusal is not None
