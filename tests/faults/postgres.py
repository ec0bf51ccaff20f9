"""The embedded PostgreSQL of a lab, with the faults of a row; a proxy makes it reachable over TCP."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from streams.embedded import EmbeddedPostgres


class Postgres:
    """One server over one folder; after `kill` or `stop`, `start` starts it again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder)
        self.folder = folder

    @property
    def socket_path(self) -> Path:
        """Return the Unix socket of the server, to which a proxy connects."""
        return self._server._socket_folder / ".s.PGSQL.5432"

    def start(self) -> str:
        """Start the server; return its SQLAlchemy address."""
        return self._server.start()

    def stop(self) -> None:
        """Shut the server down, even if it is frozen."""
        self.thaw()
        self._server.stop()

    def kill(self) -> None:
        """Send SIGKILL to the server and all its backends, as in a crash of the machine."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._server.stop()

    def freeze(self) -> None:
        """Send SIGSTOP to all its processes: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Send SIGCONT to all its processes."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._family():
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def _family(self) -> list[psutil.Process]:
        if self._server.pid is None:
            return []
        with suppress(psutil.NoSuchProcess):
            postmaster = psutil.Process(self._server.pid)
            return [postmaster, *postmaster.children(recursive=True)]
        return []
