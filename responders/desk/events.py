"""Server-sent events: one LISTEN connection per process, and every notice goes to all open pages.

A page that reads too slowly loses single notices and gets `resync` instead, so that it fetches its list
again: nothing piles up and nothing stays unseen. If a pooler delivers no notices, the desk looks for changes
every POLL_SECONDS.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from responders.desk.forms import TOKEN_COOKIE
from responders.desk.pages import TOKEN_LENGTH
from responders.store.notify import CHANNEL, ListenerCallbacks, changes, listen

KINDS: Final = frozenset({"draft", "alert", "incident", "sentiment", "anomaly"})
QUEUE_LENGTH: Final = 100
MAX_CLIENTS: Final = 500
MAX_PER_ADDRESS: Final = 250
"""Most streams of one address, so that no machine takes every place; an untrusted proxy is one address."""

MAX_PER_BROWSER: Final = 30
"""Most streams of one browser, known by its cookie; browsers of an address without a cookie count as one."""

KEEP_ALIVE_SECONDS: Final = 15.0
POLL_SECONDS: Final = 2.0
"""How often a desk behind a pooler looks for changes: one small query for all open pages."""

_FULL: Final = Response("Too many open pages", status_code=503, headers={"Retry-After": "30"})


@dataclass(frozen=True, slots=True)
class Client:
    """The owner of an open stream: the address, and the browser at that address."""

    address: str = ""
    browser: str = ""


Queue = asyncio.Queue[str | None]
"""The waiting messages of one page; None ends its stream."""


class EventStream(StreamingResponse):
    """The events of one page. It takes a place in the hub before the first event, and frees it at the end."""

    def __init__(self, hub: "Hub", client: Client) -> None:
        self._hub, self._queue = hub, hub.enter(client)
        events = _greeted(hub, self._queue)
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the page goes away or the hub is closed."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._queue)


class Hub:
    """Gives every notice to every open page; each page has a bounded queue. Used in one event loop only."""

    def __init__(self) -> None:
        self._clients: dict[Queue, Client] = {}
        self._closed = False
        self._is_away = False

    @property
    def clients(self) -> int:
        """Return how many pages are open."""
        return len(self._clients)

    def has_room_for(self, client: Client) -> bool:
        """Tell whether a client may open one more stream."""
        others = self._clients.values()
        at_address = sum(other.address == client.address for other in others)
        in_browser = sum(other == client for other in others)
        return (
            len(self._clients) < MAX_CLIENTS and at_address < MAX_PER_ADDRESS and in_browser < MAX_PER_BROWSER
        )

    def enter(self, client: Client) -> Queue:
        """Open one more stream for a client and return the queue of its messages."""
        queue: Queue = asyncio.Queue(maxsize=QUEUE_LENGTH)
        self._clients[queue] = client
        return queue

    def leave(self, queue: Queue) -> None:
        """Free the place of a stream; a second call does nothing."""
        self._clients.pop(queue, None)

    def publish(self, message: str) -> None:
        """Give the message to every open page without waiting for any of them."""
        for queue in self._clients:
            _put(queue, message)

    def away(self) -> None:
        """Tell every open page, and every page that opens later, that the database is away."""
        self._is_away = True
        self.publish(_event("away", ""))

    def back(self) -> None:
        """Tell every open page that the database is back, so that it fetches what it missed."""
        self._is_away = False
        self.publish(_event("resync", ""))

    def greeting(self) -> str:
        """Return the first message of a stream."""
        return "retry: 2000\n" + _event("hello", "") + (_event("away", "") if self._is_away else "")

    def close(self) -> None:
        """End every stream, including streams that open later."""
        self._closed = True
        for queue in self._clients:
            _empty(queue)
            queue.put_nowait(None)

    async def messages(
        self, queue: Queue, keep_alive_seconds: float = KEEP_ALIVE_SECONDS
    ) -> AsyncIterator[str]:
        """Yield messages as they arrive, and a comment after a quiet `keep_alive_seconds`; end at `close`."""
        while not self._closed:
            try:
                message = await asyncio.wait_for(queue.get(), keep_alive_seconds)
            except TimeoutError:
                message = ": still here\n\n"
            if message is None:
                return
            yield message


def message_of(payload: str) -> str | None:
    r"""Return a notice like `draft:17` as a server-sent event, or None for any other payload.

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
    address = request.client.host if request.client else ""
    client = Client(address, request.cookies.get(TOKEN_COOKIE, "")[:TOKEN_LENGTH])
    return EventStream(hub, client) if hub.has_room_for(client) else _FULL


@contextlib.asynccontextmanager
async def listening(engine: Engine, hub: Hub) -> AsyncIterator[None]:
    """Listen to the database while the block runs; reconnect each time the database comes back."""

    def heard(payload: str) -> None:
        message = message_of(payload)
        if message is not None:
            hub.publish(message)

    async def poll() -> None:
        await _poll(engine, hub)

    callbacks = ListenerCallbacks(heard, connected=hub.back, away=hub.away, without_notices=poll)
    task = asyncio.create_task(listen(engine, CHANNEL, callbacks))
    try:
        yield
    finally:
        hub.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _greeted(hub: Hub, queue: Queue) -> AsyncIterator[str]:
    yield hub.greeting()
    async for message in hub.messages(queue):
        yield message


async def _poll(engine: Engine, hub: Hub) -> None:
    """Tell the pages to fetch again after each change in the database; raises if the database is away."""
    seen = await asyncio.to_thread(changes, engine)
    while True:
        await asyncio.sleep(POLL_SECONDS)
        found = await asyncio.to_thread(changes, engine)
        if found != seen:
            hub.back()
        seen = found


def _event(kind: str, data: str) -> str:
    return f"event: {kind}\ndata: {data}\n\n"


def _put(queue: Queue, message: str) -> None:
    if queue.full():
        _empty(queue)
        message = _event("resync", "")
    queue.put_nowait(message)


def _empty(queue: Queue) -> None:
    while not queue.empty():
        queue.get_nowait()
