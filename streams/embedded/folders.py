"""Folders of the embedded services: private, locked, with room; every failure is one sentence."""

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_MEBIBYTE = 1024 * 1024

PRIVATE = 0o700
"""Mode of the folders that hold customers' words: broker, database, logs."""

DATA_FOLDER_NAMES = frozenset(
    {"kafka", "postgres", "logs", "demo", "lock", "endpoints.json", "desk-link", ".DS_Store"}
)
"""What lies in a data folder."""


class EmbeddedError(Exception):
    """The embedded broker or database cannot run; ``str()`` is one sentence for the operator."""


def folder_error(folder: Path, error: OSError) -> EmbeddedError:
    """Put an operating system error about a folder into one sentence.

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
    """Create `folder`, prove that it can be written and that its disk has room.

    Raises
    ------
    EmbeddedError
        If it cannot be created or written, or less than `min_free_mebibytes` MiB are free.
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
    """Replace `path` by `text`, for this user's eyes only; a reader sees the old or the new content.

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
    """Create `folder` where it is missing, and let nobody but its owner in.

    Raises
    ------
    EmbeddedError
        If it cannot be created, or belongs to another user.
    """
    with folder_errors(folder):
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        folder.chmod(PRIVATE)


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder that holds more than a data folder does, before its owner or mode is changed.

    A home folder or /tmp, named by mistake, would be closed to everybody else. A folder that is private
    already stays as it is.

    Raises
    ------
    EmbeddedError
        If it holds files that are not of a data folder, or cannot be read.
    """
    with folder_errors(folder):
        if not folder.exists() or _is_private(folder):
            return
        others = sorted(path.name for path in folder.iterdir() if path.name not in DATA_FOLDER_NAMES)
    if others:
        raise EmbeddedError(
            f"The folder {folder} holds other files, such as {others[0]}, which nobody else could read any "
            "more; RAPPORT_DATA_FOLDER needs a folder of its own."
        )


def _is_private(folder: Path) -> bool:
    """Tell whether nobody but the owner gets in; what belongs to root is given away where root starts us."""
    found = folder.stat()
    return not found.st_mode & 0o077 and not os.geteuid() == found.st_uid == 0


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Let this process and those it starts create files for their own user only while the block runs."""
    before = os.umask(0o777 & ~PRIVATE)
    try:
        yield
    finally:
        os.umask(before)


class FolderLock:
    """An exclusive lock on a folder; the operating system drops it when its holder dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock; a lock that this object already holds is kept.

        Raises
        ------
        EmbeddedError
            If another holder has it, or the folder cannot be written.
        """
        if self._file is not None:
            return
        with folder_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / "lock").open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise EmbeddedError(f"The folder {self.folder} is in use by another running rapport.") from error
        self._file = file

    def release(self) -> None:
        """Give the lock back, if held."""
        if self._file is not None:
            self._file.close()
            self._file = None
