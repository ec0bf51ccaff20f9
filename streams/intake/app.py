"""The intake as one ASGI application: success only after the broker's acknowledgement."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from responders.web.proxies import Proxies, ProxyRefused
from responders.web.tokens import Tokens
from streams.intake.answers import Refusal, accepted, refused
from streams.intake.checks import ENDPOINTS, Endpoint, Event, Judge, refuse_wrong, split
from streams.intake.guard import Edge, admit
from streams.intake.limits import BYTES_PER_EVENT, Budget, Reservation, read_body
from streams.intake.sending import BrokerLink, Delivered
from streams.process.metrics import Metrics

logger = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
"""How often the event loop shows that it turns."""

_HTTP_ERRORS: Final = {404: "not_found", 405: "method_not_allowed"}


@dataclass(frozen=True)
class Limits:
    """The largest size of one body and of everything in flight, in bytes."""

    max_body_bytes: int
    max_in_flight_bytes: int


@dataclass(frozen=True)
class Intake:
    """The parts that serve every request; `now` returns the aware UTC time of a check."""

    link: BrokerLink
    judge: Judge
    tokens: Tokens
    metrics: Metrics
    now: Callable[[], datetime]
    proxies: Proxies = field(default_factory=Proxies)


def create_intake(intake: Intake, limits: Limits) -> Starlette:
    """Return the application; its lifespan runs the link to the broker."""
    budget = Budget(max_bytes=limits.max_in_flight_bytes)
    intake.metrics.intake_in_flight.set_function(lambda: budget.bytes)
    handlers = {
        path: _EndpointHandler(intake, budget, limits.max_body_bytes, endpoint)
        for path, endpoint in ENDPOINTS.items()
    }
    return Starlette(
        routes=[Route(path, handler.receive, methods=["POST"]) for path, handler in handlers.items()],
        middleware=[Middleware(Edge, observe=_observer(intake.metrics))],
        exception_handlers=_handlers(),
        lifespan=_lifespan(intake.link),
    )


class _EndpointHandler:
    """Serves the requests of one endpoint."""

    def __init__(self, intake: Intake, budget: Budget, max_body_bytes: int, endpoint: Endpoint) -> None:
        self._intake = intake
        self._budget = budget
        self._max_body_bytes = max_body_bytes
        self._endpoint = endpoint

    async def receive(self, request: Request) -> Response:
        """Answer 200 only if the broker has every event of the request; raise Refusal otherwise."""
        lines = admit(request, self._intake.tokens, self._intake.proxies)
        events, reservation = await self._events(request, lines=lines)
        # From here on the producer holds the bytes: their share of the budget is released when it drops them.
        delivered = await self._intake.link.deliver(self._endpoint.topic, events, settled=reservation.release)
        self._count("accepted", len(events) - len(delivered.unacknowledged))
        self._count("unacknowledged", len(delivered.unacknowledged))
        return _told(events, delivered)

    async def _events(self, request: Request, *, lines: bool) -> tuple[list[Event], Reservation]:
        try:
            reservation = self._budget.reserve()
            try:
                return await self._read(request, reservation, lines=lines), reservation
            except BaseException:
                reservation.release()
                raise
        except Refusal as refusal:
            if refusal.error == "busy" and not self._intake.link.reachable:
                raise Refusal("broker_away") from None
            raise

    async def _read(self, request: Request, reservation: Reservation, *, lines: bool) -> list[Event]:
        body = await read_body(request, reservation, max_bytes=self._max_body_bytes)
        parts = split(body, lines=lines)
        reservation.grow(BYTES_PER_EVENT * len(parts))
        judge, now = self._intake.judge.judge, self._intake.now()
        # Checking a full body takes longer than the event loop may block.
        events, wrong = await asyncio.to_thread(judge, self._endpoint, parts, now)
        if wrong:
            self._count("refused", len(parts))
            raise refuse_wrong(wrong, lines=lines)
        return events

    def _count(self, fate: str, count: int) -> None:
        self._intake.metrics.intake_records.labels(self._endpoint.topic, fate).inc(count)


def _told(events: list[Event], delivered: Delivered) -> Response:
    if not delivered.unacknowledged:
        return accepted(len(events))
    error = "record_too_large" if delivered.too_large else "not_acknowledged"
    raise Refusal(error, unacknowledged=delivered.unacknowledged)


def _observer(metrics: Metrics) -> Callable[[str, int, float], None]:
    def observe(path: str, status: int, seconds: float) -> None:
        route = path if path in ENDPOINTS else "unmatched"
        metrics.intake_requests.labels(route, str(status)).observe(seconds)

    return observe


def _handlers() -> dict[Any, Any]:
    def refusal(_request: Request, error: Refusal) -> Response:
        return refused(error)

    def http_problem(_request: Request, error: HTTPException) -> Response:
        return refused(Refusal(_HTTP_ERRORS.get(error.status_code, "internal")))

    def bug(_request: Request, _error: Exception) -> Response:
        return refused(Refusal("internal"))

    def proxy(_request: Request, error: ProxyRefused) -> Response:
        return refused(Refusal("untrusted_proxy" if error.status == 403 else "forwarded_headers"))

    return {ProxyRefused: proxy, Refusal: refusal, HTTPException: http_problem, Exception: bug}


def _lifespan(link: BrokerLink) -> Callable[[Starlette], Any]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_beat(link)), asyncio.create_task(_serve(link))]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan


async def _beat(link: BrokerLink) -> None:
    while True:
        link.beat = monotonic()
        await asyncio.sleep(BEAT_SECONDS)


async def _serve(link: BrokerLink) -> None:
    try:
        await link.serve()
    except Exception:
        logger.exception("the way to the broker is closed")
        link.refusal = "The link to the broker failed because of an error in Rapport; the log names it."
