"""Host names and addresses: the name in a Host header, and the addresses of this machine only."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
"""The names under which a browser on this machine reaches it."""


def host_name(host: str) -> str:
    """Return the name in a Host header in lower case, without port and brackets; "" if it is not valid.

    >>> [host_name(h) for h in ("LocalHost:8080", "127.0.0.1", "[::1]:80", "a]b[", "")]
    ['localhost', '127.0.0.1', '::1', '', '']
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Return whether an address can only be reached from this machine.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.7", "")]
    [True, True, True, False, False, False]
    >>> is_loopback("::ffff:127.0.0.1")
    True
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
