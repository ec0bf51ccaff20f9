"""The real client of a request: forwarded headers count only if a trusted proxy sends them.

A trusted proxy's headers set the client's address, the scheme and the host name. Headers from other addresses
change nothing. If they come from this machine, an untrusted proxy exposes a local service to others, so the
request is refused.
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
"""A longer Forwarded header is refused: no chain of proxies writes so much."""

_SIGN: Final = re.compile(
    r"via|cdn-loop|.*forwarded.*|x-(?:original|envoy|proxyuser)-.+|tailscale-.+"
    r"|.*(?:client|real|connecting|remote)-?(?:ip|addr(?:ess)?)"
)
"""Names of headers that proxies, tunnels and content networks add, but browsers and other clients do not."""

_ELEMENT: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PAIR: Final = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))\s*(?:;|$)')


class ProxyRefused(Exception):
    """The request came through a proxy and is refused; the message is for a person."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


UNTRUSTED: Final = (
    "This request came through a proxy that is not trusted, so it is refused. "
    f"Set {SETTING} to the proxy's address, and let the proxy check who may use this service."
)
CONFLICTING: Final = "The headers Forwarded and X-Forwarded-* of this request contradict each other."
TOO_LONG: Final = "The header Forwarded of this request is too long."


@dataclass(frozen=True)
class Hop:
    """The client of one proxy as the proxy reports it; a field is empty if the proxy does not report it."""

    client: str = ""
    scheme: str = ""
    host: str = ""


class Proxies:
    """The addresses of the proxies whose forwarded headers count.

    Parameters
    ----------
    trusted
        Addresses and networks such as ``10.0.0.7`` and ``10.1.0.0/16``. Any other text raises ValueError.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [
            ip_network(network, strict=False) for network in trusted
        ]

    def __bool__(self) -> bool:
        """Return whether any proxy is trusted."""
        return bool(self._networks)

    def trust(self, address: str) -> bool:
        """Return whether an address belongs to a trusted proxy.

        >>> proxies = Proxies(["10.1.0.0/16", "::1"])
        >>> addresses = ("10.1.2.3", "::ffff:10.1.2.3", "::1", "10.2.0.1", "unknown")
        >>> [proxies.trust(address) for address in addresses]
        [True, True, True, False, False]
        """
        try:
            found = ip_address(address)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._networks)

    def apply(self, scope: Scope, *, has_other_guard: bool = False) -> None:
        """Replace client, scheme and host of an ASGI scope by the real client's.

        Raises ProxyRefused if an untrusted proxy on this machine forwarded the request and no other guard
        demands a token (`has_other_guard`), or if the two kinds of headers contradict each other.
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
        if any(left and right and left != right for left, right in pairs):
            raise ProxyRefused(CONFLICTING, 400)
        merged = {name: value or getattr(usual, name) for name, value in vars(standard).items()}
        return Hop(**merged)

    def _outermost(self, hops: Sequence[Hop]) -> Hop:
        """Return the outermost trusted proxy's hop: from the right, the first with an untrusted client."""
        stranger = next((hop for hop in reversed(hops) if not self.trust(hop.client)), None)
        return stranger or (hops[0] if hops else Hop())


def was_forwarded(headers: Headers) -> bool:
    """Return whether the headers of a request show that a proxy forwarded it.

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
        Hop(host_name(pairs.get("for", "")), pairs.get("proto", "").lower(), pairs.get("host", ""))
        for pairs in elements
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
    return [item for line in headers.getlist(name) for item in map(str.strip, line.split(",")) if item]


def _at(values: Sequence[str], place: int, clients: Sequence[str]) -> str:
    """Return the value that belongs to a client; if they do not pair up, the last value (nearest proxy)."""
    if not values:
        return ""
    return values[place] if len(values) == len(clients) else values[-1]


def _address(written: str) -> str:
    """Return the address in an item of X-Forwarded-For, without port.

    >>> [_address(item) for item in ("1.2.3.4", "1.2.3.4:80", "2001:db8::1", "[2001:db8::1]:80")]
    ['1.2.3.4', '1.2.3.4', '2001:db8::1', '2001:db8::1']
    """
    try:
        return str(ip_address(written))
    except ValueError:
        return host_name(written)
