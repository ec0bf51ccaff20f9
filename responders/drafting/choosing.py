"""The choice of a share of tickets by the hash of their ids. Pure."""

import hashlib


def is_chosen(ticket_id: str, share: float, *, purpose: str = "generator") -> bool:
    """Tell whether a ticket belongs to a share in [0, 1]; a larger share keeps the tickets of a smaller one.

    Shares of different purposes are independent of each other.

    >>> [sum(is_chosen(f"t{number}", share) for number in range(1_000)) for share in (0.0, 0.25, 1.0)]
    [0, 248, 1000]
    """
    digest = hashlib.sha256(f"{purpose}:{ticket_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64
