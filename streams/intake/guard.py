"""The checks in front of the intake: tokens, hosts, media types; its metric; the end of refused requests."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from responders.web.hosts import LOOPBACK_HOSTS, host_name, is_loopback
from responders.web.peers import is_other_user
from responders.web.proxies import Proxies
from responders.web.tokens import Tokens
from streams.intake.answers import Refusal

MIN_TOKEN_CHARACTERS: Final = 16
"""Shorter tokens are refused, because they can be guessed."""

LINGER_SECONDS: Final = 1.0
"""How long unread bytes of a refused request are thrown away before the connection closes."""

LINGER_BYTES: Final = 16_000_000
"""How many unread bytes of a refused request are thrown away, at most."""

Observe = Callable[[str, int, float], None]
"""Called for every answer with path, status and seconds."""


class TokenError(Exception):
    """The configured tokens cannot be used; the message is one sentence for the operator."""


def parse_tokens(text: str) -> Tokens:
    """Return the tokens of a setting, separated by commas or spaces; raise TokenError if one is too short."""
    tokens = text.replace(",", " ").split()
    if not tokens:
        raise TokenError("RAPPORT_INTAKE_TOKENS contains no token.")
    if any(len(token) < MIN_TOKEN_CHARACTERS for token in tokens):
        raise TokenError(f"Tokens of RAPPORT_INTAKE_TOKENS need {MIN_TOKEN_CHARACTERS} characters or more.")
    return Tokens(tokens)


def admit(request: Request, tokens: Tokens, proxies: Proxies) -> bool:
    """Return whether the body is JSON lines; raise Refusal if the headers show that it must be refused.

    Without tokens, the intake answers only the user who runs it, under this machine's own names. It refuses a
    page in a browser that used another name, another user (such as the user of a proxy), and clients on other
    machines behind a trusted proxy. Raises ProxyRefused if an untrusted proxy shows itself and there are no
    tokens.
    """
    peer = request.scope.get("client") or ("", 0)
    proxies.apply(request.scope, has_other_guard=bool(tokens))
    if tokens:
        if not tokens.open_for(request.headers.get("authorization", "")):
            raise Refusal("unauthorized")
    elif host_name(Headers(scope=request.scope).get("host", "")) not in LOOPBACK_HOSTS:
        raise Refusal("wrong_host")
    elif proxies and not is_loopback((request.scope.get("client") or ("",))[0]):
        raise Refusal("not_local")
    elif not proxies.trust(peer[0]) and is_other_user(peer, request.scope.get("server")):
        raise Refusal("other_user")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refusal("content_encoding")
    return _is_lines(request.headers.get("content-type", ""))


def _is_lines(content_type: str) -> bool:
    r"""Return whether a media type means JSON lines; raise Refusal unless it is one of the two.

    >>> _is_lines("application/x-ndjson"), _is_lines("Application/JSON; charset=\"UTF-8\"")
    (True, False)
    """
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [text.partition("=")[2].strip(' "') for text in parameters if text.startswith("charset")]
    if name not in {"application/json", "application/x-ndjson"} or set(charsets) - {"utf-8", "utf8"}:
        raise Refusal("content_type")
    return name == "application/x-ndjson"


class Edge:
    """ASGI middleware: measures every request, and ends a request with an unread body gently.

    If a server closes a connection with unread bytes, the connection is reset and the client may never see
    the answer. Therefore the whole answer goes out with `Connection: close`; then incoming bytes are thrown
    away for a moment.
    """

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app, self._observe = app, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        exchange = _Exchange(scope, receive, send)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            self._observe(scope["path"], exchange.status or 500, time.perf_counter() - started)


class _Exchange:
    """One request and its answer while they pass through the middleware."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self.status: int | None = None
        self._whole = "transfer-encoding" not in headers and headers.get("content-length", "0") == "0"
        self._receive, self._send = receive, send

    async def receive(self) -> Message:
        """Pass one message of the request."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._whole = True
        return message

    async def send(self, message: Message) -> None:
        """Pass one message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if not self._whole:
                MutableHeaders(scope=message)["Connection"] = "close"
        if message["type"] == "http.response.body" and not self._whole and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            await self._throw_rest_away()
            message = {**message, "body": b""}
        await self._send(message)

    async def _throw_rest_away(self) -> None:
        thrown = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._whole and thrown < LINGER_BYTES:
                    thrown += len((await self.receive()).get("body", b""))
