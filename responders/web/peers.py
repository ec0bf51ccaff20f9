"""The local user at the other end of a connection, if the operating system reports it."""

import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

SocketAddress = tuple[str, int]
"""Host and port of one end of a connection."""

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOCAL, _REMOTE, _USER = 1, 2, 7
_ROOT: Final = 0


def is_other_user(client: SocketAddress | None, server: SocketAddress | None) -> bool:
    """Return whether the client of a local connection runs as another user than this process or root.

    Return False if the user is not known: the system is not Linux, or the connection is not local.
    """
    user = user_of(client, server) if client and server else None
    return user is not None and user not in (_ROOT, os.geteuid())


def user_of(client: SocketAddress, server: SocketAddress) -> int | None:
    """Return the user id of the client's process, or None if it is not known."""
    wanted = set(zip(_written(client), _written(server), strict=True))
    for columns in _rows():
        if (columns[_LOCAL], columns[_REMOTE]) in wanted:
            return int(columns[_USER])
    return None


def _rows() -> Iterator[list[str]]:
    for table in _TABLES:
        try:
            lines = table.read_text().splitlines()
        except OSError:
            continue
        yield from (columns for columns in map(str.split, lines[1:]) if len(columns) > _USER)


def _written(end: SocketAddress) -> list[str]:
    """Return an address as the IPv4 and IPv6 tables of Linux have it, each 32 bits in native byte order.

    If a server listens on both, an IPv4 address is in the table of IPv6 as well.
    """
    host, port = end
    try:
        address = ip_address(host)
    except ValueError:
        return ["", ""]
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else address
    short = _hex(mapped.packed) if mapped is not None else ""
    long = IPv6Address(f"::ffff:{mapped}") if isinstance(mapped, IPv4Address) else address
    return [f"{short}:{port:04X}", f"{_hex(long.packed)}:{port:04X}"]


def _hex(packed: bytes) -> str:
    words = struct.unpack(f">{len(packed) // 4}I", packed)
    return "".join(f"{socket.htonl(word):08X}" for word in words)
