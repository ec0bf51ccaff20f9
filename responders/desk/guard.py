"""The checks before every page: host name, safety headers, form token, and the measuring of requests."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from responders.desk.door import Door, own_path
from responders.desk.pages import TOKEN_COOKIE, DeskObserver, Problem
from responders.web import BODY_SECONDS
from schemas.base import clean_text

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


_OTHER_NAME: Final = (
    "The desk was reached under another name",
    "The address in your browser differs from the name that reached the desk, so nothing was recorded. "
    "If a proxy is in front of the desk, it must pass the Host header on (nginx: proxy_set_header Host "
    "$http_host;), or send X-Forwarded-Host from an address in RAPPORT_TRUSTED_PROXIES.",
)


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


async def checked_form(request: Request) -> FormData:
    """Return the form of a request that a page of this desk sent.

    The token in the form must equal the token in the cookie, and the Origin, if the browser sends one,
    must be this host. Raises HTTPException 403 otherwise, 400 for an unreadable form, 408 for a form
    that arrives too slowly; Problem 403 if a proxy does not pass the host name on.
    """
    form = await _read_form(request)
    cookie, token = request.cookies.get(TOKEN_COOKIE, ""), form.get("token", "")
    same = isinstance(token, str) and secrets.compare_digest(cookie.encode(), token.encode())
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if not cookie or not same or site not in ("same-origin", "none") or origin == "null":
        raise HTTPException(403)
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem(403, *_OTHER_NAME)
    return form


async def _read_form(request: Request) -> FormData:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.form(max_files=0, max_fields=20, max_part_size=256 * 1024)
    except TimeoutError:
        raise HTTPException(408) from None


def field(form: FormData, name: str, *, max_length: int) -> str:
    """Return a text field without blank edges, "" if it is missing; raises HTTPException 413 if too long."""
    value = form.get(name, "")
    if not isinstance(value, str):
        raise HTTPException(400)
    if len(value) > max_length:
        raise HTTPException(413)
    return clean_text(value.strip())
