"""How people write settings in the environment; a wrong value is refused in one sentence."""

import json
import re
from ipaddress import ip_address
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from schemas.base import OneLineText
from schemas.usage import MAX_KIND_CHARACTERS, kind_fault

_HOST: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*\Z")

_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+\Z")


def _in_capitals(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def _none_if_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _names(value: Any) -> Any:
    """Return names from a JSON list or separated by commas. Raises ValueError for other JSON."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith(("[", "{", '"')):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    try:
        names = json.loads(value)
    except ValueError:
        names = None
    if not isinstance(names, list):
        raise ValueError('must be names separated by commas, or a JSON list such as ["one.test", "two.test"]')
    return names


def _object(value: Any) -> Any:
    """Return the content of a JSON object. Raises ValueError for other text."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError('must be a JSON object such as {"training.failed": "failed training runs"}')
    return found


def host_name(written: str) -> str:
    """Return a host name in lower case. Raises ValueError for an address or a pattern.

    >>> host_name("Help.Example.com")
    'help.example.com'
    """
    name = written.strip().lower()
    if len(name) > 253 or _HOST.match(name) is None:
        raise ValueError("must be host names such as help.example.com, without https:// and path")
    return name


def usage_kind(written: str) -> str:
    """Return a usage kind. Raises ValueError for a kind that no usage event can have."""
    fault = kind_fault(written)
    if not 0 < len(written) <= MAX_KIND_CHARACTERS or fault is not None:
        raise ValueError(
            f"must name usage kinds such as training.failed{f', without {fault}' if fault else ''}"
        )
    return written


def listening_host(written: str) -> str:
    """Return an address or a host name to listen on. Raises ValueError for any other text.

    >>> listening_host(" 0.0.0.0 "), listening_host("::1"), listening_host("localhost")
    ('0.0.0.0', '::1', 'localhost')
    """
    host = written.strip()
    try:
        ip_address(host)
    except ValueError:
        try:
            host.encode("idna")
        except UnicodeError:
            raise ValueError("must be an address or a host name, such as 127.0.0.1") from None
    if not host:
        raise ValueError("must be an address or a host name, such as 127.0.0.1")
    return host


def path_prefix(written: str) -> str:
    """Return a path with a slash before it and none after it, or "". Raises ValueError for any other text.

    >>> path_prefix("/rapport/"), path_prefix("help/rapport"), path_prefix("/")
    ('/rapport', '/help/rapport', '')
    """
    path = written.strip().strip("/")
    if not path:
        return ""
    parts = path.split("/")
    if any(_SEGMENT.match(part) is None or part in (".", "..") for part in parts):
        raise ValueError("must be a path such as /rapport, of letters, digits, dots, dashes, tildes and _")
    return f"/{path}"


ListeningHost = Annotated[str, AfterValidator(listening_host)]
PathPrefix = Annotated[str, AfterValidator(path_prefix)]
InCapitals = BeforeValidator(_in_capitals)
NoneIfEmpty = BeforeValidator(_none_if_empty)
NameList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
HostName = Annotated[str, AfterValidator(host_name)]
HostNames = Annotated[tuple[HostName, ...], NoDecode, BeforeValidator(_names)]
UsageKind = Annotated[str, AfterValidator(usage_kind)]
MetricWords = Annotated[OneLineText, Field(max_length=100)]
JsonObject = BeforeValidator(_object)
