"""The bearer tokens of a service; only their hashes are kept."""

import hashlib
import hmac
from collections.abc import Iterable


class Tokens:
    """The bearer tokens that grant access to a service.

    >>> tokens = Tokens(["correct-horse-battery"])
    >>> tokens.open_for("Bearer correct-horse-battery"), tokens.open_for("Bearer wrong"), tokens.open_for("")
    (True, False, False)
    >>> tokens.include("correct-horse-battery"), Tokens().include("")
    (True, False)
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._hashes = [_hash(token) for token in tokens]

    def __bool__(self) -> bool:
        """Return whether any token is required."""
        return bool(self._hashes)

    def open_for(self, authorization: str) -> bool:
        """Return whether an Authorization header contains one of the tokens."""
        scheme, _, token = authorization.partition(" ")
        known = self.include(token.strip())
        return scheme.lower() == "bearer" and known

    def include(self, token: str) -> bool:
        """Return whether `token` is one of the tokens; a wrong token takes the same time."""
        offered = _hash(token)
        matches = [hmac.compare_digest(offered, known) for known in self._hashes]
        return any(matches)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
