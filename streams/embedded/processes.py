"""Child processes and ports, for the embedded broker and database.

The command line of a child contains a marker that is made from its folder. A process is signalled only if its
command line begins with the expected program and contains that marker. So a process id that the system has
given to another program is never signalled.
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import psutil

from streams.embedded.folders import EmbeddedError, folder_errors

log = logging.getLogger(__name__)

Progress = Callable[[str], None]

_LOG_LIMIT_BYTES: Final = 10 * 1024 * 1024
"""Size from which `spawn` sets a log aside: 10 MiB. Chosen by hand."""

_POLL_SECONDS: Final = 0.05
"""Seconds between two checks of `wait_until`. Chosen by hand."""


def silent(message: str) -> None:
    """Discard a report of progress."""


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
    """Return the marker of `folder` in the command line of its processes: 16 hexadecimal digits."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Signature:
    """The mark of our processes: the program's file name, and its first argument."""

    program: str
    first_argument: str

    def matches(self, argv: Sequence[str]) -> bool:
        """Return whether a command line is that of our process.

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
        return {pid: argv for pid in psutil.pids() if self.matches(argv := _command_line(pid))}

    def is_running(self, pid: int) -> bool:
        """Return whether process `pid` runs and is ours."""
        return self.matches(_command_line(pid))


# `psutil.process_iter` is not used: it shares its objects, and Kafka and PostgreSQL start in two threads.
def _command_line(pid: int) -> list[str]:
    """Return the arguments of a process; none if it is gone, a zombie or unreadable, or `pid` is negative."""
    try:
        return psutil.Process(pid).cmdline()
    except (psutil.Error, ValueError):
        return []


def is_working_folder(folder: Path) -> bool:
    """Return whether a process that this user may read has `folder` as its working folder."""
    return any(_working_folder(pid) == str(folder) for pid in psutil.pids())


def _working_folder(pid: int) -> str:
    try:
        return psutil.Process(pid).cwd()
    except psutil.Error:
        return ""


class Child:
    """A process of ours, started by this process or left by an earlier process."""

    def __init__(
        self, pid: int, signature: Signature, process: "subprocess.Popen[bytes] | None" = None
    ) -> None:
        self.pid = pid
        self._signature = signature
        self._process = process

    def is_running(self) -> bool:
        """Return whether the process runs; collect the exit status of a dead child."""
        if self._process is not None:
            return self._process.poll() is None
        return self._signature.is_running(self.pid)

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn and wait for its seconds, until the process has ended.

        Raises
        ------
        EmbeddedError
            If the process survives the last step.
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
    """Poll `condition` until it is true; return False if it stays false for `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def spawn(argv: Sequence[str], log_path: Path, **options: Any) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, so that Ctrl-C in the terminal reaches only its parent.

    Its output is appended to `log_path`; a log over 10 MiB is renamed to ``.1`` first. `options` are passed
    to ``subprocess.Popen``.

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
    """Return whether a server accepts connections on a port of the loopback address."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False
