"""EDGE: the shared entry of the HTTP services: bounded connections, known hosts, trusted proxies, tokens."""

from responders.web.connections import BODY_SECONDS, BoundedServer, CannotListenError
from responders.web.hosts import LOOPBACK_HOSTS, host_name, is_loopback
from responders.web.proxies import Proxies, ProxyRefused
from responders.web.tokens import Tokens

__all__ = [
    "BODY_SECONDS",
    "LOOPBACK_HOSTS",
    "BoundedServer",
    "CannotListenError",
    "Proxies",
    "ProxyRefused",
    "Tokens",
    "host_name",
    "is_loopback",
]
