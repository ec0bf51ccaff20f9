"""The embedded PostgreSQL of a lab, with the faults a row wants. Over TCP it is reached by a proxy."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from streams.embedded import EmbeddedPostgres


class Postgres:
    """One server over one folder; after `kill` or `stop`, `start` brings it back at the same address."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder)
        self.folder = folder

    @property
    def socket_path(self) -> Path:
        """Return the server's Unix socket: what a proxy in front of it connects to."""
        return self._server._socket_folder / ".s.PGSQL.5432"

    def start(self) -> str:
        """Start the server; return its SQLAlchemy address."""
        return self._server.start()

    def stop(self) -> None:
        """Shut it down, also where it is frozen."""
        self.thaw()
        self._server.stop()

    def kill(self) -> None:
        """SIGKILL the server and all its backends, as a crash of the machine would."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._server.stop()

    def freeze(self) -> None:
        """SIGSTOP all of it: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT all of it."""
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
