"""Which user of this machine a connection comes from, where the system tells."""

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
    """Tell whether the other end of a connection of this machine belongs to another user, not root.

    False where the system does not tell: not on Linux, or the connection comes from elsewhere.
    """
    user = user_of(client, server) if client and server else None
    return user is not None and user not in (_ROOT, os.geteuid())


def user_of(client: SocketAddress, server: SocketAddress) -> int | None:
    """Return the user id of the process at the client's end of a connection; None where it is not known."""
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
    """Return an address as the tables of Linux write it, each 32 bits in the machine's byte order.

    An IPv4 address stands in the table of IPv6 too, where a server listens on both.
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
