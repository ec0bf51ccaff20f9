"""How people and programs reach the desk and the intake: names, path, proxies, start link and tokens."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from responders.web import LOOPBACK_HOSTS, Proxies, Tokens, is_loopback
from streams.cli.terminal import fail
from streams.intake.guard import TokenError, parse_tokens
from streams.process.settings import Settings

if TYPE_CHECKING:
    from responders.desk.door import Door

LINK_FILE: Final = "desk-link"
"""File in the data folder that keeps the start link from start to start; only its owner can read it."""

TOKEN_VARIABLE: Final = "RAPPORT_DESK_TOKEN"

MIN_TOKEN_CHARACTERS: Final = 32
"""A shorter secret in the file of the start link is replaced by a new one."""


def door_of(settings: Settings, token: str) -> "Door":
    """Return the door of the configured desk; end the command if a setting makes no sense."""
    from responders.desk.door import PATHS, Door

    if PATHS & set(settings.desk_path_prefix.split("/")[1:2]):
        fail("RAPPORT_DESK_PATH_PREFIX must not begin with a path of the desk's own, such as /tickets.")
    hosts = (*LOOPBACK_HOSTS, *settings.desk_allowed_hosts)
    return Door(hosts, settings.desk_path_prefix, proxies_of(settings), token)


def proxies_of(settings: Settings) -> Proxies:
    """Return the trusted proxies; end the command if a configured proxy is not an address or network."""
    try:
        return Proxies(settings.trusted_proxies)
    except ValueError:
        fail("RAPPORT_TRUSTED_PROXIES takes addresses and networks, such as 10.0.0.7 or 10.1.0.0/16.")


def desk_token(settings: Settings) -> str:
    """Return the secret of the start link; empty if the desk asks for none.

    On a loopback address the secret keeps out other users of the machine, and everyone whom a proxy would
    let in. Behind trusted proxies, and on any other address, the operator checks who may come in. If the
    secret is set but empty there, as in a broken deployment, the command ends.
    """
    if settings.desk_token is not None:
        return settings.desk_token.get_secret_value()
    if settings.trusted_proxies or not is_loopback(settings.desk_host):
        if TOKEN_VARIABLE in os.environ:
            fail(f"{TOKEN_VARIABLE} is empty, so everyone could use the desk; set a secret, or unset it.")
        return ""
    return _kept_token(settings.data_folder / LINK_FILE) or secrets.token_urlsafe(32)


def tokens_of(settings: Settings) -> Tokens:
    """Return the intake's tokens; end the command if they are malformed, or missing on a public address."""
    if settings.intake_tokens is not None:
        try:
            return parse_tokens(settings.intake_tokens.get_secret_value())
        except TokenError as error:
            fail(str(error))
    if not is_loopback(settings.intake_host):
        fail("Without RAPPORT_INTAKE_TOKENS the intake listens on 127.0.0.1 only; set tokens, or that host.")
    return Tokens()


def desk_address(settings: Settings, *, port: int | None = None) -> str:
    """Return the address of the desk for a browser; `port` replaces the configured port."""
    host = address_host(settings.desk_host)
    return f"http://{host}:{settings.desk_port if port is None else port}{settings.desk_path_prefix}/"


def address_host(host: str) -> str:
    """Return the host part of an address that reaches a service listening on `host` of this machine.

    >>> address_host("127.0.0.1"), address_host("::1"), address_host("0.0.0.0"), address_host("::")
    ('127.0.0.1', '[::1]', '127.0.0.1', '[::1]')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def link_of(address: str, token: str) -> str:
    """Return the start link, or the plain address if there is no secret.

    >>> link_of("http://127.0.0.1:8765/", "secret"), link_of("http://127.0.0.1:8765/", "")
    ('http://127.0.0.1:8765/?token=secret', 'http://127.0.0.1:8765/')
    """
    return f"{address}?token={quote(token, safe='')}" if token else address


def keep_link(settings: Settings, link: str) -> None:
    """Write the link to its file in the data folder, readable by the owner only."""
    path = settings.data_folder / LINK_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(link + "\n")


def _kept_token(path: Path) -> str:
    """Return the secret of an earlier start; empty if the file has none or others can read it."""
    try:
        if path.stat().st_mode & 0o077 or path.stat().st_uid != os.getuid():
            return ""
        token = path.read_text().strip().rpartition("?token=")[2]
    except OSError:
        return ""
    is_whole = len(token) >= MIN_TOKEN_CHARACTERS and token.replace("-", "").replace("_", "").isalnum()
    return token if is_whole else ""
