"""Links of a draft, and the hosts that they may lead to."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_SCHEME = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}:/{1,2}[^\s<>()\[\]\"']+|\b(?:javascript|data|mailto):\S+", re.IGNORECASE
)
_BARE = re.compile(
    r"(?<![\w@./-])(?:www\.|(?:[a-z0-9-]+\.)+(?:com|net|org|io|ai|dev|app|co|info|biz|ru|cn|xyz|top|link"
    r"|click|me|tk)\b)"
    r"[^\s<>()\[\]\"']*",
    re.IGNORECASE,
)
_PUNCTUATION: Final = ".,;:!?"


def hosts_of(urls: Iterable[str | None]) -> frozenset[str]:
    """Return the hosts of http(s) addresses in lower case; other addresses are left out.

    >>> sorted(hosts_of(["https://help.example.com/a", None, "javascript:x"]))
    ['help.example.com']
    """
    return frozenset(host for url in urls if url and (host := _host(url)))


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.scheme in {"http", "https"} and not parts.username else None
    except ValueError:
        return None


@lru_cache(maxsize=20_000)
def named_hosts(text: str) -> frozenset[str]:
    """Return the hosts that a text names, with or without a scheme.

    >>> sorted(named_hosts("See [state](https://status.example.com/a), or www.example.org."))
    ['status.example.com', 'www.example.org']
    """
    full, bare = _links(text)
    return hosts_of([*full, *(f"https://{link}" for link in bare)])


def _links(text: str) -> tuple[list[str], list[str]]:
    """Return the links of a text with a scheme, and those without, each in order."""
    full = [match.group().rstrip(_PUNCTUATION) for match in _SCHEME.finditer(text)]
    rest = _SCHEME.sub(" ", text)
    return full, [match.group().rstrip(_PUNCTUATION) for match in _BARE.finditer(rest)]


def bad_links(text: str, *, allowed_hosts: frozenset[str]) -> tuple[str, ...]:
    """Return the links of `text` that do not lead to `allowed_hosts`, in order, with or without a scheme.

    >>> own = frozenset({"help.example.com"})
    >>> bad_links("See https://help.example.com/a or evil.com/x.", allowed_hosts=own)
    ('evil.com/x',)
    """
    full, bare = _links(text)
    bad = [link for link in full if _host(link) not in allowed_hosts]
    return (*bad, *(link for link in bare if _host(f"https://{link}") not in allowed_hosts))
