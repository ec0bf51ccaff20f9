"""Server-sent events: one LISTEN connection per process, fanned out to the open pages.

A page that reads too slowly loses single notices and gets `resync` instead, which makes it fetch
its list again; so nothing piles up and nothing stays unseen. Behind a pooler that delivers no notices, the
desk looks for changes every POLL_SECONDS.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final, Never

import psycopg
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from responders.store.notify import CHANNEL, changes

logger = logging.getLogger(__name__)

KINDS: Final = frozenset({"draft", "alert", "incident", "sentiment", "anomaly"})
QUEUE_LENGTH: Final = 100
MAX_CLIENTS: Final = 500
KEEP_ALIVE_SECONDS: Final = 15.0
PROBE_SECONDS: Final = 20.0
PROBE_ANSWER_SECONDS: Final = 5.0
LONGEST_BACKOFF_SECONDS: Final = 5.0
POLL_SECONDS: Final = 2.0
"""How often a desk behind a pooler looks for changes: one small query for all open pages."""

_FULL: Final = Response("Too many open pages", status_code=503, headers={"Retry-After": "30"})


class Hub:
    """Hands every notice to every open page; each has a bounded queue. Used in one event loop."""

    def __init__(self) -> None:
        self._clients: set[asyncio.Queue[str | None]] = set()
        self._closed = False
        self._is_away = False

    @property
    def clients(self) -> int:
        """Return how many pages are open."""
        return len(self._clients)

    def publish(self, message: str) -> None:
        """Give the message to every open page without waiting for any."""
        for queue in self._clients:
            _put(queue, message)

    def away(self) -> None:
        """Tell every open page, and each that opens from now on, that the database is away."""
        self._is_away = True
        self.publish(_event("away", ""))

    def back(self) -> None:
        """Tell every open page that the database is back, so that it fetches what it missed."""
        self._is_away = False
        self.publish(_event("resync", ""))

    def greeting(self) -> str:
        """Return what a page hears first."""
        return "retry: 2000\n" + _event("hello", "") + (_event("away", "") if self._is_away else "")

    def close(self) -> None:
        """End every stream, also those that come later."""
        self._closed = True
        for queue in self._clients:
            _empty(queue)
            queue.put_nowait(None)

    async def messages(self, keep_alive_seconds: float = KEEP_ALIVE_SECONDS) -> AsyncIterator[str]:
        """Yield messages as they come, and a comment when nothing came for a while; ends at `close`."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=QUEUE_LENGTH)
        self._clients.add(queue)
        try:
            while not self._closed:
                try:
                    message = await asyncio.wait_for(queue.get(), keep_alive_seconds)
                except TimeoutError:
                    message = ": still here\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._clients.discard(queue)


def message_of(payload: str) -> str | None:
    r"""Return a notice such as `draft:17` as a server-sent event, or None for any other payload.

    >>> message_of("draft:17")
    'event: draft\ndata: 17\n\n'
    >>> message_of("draft:1\n2"), message_of("nonsense")
    ('event: draft\ndata: 1 2\n\n', None)
    """
    kind, found, identifier = payload.partition(":")
    if not found or kind not in KINDS:
        return None
    return _event(kind, " ".join(identifier.split()))


async def stream(request: Request) -> Response:
    """Serve `GET /events` until the page goes away or the server shuts down."""
    hub: Hub = request.app.state.hub
    if hub.clients >= MAX_CLIENTS:
        return _FULL
    return StreamingResponse(
        _greeted(hub), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@contextlib.asynccontextmanager
async def listening(engine: Engine, hub: Hub) -> AsyncIterator[None]:
    """Listen to the database while the block runs, reconnecting whenever it comes back."""
    task = asyncio.create_task(_listen_forever(engine, hub))
    try:
        yield
    finally:
        hub.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _greeted(hub: Hub) -> AsyncIterator[str]:
    yield hub.greeting()
    async for message in hub.messages():
        yield message


async def _listen_forever(engine: Engine, hub: Hub) -> None:
    wait_seconds = 0.25
    while True:
        try:
            async with await _connect(engine) as connection:
                hub.back()
                wait_seconds = 0.25
                if not await _is_pooled(connection):
                    await _relay(connection, hub)
            await _poll(engine, hub)
        except (psycopg.Error, SQLAlchemyError, OSError):
            hub.away()
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, LONGEST_BACKOFF_SECONDS)


async def _connect(engine: Engine) -> psycopg.AsyncConnection[tuple[object, ...]]:
    arguments, options = engine.dialect.create_connect_args(engine.url)
    options = {"connect_timeout": 5, **options, "autocommit": True, "prepare_threshold": None}
    return await psycopg.AsyncConnection.connect(*arguments, **options)


async def _is_pooled(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
    """Tell whether a pooler stands between: it makes up the process number that it tells its clients."""
    cursor = await connection.execute("SELECT pg_backend_pid()")
    return await cursor.fetchone() != (connection.info.backend_pid,)


async def _poll(engine: Engine, hub: Hub) -> None:
    """Tell the pages to fetch again whenever something was written; raises when the database is away."""
    logger.warning(
        "the database is behind a pooler, which delivers no notices: the desk shows changes seconds later"
    )
    seen = await asyncio.to_thread(changes, engine)
    while True:
        await asyncio.sleep(POLL_SECONDS)
        found = await asyncio.to_thread(changes, engine)
        if found != seen:
            hub.back()
        seen = found


async def _relay(connection: psycopg.AsyncConnection[tuple[object, ...]], hub: Hub) -> Never:
    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
    # The probe finds a connection that died without a word, which a mere wait never would.
    while True:
        async for notice in connection.notifies(timeout=PROBE_SECONDS):
            message = message_of(notice.payload)
            if message is not None:
                hub.publish(message)
        async with asyncio.timeout(PROBE_ANSWER_SECONDS):
            await connection.execute("SELECT 1")


def _event(kind: str, data: str) -> str:
    return f"event: {kind}\ndata: {data}\n\n"


def _put(queue: asyncio.Queue[str | None], message: str) -> None:
    if queue.full():
        _empty(queue)
        message = _event("resync", "")
    queue.put_nowait(message)


def _empty(queue: asyncio.Queue[str | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
