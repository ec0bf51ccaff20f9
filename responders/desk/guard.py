"""What stands before every page: host check, headers, form token, and the measure of requests."""

import secrets
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from responders.desk.pages import TOKEN_COOKIE, DeskObserver
from schemas.base import clean_text

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")

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

# With "no-referrer" browsers send "Origin: null" on a form, and the origin check would refuse our own.
SAFETY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware: refuses foreign hosts (421) and puts the safety headers on every answer."""

    def __init__(self, app: ASGIApp, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = self._with_headers(scope, send)
        host = host_name(Headers(scope=scope).get("host", ""))
        if "*" in self._hosts or host in self._hosts:
            await self._app(scope, receive, guarded)
        else:
            await PlainTextResponse("Wrong host name", status_code=421)(scope, receive, guarded)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        caching = "no-cache" if scope["path"].startswith("/static/") else "no-store"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SAFETY_HEADERS)
                headers.setdefault("Cache-Control", caching)
            await send(message)

        return guarded


class RouteNames:
    """Names a handled request by its path template, so that labels stay bounded."""

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
    """ASGI middleware: tells the observer of every request; a stream counts when it starts."""

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


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case.

    >>> [host_name(h) for h in ("LocalHost:8080", "127.0.0.1", "[::1]:80", "a]b[", "")]
    ['localhost', '127.0.0.1', '::1', '', '']
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


async def checked_form(request: Request) -> FormData:
    """Return the form of a request that our own page sent.

    The token in the form must equal the cookie's, and an Origin, where the browser names one,
    must be this host. Raises HTTPException 403 otherwise, 400 for a form that cannot be read.
    """
    form = await request.form(max_files=0, max_fields=20, max_part_size=256 * 1024)
    cookie, token = request.cookies.get(TOKEN_COOKIE, ""), form.get("token", "")
    same = isinstance(token, str) and secrets.compare_digest(cookie.encode(), token.encode())
    if not cookie or not same or not _from_here(request):
        raise HTTPException(403)
    return form


def field(form: FormData, name: str, *, max_length: int) -> str:
    """Return a text field without blank edges, or "" where it is missing; raises HTTPException 413."""
    value = form.get(name, "")
    if not isinstance(value, str):
        raise HTTPException(400)
    if len(value) > max_length:
        raise HTTPException(413)
    return clean_text(value.strip())


def _from_here(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    here = request.headers.get("host", "")
    return site in ("same-origin", "none") and (origin is None or urlsplit(origin).netloc == here)
