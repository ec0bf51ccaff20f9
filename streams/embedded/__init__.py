"""Apache Kafka 4.3 and PostgreSQL 18 with pgvector as child processes: the default on one machine.

Both are the real programs; production points the same settings at servers elsewhere. Import this package only
where they are wanted: its programs come with the extra ``embedded``.
"""

import contextlib
import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from streams.embedded import kafka as _kafka
from streams.embedded import postgres as _postgres
from streams.embedded.folders import (
    EmbeddedError,
    FolderLock,
    folder_errors,
    private_files,
    refuse_foreign,
    write_atomically,
)
from streams.embedded.kafka import EmbeddedKafka, broker_at
from streams.embedded.kafka_settings import new_password
from streams.embedded.postgres import EmbeddedPostgres
from streams.embedded.postgres_programs import own_private
from streams.embedded.processes import Progress, silent
from streams.kafka.brokers import Broker

__all__ = [
    "EmbeddedError",
    "EmbeddedKafka",
    "EmbeddedPostgres",
    "Endpoints",
    "Progress",
    "embedded",
    "own_data_folder",
    "running_endpoints",
]

log = logging.getLogger(__name__)

_STATE = "endpoints.json"
_PASSWORD = "password"
_WATCH_SECONDS = 0.5
_RETRY_SECONDS = 5.0


@dataclass(frozen=True)
class Endpoints:
    """Where the embedded services are: ``host:port`` of Kafka, SQLAlchemy address of the database.

    `kafka_password` is that of the user `USERNAME`; None where every user of this machine is let in.
    """

    bootstrap_servers: str
    database_url: str
    kafka_password: str | None = field(default=None, repr=False)

    @property
    def broker(self) -> Broker:
        """How clients reach Kafka."""
        return broker_at(self.bootstrap_servers, self.kafka_password)


@contextlib.contextmanager
def embedded(
    data_folder: Path,
    *,
    progress: Progress = silent,
    kafka_port: int | None = None,
    kafka_for_everybody: bool = False,
) -> Iterator[Endpoints]:
    """Run both services while the block runs; what is in `data_folder` survives.

    They start side by side. One that dies is started again at the same address. ``endpoints.json`` in
    `data_folder` tells other processes of this user where they are; see `running_endpoints`. Nobody else is
    let in: the folder is private, the database listens on a socket in it, and Kafka asks for a password that
    is made with the folder (`kafka_for_everybody` leaves that out: for a comparison with other systems).

    Raises
    ------
    EmbeddedError
        One sentence: folder in use, unwritable, full or with files of others, port busy, no jars, a service
        not starting.
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
    """Create the data folder where it is missing, and let in nobody but its owner. Raises EmbeddedError."""
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
    """Return the broker's password; made once, and kept beside its data."""
    path = folder / _PASSWORD
    with folder_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return path.read_text(encoding="utf-8")
    write_atomically(path, new_password())
    return path.read_text(encoding="utf-8")


def running_endpoints(data_folder: Path) -> Endpoints | None:
    """Return where the services of `data_folder` run now; None unless both do.

    Works from any process; the state file is believed only while live processes of this folder confirm it.
    """
    data_folder = data_folder.resolve()
    try:
        state = json.loads((data_folder / _STATE).read_text(encoding="utf-8"))
        password = state.get("kafka_password")
        endpoints = Endpoints(str(state["bootstrap_servers"]), str(state["database_url"]), password)
        pids = int(state["kafka_pid"]), int(state["postgres_pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    kafka, postgres = (
        _kafka.signature_of(data_folder / "kafka"),
        _postgres.signature_of(data_folder / "postgres"),
    )
    return endpoints if kafka.is_running(pids[0]) and postgres.is_running(pids[1]) else None


class _Pair:
    """Both services of one data folder."""

    def __init__(
        self, data_folder: Path, *, progress: Progress, kafka_port: int | None, kafka_password: str | None
    ) -> None:
        self._state = data_folder / _STATE
        self._password = kafka_password
        self.kafka = EmbeddedKafka(
            data_folder / "kafka", progress=progress, port=kafka_port, password=kafka_password
        )
        self.postgres = EmbeddedPostgres(data_folder / "postgres", progress=progress)

    def are_running(self) -> bool:
        return self.kafka.is_running() and self.postgres.is_running()

    def start(self) -> Endpoints:
        """Start what does not run, side by side, and write down where both are."""
        with ThreadPoolExecutor(2) as pool:
            bootstrap, url = pool.submit(self.kafka.start), pool.submit(self.postgres.start)
        endpoints = Endpoints(bootstrap.result(), url.result(), self._password)
        pids = {"kafka_pid": self.kafka.pid, "postgres_pid": self.postgres.pid}
        write_atomically(self._state, json.dumps({**asdict(endpoints), **pids}, indent=1))
        return endpoints

    def stop(self) -> None:
        """Stop both, side by side; one that fails does not keep the other."""
        with ThreadPoolExecutor(2) as pool:
            stops = [pool.submit(self.kafka.stop), pool.submit(self.postgres.stop)]
        self._state.unlink(missing_ok=True)
        for stop in stops:
            stop.result()


@contextlib.contextmanager
def _watched(pair: _Pair, progress: Progress) -> Iterator[None]:
    """Start a service that dies again, until the block ends."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_WATCH_SECONDS):
            if pair.are_running():
                continue
            progress("A service has died and is started again")
            try:
                pair.start()
            except EmbeddedError as error:
                log.exception("embedded_restart_failed")
                progress(f"It could not be started again: {error}")
                over.wait(_RETRY_SECONDS)

    thread = threading.Thread(target=watch, name="embedded-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
