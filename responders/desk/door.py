"""The way into the desk: the host names, the path prefix, the trusted proxies and the start link."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Scope

from responders.web import LOOPBACK_HOSTS, Proxies, ProxyRefused, Tokens, host_name

ENTRY_SECONDS: Final = 30 * 86_400
"""How long the start link's cookie admits a browser."""

PATHS: Final = frozenset({"tickets", "drafts", "accounts", "alerts", "events", "static"})
"""The first part of the desk's own paths; a prefix must not begin with one of them."""

NO_LINK: Final = (
    "This desk opens by its start link. `rapport up`, `rapport demo` and `rapport desk` print the link when "
    "they start, and the file desk-link in the data folder holds it. Without the link nobody may enter."
)
WRONG_HOST: Final = (
    "Wrong host name: the desk does not answer under this name. If the name is right, set "
    "RAPPORT_DESK_ALLOWED_HOSTS to it. If a proxy is in front of the desk, let it pass the Host header on."
)


@dataclass(frozen=True)
class Door:
    """How a desk is reached.

    Attributes
    ----------
    hosts
        Host names (without a port) that the desk answers to, against DNS rebinding; ``("*",)`` means any.
    prefix
        The path prefix of the desk, such as ``/rapport``; empty for the root. A proxy may strip the prefix
        or pass it on.
    proxies
        The proxies whose forwarded headers are trusted.
    token
        The secret of the start link; empty if everyone may enter.
    """

    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    prefix: str = ""
    proxies: Proxies = field(default_factory=Proxies)
    token: str = ""

    def admit(self, scope: Scope) -> Response | None:
        """Return the refusal of a request, or None if the request may enter.

        Afterwards the scope has the real client's address, and the prefix as its root path.
        """
        place_below(scope, self.prefix)
        try:
            self.proxies.apply(scope)
        except ProxyRefused as refused:
            return PlainTextResponse(refused.sentence, refused.status)
        name = host_name(Headers(scope=scope).get("host", ""))
        if "*" not in self.hosts and name not in {host.lower() for host in self.hosts}:
            return PlainTextResponse(WRONG_HOST, 421)
        return self._entry(Request(scope)) if self.token else None

    def _entry(self, request: Request) -> Response | None:
        cookie, value = _cookie(self.token)
        tokens = Tokens([self.token])
        if request.method == "GET" and tokens.include(request.query_params.get("token", "")):
            return self._let_in(request, cookie, value)
        has_cookie = hmac.compare_digest(request.cookies.get(cookie, "").encode(), value.encode())
        if has_cookie or tokens.open_for(request.headers.get("authorization", "")):
            return None
        return PlainTextResponse(NO_LINK, 403)

    def _let_in(self, request: Request, cookie: str, value: str) -> Response:
        """Redirect to the same page without the token, so that no history keeps it; set the entry cookie."""
        others = [(name, text) for name, text in request.query_params.multi_items() if name != "token"]
        query = f"?{urlencode(others)}" if others else ""
        answer = RedirectResponse(request.url.path + query, 303)
        options: dict[str, Any] = {
            "httponly": True,
            "samesite": "lax",
            "secure": request.url.scheme == "https",
        }
        answer.set_cookie(cookie, value, max_age=ENTRY_SECONDS, path=self.prefix or "/", **options)
        return answer


def place_below(scope: Scope, prefix: str) -> None:
    """Make the prefix the root path of a scope, whether or not the proxy has stripped it.

    >>> scope = {"path": "/tickets"}
    >>> place_below(scope, "/rapport"); scope
    {'path': '/rapport/tickets', 'root_path': '/rapport'}
    >>> place_below(scope, "/rapport"); scope["path"]
    '/rapport/tickets'
    """
    if not prefix:
        return
    path = scope["path"]
    inside = path.removeprefix(prefix) if path == prefix or path.startswith(f"{prefix}/") else path
    scope["root_path"], scope["path"] = prefix, prefix + (inside or "/")


def own_path(scope: Scope) -> str:
    """Return the path of a request without the prefix, as the routes name it."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")) or "/"


def _cookie(token: str) -> tuple[str, str]:
    """Return name and value of the entry cookie; two desks on one machine use two names."""
    value = hmac.new(token.encode(), b"the desk's entry", hashlib.sha256).hexdigest()
    return f"rapport_entry_{value[:8]}", value[8:]
