"""The intake's HTTP server: readiness is given up before the exit."""

from types import FrameType

from starlette.applications import Starlette

from responders.web import BoundedServer
from streams.intake.sending import BrokerLink


class IntakeServer(BoundedServer):
    """Serves one intake; on SIGTERM or SIGINT readiness goes first, then requests in flight are finished."""

    def __init__(
        self, app: Starlette, link: BrokerLink, *, host: str, port: int, shutdown_seconds: float
    ) -> None:
        self._link = link
        super().__init__(app, host=host, port=port, grace_seconds=shutdown_seconds)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Say on /readyz that the end has come, then stop as uvicorn does."""
        self._link.stopping = True
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Return whether to end: also where the link found that it can never work."""
        return await super().on_tick(counter) or self._link.refusal is not None
