"""The limit on requests and bytes in flight, and reading a body within this limit."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from responders.web.connections import BODY_SECONDS
from streams.intake.answers import Refusal

MAX_REQUESTS: Final = 256
"""Requests in flight, at most."""

BYTES_PER_EVENT: Final = 1_000
"""Memory of the producer for each unacknowledged record in addition to its bytes, rounded up."""


class Budget:
    """Bounds requests and bytes in flight; nothing waits for room. Used only on the event loop."""

    def __init__(self, *, max_bytes: int, max_requests: int = MAX_REQUESTS) -> None:
        self.requests = 0
        self.bytes = 0
        self._max_bytes = max_bytes
        self._max_requests = max_requests

    def reserve(self) -> "Reservation":
        """Return one request's share; raise Refusal `busy` if too many requests are in flight."""
        if self.requests >= self._max_requests:
            raise Refusal("busy")
        self.requests += 1
        return Reservation(self)

    def charge(self, count: int) -> None:
        """Add bytes; raise Refusal `busy` if there is no room for them."""
        if self.bytes + count > self._max_bytes:
            raise Refusal("busy")
        self.bytes += count


class Reservation:
    """One request's share of the budget; it is released once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._bytes = 0
        self._held = True

    def grow(self, count: int) -> None:
        """Add bytes to the share; raise Refusal `busy` if there is no room."""
        self._budget.charge(count)
        self._bytes += count

    def release(self) -> None:
        """Release the whole share; a second call changes nothing."""
        if self._held:
            self._held = False
            self._budget.bytes -= self._bytes
            self._budget.requests -= 1


async def read_body(request: Request, reservation: Reservation, *, max_bytes: int) -> bytes:
    """Return the whole body; raise Refusal if it is too large, too slow, or cut off.

    A body with a wrong or missing Content-Length is refused when it passes the limit.
    """
    if _declared(request) > max_bytes:
        raise Refusal("too_large", max_bytes=max_bytes)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _gather(request, reservation, max_bytes)
    except TimeoutError:
        raise Refusal("slow_body") from None
    except ClientDisconnect:
        raise Refusal("incomplete_body") from None


def _declared(request: Request) -> int:
    text = request.headers.get("content-length", "")
    # A number with more digits is too large anyway, and int() refuses thousands of digits.
    return int(text[:19]) if text.isascii() and text.isdigit() else 0


async def _gather(request: Request, reservation: Reservation, max_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise Refusal("too_large", max_bytes=max_bytes)
        reservation.grow(len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)
