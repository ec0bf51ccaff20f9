"""The checks before every page: host name, safety headers, form token, and the measuring of requests."""

import time
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from responders.desk.door import Door, own_path
from responders.desk.observer import DeskObserver

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

# With "no-referrer" browsers send "Origin: null" with a form, and the origin check would refuse it.
SAFETY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware: refuses what the door refuses, and sets the safety headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._door.admit(scope)
        await (refusal or self._app)(scope, receive, self._with_headers(scope, send))

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        caching = "no-cache" if own_path(scope).startswith("/static/") else "no-store"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SAFETY_HEADERS)
                headers.setdefault("Cache-Control", caching)
            await send(message)

        return guarded


class RouteNames:
    """Names a request by the path template of its route, so that metric labels stay bounded."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._names: dict[object, str] = {
            route.endpoint if isinstance(route, Route) else route.app: route.path.replace(":id", "")
            for route in routes
            if isinstance(route, Route | Mount)
        }

    def name(self, scope: Scope) -> str:
        """Return the path template, or `unmatched`."""
        return self._names.get(scope.get("endpoint"), "unmatched")


class Meter:
    """ASGI middleware: tells the observer of every request; a stream counts at its start."""

    def __init__(self, app: ASGIApp, observe: DeskObserver, names: RouteNames) -> None:
        self._app, self._observe, self._names = app, observe, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        answered = False

        def tell(status: int) -> None:
            nonlocal answered
            answered = True
            self._observe.request(self._names.name(scope), status, time.perf_counter() - started)

        async def metered(message: Message) -> None:
            if message["type"] == "http.response.start":
                tell(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, metered)
        except Exception:
            if not answered:
                tell(500)
            raise
