"""Who really asks: forwarded headers are taken from trusted proxies alone.

A trusted proxy's word counts for the client's address, the scheme and the host name. From another address the
headers change nothing; where they come from this machine itself, a proxy opens a local service to others, and
the request is refused.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

from responders.web.hosts import host_name, is_loopback

SETTING: Final = "RAPPORT_TRUSTED_PROXIES"
MAX_CHARACTERS: Final = 2_000
"""A longer Forwarded header is not read: no chain of proxies writes one."""

_SIGN: Final = re.compile(
    r"via|cdn-loop|.*forwarded.*|x-(?:original|envoy|proxyuser)-.+|tailscale-.+"
    r"|.*(?:client|real|connecting|remote)-?(?:ip|addr(?:ess)?)"
)
"""Names of headers that proxies, tunnels and content networks add, and browsers and clients do not."""

_ELEMENT: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PAIR: Final = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))\s*(?:;|$)')


class ProxyRefused(Exception):
    """The request came through a proxy in a way that is not taken; the message is for a person."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


UNTRUSTED: Final = (
    "This request came through a proxy that is not trusted, so nothing is answered to it. "
    f"Set {SETTING} to the proxy's address, and let the proxy ask who may come in."
)
CONFLICTING: Final = "The headers Forwarded and X-Forwarded-* of this request do not say the same."

TOO_LONG: Final = "The header Forwarded of this request is too long."


@dataclass(frozen=True)
class Hop:
    """What one proxy says of who asked it; a field is empty where it says nothing."""

    client: str = ""
    scheme: str = ""
    host: str = ""


class Proxies:
    """The addresses whose forwarded headers count.

    Parameters
    ----------
    trusted
        Addresses and networks such as ``10.0.0.7`` and ``10.1.0.0/16``. Raises ValueError for another text.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(one, strict=False) for one in trusted]

    def __bool__(self) -> bool:
        """Tell whether any proxy is trusted."""
        return bool(self._networks)

    def trust(self, address: str) -> bool:
        """Tell whether an address is a trusted proxy's.

        >>> proxies = Proxies(["10.1.0.0/16", "::1"])
        >>> [proxies.trust(one) for one in ("10.1.2.3", "::ffff:10.1.2.3", "::1", "10.2.0.1", "unknown")]
        [True, True, True, False, False]
        """
        try:
            found = ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._networks)

    def apply(self, scope: Scope, *, has_other_guard: bool = False) -> None:
        """Put into an ASGI scope who really asks, by which scheme and host.

        Raises ProxyRefused where an untrusted proxy on this machine passes the request on, unless another
        guard asks everybody for a token; and where the two kinds of headers contradict each other.
        """
        headers = Headers(scope=scope)
        peer = (scope.get("client") or ("", 0))[0]
        if self.trust(peer):
            _enter(scope, self._asked_by(headers))
        elif is_loopback(peer) and was_forwarded(headers) and not has_other_guard:
            raise ProxyRefused(UNTRUSTED, 403)

    def _asked_by(self, headers: Headers) -> Hop:
        standard, usual = self._outermost(_standard(headers)), self._outermost(_usual(headers))
        pairs = zip(vars(standard).values(), vars(usual).values(), strict=True)
        if any(one and other and one != other for one, other in pairs):
            raise ProxyRefused(CONFLICTING, 400)
        merged = {name: value or getattr(usual, name) for name, value in vars(standard).items()}
        return Hop(**merged)

    def _outermost(self, hops: Sequence[Hop]) -> Hop:
        """Return what the outermost trusted proxy says: from the right, the first client that is no proxy."""
        stranger = next((hop for hop in reversed(hops) if not self.trust(hop.client)), None)
        return stranger or (hops[0] if hops else Hop())


def was_forwarded(headers: Headers) -> bool:
    """Tell whether a proxy shows itself in the headers of a request.

    >>> [was_forwarded(Headers({name: "x"})) for name in ("Fastly-Client-IP", "X-Original-Host", "Accept")]
    [True, True, False]
    """
    return any(_SIGN.fullmatch(name) for name in headers.keys())


def _enter(scope: Scope, hop: Hop) -> None:
    if hop.client:
        scope["client"] = (hop.client, 0)
    if hop.scheme in ("http", "https"):
        scope["scheme"] = hop.scheme
    if hop.host:
        MutableHeaders(scope=scope)["host"] = hop.host


def _standard(headers: Headers) -> list[Hop]:
    """Return the hops of the header Forwarded (RFC 7239), the outermost first.

    >>> _standard(Headers({"forwarded": 'for="[2001:db8::1]:80";proto=HTTPS;host=a.example, for=10.0.0.1'}))
    [Hop(client='2001:db8::1', scheme='https', host='a.example'), Hop(client='10.0.0.1', scheme='', host='')]
    """
    written = ",".join(headers.getlist("forwarded"))
    if len(written) > MAX_CHARACTERS:
        raise ProxyRefused(TOO_LONG, 400)
    elements = [dict(_pairs(element)) for element in _ELEMENT.findall(written) if element.strip()]
    return [
        Hop(host_name(one.get("for", "")), one.get("proto", "").lower(), one.get("host", ""))
        for one in elements
    ]


def _pairs(element: str) -> Iterable[tuple[str, str]]:
    for name, quoted, plain in _PAIR.findall(element):
        yield name.lower(), re.sub(r"\\(.)", r"\1", quoted) or plain


def _usual(headers: Headers) -> list[Hop]:
    """Return the hops of the headers X-Forwarded-*, the outermost first.

    >>> _usual(Headers({"x-forwarded-for": "1.2.3.4, 10.0.0.1", "x-forwarded-proto": "https"}))[0]
    Hop(client='1.2.3.4', scheme='https', host='')
    """
    clients = _listed(headers, "x-forwarded-for")
    schemes = _listed(headers, "x-forwarded-proto")
    hosts = _listed(headers, "x-forwarded-host")
    if not (clients or schemes or hosts):
        return []
    return [
        Hop(_address(client), _at(schemes, place, clients).lower(), _at(hosts, place, clients))
        for place, client in enumerate(clients or [""])
    ]


def _listed(headers: Headers, name: str) -> list[str]:
    return [one for part in headers.getlist(name) for one in map(str.strip, part.split(",")) if one]


def _at(values: Sequence[str], place: int, clients: Sequence[str]) -> str:
    """Return the value beside a client; the last one, the nearest proxy's, where they do not pair."""
    if not values:
        return ""
    return values[place] if len(values) == len(clients) else values[-1]


def _address(written: str) -> str:
    """Return the address in an item of X-Forwarded-For, without port.

    >>> [_address(one) for one in ("1.2.3.4", "1.2.3.4:80", "2001:db8::1", "[2001:db8::1]:80")]
    ['1.2.3.4', '1.2.3.4', '2001:db8::1', '2001:db8::1']
    """
    try:
        return str(ip_address(written))
    except ValueError:
        return host_name(written)
