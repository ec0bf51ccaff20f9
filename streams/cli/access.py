"""How the desk is reached: its names, its path, its proxies, and the start link of this machine's user."""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

from responders.desk.door import PATHS, Door
from responders.web import LOOPBACK_HOSTS, Proxies, is_loopback
from streams.cli.context import fail
from streams.process.settings import Settings

LINK_FILE = "desk-link"
"""In the data folder, readable by its owner alone: the start link, so that it stays the same."""

TOKEN_VARIABLE = "RAPPORT_DESK_TOKEN"


def door_of(settings: Settings, token: str) -> Door:
    """Return the door of the configured desk; end the command where a setting makes no sense."""
    if PATHS & set(settings.desk_path_prefix.split("/")[1:2]):
        fail("RAPPORT_DESK_PATH_PREFIX must not begin with a path of the desk's own, such as /tickets.")
    hosts = (*LOOPBACK_HOSTS, *settings.desk_allowed_hosts)
    return Door(hosts, settings.desk_path_prefix, proxies_of(settings), token)


def proxies_of(settings: Settings) -> Proxies:
    """Return the trusted proxies; end the command where one is no address."""
    try:
        return Proxies(settings.trusted_proxies)
    except ValueError:
        fail("RAPPORT_TRUSTED_PROXIES takes addresses and networks, such as 10.0.0.7 or 10.1.0.0/16.")


def desk_token(settings: Settings) -> str:
    """Return the secret of the start link; empty where nobody is asked for it.

    On this machine's own address it keeps other users of the machine out, and everybody whom a proxy would
    let in. Behind trusted proxies, and on any other address, whoever runs the desk asks who may come in. An
    empty secret there, such as that of a broken deployment, ends the command.
    """
    if settings.desk_token is not None:
        return settings.desk_token.get_secret_value()
    if settings.trusted_proxies or not is_loopback(settings.desk_host):
        if TOKEN_VARIABLE in os.environ:
            fail(f"{TOKEN_VARIABLE} is empty, so everybody could use the desk; set a secret, or unset it.")
        return ""
    return _kept(settings.data_folder / LINK_FILE) or secrets.token_urlsafe(32)


def desk_address(settings: Settings, *, port: int | None = None) -> str:
    """Return the address of the desk, as a browser takes it."""
    host = named(settings.desk_host)
    return f"http://{host}:{settings.desk_port if port is None else port}{settings.desk_path_prefix}/"


def named(host: str) -> str:
    """Return how an address names the host that a service of this machine listens on.

    >>> named("127.0.0.1"), named("::1"), named("0.0.0.0"), named("::")
    ('127.0.0.1', '[::1]', '127.0.0.1', '[::1]')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def link_of(address: str, token: str) -> str:
    """Return the start link, or the plain address where there is no secret.

    >>> link_of("http://127.0.0.1:8765/", "secret"), link_of("http://127.0.0.1:8765/", "")
    ('http://127.0.0.1:8765/?token=secret', 'http://127.0.0.1:8765/')
    """
    return f"{address}?token={quote(token, safe='')}" if token else address


def keep_link(settings: Settings, link: str) -> None:
    """Write the link into the data folder, for its owner alone."""
    path = settings.data_folder / LINK_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(link + "\n")


def _kept(path: Path) -> str:
    """Return the secret of an earlier start; empty where there is none that only its owner could read."""
    try:
        if path.stat().st_mode & 0o077 or path.stat().st_uid != os.getuid():
            return ""
        token = path.read_text().strip().rpartition("?token=")[2]
    except OSError:
        return ""
    return token if len(token) >= 32 and token.replace("-", "").replace("_", "").isalnum() else ""
