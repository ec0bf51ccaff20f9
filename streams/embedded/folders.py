"""Folders of the embedded services: private, locked, with free space; every failure is one sentence."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_MEBIBYTE = 1024 * 1024

PRIVATE_MODE: Final = 0o700
"""Mode of the folders that hold customers' words: broker, database, logs."""

DATA_FOLDER_NAMES: Final = frozenset(
    {"kafka", "postgres", "logs", "demo", "lock", "endpoints.json", "desk-link", ".DS_Store"}
)
"""The files and folders of a data folder."""


class EmbeddedError(Exception):
    """The embedded broker or database cannot run; ``str()`` is one sentence for the operator."""


def folder_error(folder: Path, error: OSError) -> EmbeddedError:
    """Return an operating system error about a folder as one sentence.

    >>> str(folder_error(Path("/data"), OSError(errno.ENOSPC, "x")))
    'The disk that holds /data is full.'
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EmbeddedError(f"The disk that holds {folder} is full.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EmbeddedError(f"The folder {folder} cannot be written: {os.strerror(error.errno).lower()}.")
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    return EmbeddedError(f"The folder {folder} cannot be used: {reason}.")


@contextlib.contextmanager
def folder_errors(folder: Path) -> Iterator[None]:
    """Turn every OSError of the block into an EmbeddedError about `folder`."""
    try:
        yield
    except OSError as error:
        raise folder_error(folder, error) from error


def prepare_folder(folder: Path, *, min_free_mebibytes: int) -> None:
    """Create `folder`, and check that it can be written and that its disk has free space.

    Raises
    ------
    EmbeddedError
        If the folder cannot be created or written, or less than `min_free_mebibytes` MiB are free.
    """
    with folder_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(folder).free // _MEBIBYTE
    if free < min_free_mebibytes:
        raise EmbeddedError(
            f"The disk that holds {folder} is almost full:"
            f" {free} MiB are free, {min_free_mebibytes} are needed."
        )


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to `path`, readable by this user only; a reader sees the old or the new content.

    Raises
    ------
    EmbeddedError
        If the folder cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with folder_errors(path.parent):
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)


def make_private(folder: Path) -> None:
    """Create `folder` if it is missing, and deny access to everyone but its owner.

    Raises
    ------
    EmbeddedError
        If the folder cannot be created or belongs to another user.
    """
    with folder_errors(folder):
        folder.mkdir(mode=PRIVATE_MODE, parents=True, exist_ok=True)
        folder.chmod(PRIVATE_MODE)


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder with other files than a data folder has, before its owner or mode is changed.

    A home folder or /tmp, named by mistake, would become inaccessible to all other users. A folder that is
    private already is accepted with any files.

    Raises
    ------
    EmbeddedError
        If the folder holds files that a data folder does not have, or cannot be read.
    """
    with folder_errors(folder):
        if not folder.exists() or _is_private(folder):
            return
        others = sorted(path.name for path in folder.iterdir() if path.name not in DATA_FOLDER_NAMES)
    if others:
        raise EmbeddedError(
            f"The folder {folder} holds other files, such as {others[0]}, which other users could no longer "
            "read; RAPPORT_DATA_FOLDER needs a folder of its own."
        )


def _is_private(folder: Path) -> bool:
    """Return whether only the owner has access; False for root's folder, which the server's user must own."""
    found = folder.stat()
    return not found.st_mode & 0o077 and not os.geteuid() == found.st_uid == 0


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Let this process and its children create files for their own user only while the block runs."""
    before = os.umask(0o777 & ~PRIVATE_MODE)
    try:
        yield
    finally:
        os.umask(before)


class FolderLock:
    """An exclusive lock on a folder, by its file ``lock``; the operating system drops it if its holder dies.

    Any thread may acquire and release it. A file system without locks is refused, because a mere marker file
    would survive its holder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / "lock", blocking=False, thread_local=False, fallback_to_soft=False)

    def acquire(self) -> None:
        """Take the lock; if this object already holds it, do nothing.

        Raises
        ------
        EmbeddedError
            If another holder has it, or the folder cannot be written or locked.
        """
        if self._lock.is_locked:
            return
        with folder_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
            except Timeout as error:
                raise EmbeddedError(
                    f"The folder {self.folder} is in use by another running rapport."
                ) from error

    def release(self) -> None:
        """Release the lock, if held."""
        self._lock.release(force=True)
