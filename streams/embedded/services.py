"""Both embedded services of one data folder: started together, restarted if one dies, stopped together."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from streams.embedded.endpoints import Endpoints, remove_endpoints, write_endpoints
from streams.embedded.folders import (
    EmbeddedError,
    FolderLock,
    folder_errors,
    private_files,
    refuse_foreign,
    write_atomically,
)
from streams.embedded.kafka import EmbeddedKafka
from streams.embedded.kafka_settings import new_password
from streams.embedded.postgres import EmbeddedPostgres
from streams.embedded.postgres_programs import own_private
from streams.embedded.processes import Progress, silent

log = logging.getLogger(__name__)

_PASSWORD: Final = "password"

_WATCH_SECONDS: Final = 0.5
"""Seconds between two checks that both services run. Chosen by hand."""

_RETRY_SECONDS: Final = 5.0
"""Seconds until a restart that failed is tried again. Chosen by hand."""


@contextlib.contextmanager
def embedded(
    data_folder: Path,
    *,
    progress: Progress = silent,
    kafka_port: int | None = None,
    kafka_for_everybody: bool = False,
) -> Iterator[Endpoints]:
    """Run both services while the block runs; the data in `data_folder` are kept.

    The services start at the same time. A service that dies is restarted at the same address.
    ``endpoints.json`` in `data_folder` tells their addresses to other processes of this user; see
    `running_endpoints`. Other users have no access: the folder is private, the database listens on a socket
    in it, and Kafka asks for a password that is made with the folder. `kafka_for_everybody` leaves the
    password out, for a comparison with other systems.

    Raises
    ------
    EmbeddedError
        One sentence: folder in use, unwritable, full or with other files, port busy, no jars, or a failed
        start of a service.
    """
    data_folder = data_folder.resolve()
    own_data_folder(data_folder)
    lock = FolderLock(data_folder)
    with private_files():
        lock.acquire()
    try:
        with private_files():
            password = None if kafka_for_everybody else _password_of(data_folder / "kafka")
            pair = _Pair(data_folder, progress=progress, kafka_port=kafka_port, kafka_password=password)
            with _running(pair, progress) as endpoints:
                yield endpoints
    finally:
        lock.release()


def own_data_folder(folder: Path) -> None:
    """Create the data folder if it is missing, and deny access to everyone but its owner.

    Raises
    ------
    EmbeddedError
        If the folder holds other files, cannot be created, or belongs to another user.
    """
    refuse_foreign(folder)
    own_private(folder)


@contextlib.contextmanager
def _running(pair: "_Pair", progress: Progress) -> Iterator[Endpoints]:
    try:
        endpoints = pair.start()
        with _watched(pair, progress):
            yield endpoints
    finally:
        pair.stop()


def _password_of(folder: Path) -> str:
    """Return the broker's password, which is made once and stored next to its data."""
    path = folder / _PASSWORD
    with folder_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return path.read_text(encoding="utf-8")
    write_atomically(path, new_password())
    return path.read_text(encoding="utf-8")


class _Pair:
    """Both services of one data folder."""

    def __init__(
        self, data_folder: Path, *, progress: Progress, kafka_port: int | None, kafka_password: str | None
    ) -> None:
        self._data_folder = data_folder
        self._password = kafka_password
        self.kafka = EmbeddedKafka(
            data_folder / "kafka", progress=progress, port=kafka_port, password=kafka_password
        )
        self.postgres = EmbeddedPostgres(data_folder / "postgres", progress=progress)

    def are_running(self) -> bool:
        return self.kafka.is_running() and self.postgres.is_running()

    def start(self) -> Endpoints:
        """Start the services that do not run, at the same time, and write their addresses."""
        with ThreadPoolExecutor(2) as pool:
            bootstrap, url = pool.submit(self.kafka.start), pool.submit(self.postgres.start)
        endpoints = Endpoints(bootstrap.result(), url.result(), self._password)
        pids = {"kafka_pid": self.kafka.pid, "postgres_pid": self.postgres.pid}
        write_endpoints(self._data_folder, endpoints, **pids)
        return endpoints

    def stop(self) -> None:
        """Stop both services at the same time; a failure of one does not keep the other running."""
        with ThreadPoolExecutor(2) as pool:
            stops = [pool.submit(self.kafka.stop), pool.submit(self.postgres.stop)]
        remove_endpoints(self._data_folder)
        for stop in stops:
            stop.result()


@contextlib.contextmanager
def _watched(pair: _Pair, progress: Progress) -> Iterator[None]:
    """Restart a service that dies, until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(pair, progress, over), name="embedded-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(pair: _Pair, progress: Progress, over: threading.Event) -> None:
    while not over.wait(_WATCH_SECONDS):
        if pair.are_running():
            continue
        progress("A service has stopped unexpectedly and is started again")
        try:
            pair.start()
        except EmbeddedError as error:
            log.exception("embedded_restart_failed")
            progress(f"The service could not be started again: {error}")
            over.wait(_RETRY_SECONDS)
