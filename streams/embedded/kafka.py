"""Apache Kafka as a child process: one KRaft node on the loopback address."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from streams.embedded.folders import (
    EmbeddedError,
    FolderLock,
    folder_errors,
    make_private,
    prepare_folder,
    write_atomically,
)
from streams.embedded.jars import ensure_jars
from streams.embedded.java import Java
from streams.embedded.kafka_settings import (
    LOGGING,
    MECHANISM,
    USERNAME,
    client_properties,
    new_cluster_id,
    server_properties,
)
from streams.embedded.processes import (
    Child,
    Progress,
    Signature,
    marker_of,
    port_answers,
    silent,
    spawn,
    wait_until,
)
from streams.kafka.brokers import Broker
from streams.process.ports import NoFreePortError, free_port, port_is_free

_START_SECONDS = 60.0
"""Seconds that a format or a start may take; 2.5 s are usual, 7 with new classes. Chosen by hand."""

_ADOPT_SECONDS = 15.0
"""Seconds in which a broker that still runs must answer to be adopted. Chosen by hand."""

_PORT_ATTEMPTS = 3
"""Starts on other ports if another program takes the port. Chosen by hand."""

_STOP_STEPS = ((signal.SIGTERM, 30.0), (signal.SIGKILL, 10.0))
"""Signals of a stop, and the seconds after each. Chosen by hand."""

_LOG_TAIL_BYTES = 64 * 1024
"""Bytes at the end of the log that are searched for the reason of a failure. Chosen by hand."""


def default_jar_cache() -> Path:
    """Return the user's cache folder for jars: ``$XDG_CACHE_HOME/rapport/jars``, else under ``~/.cache``.

    Raises EmbeddedError if there is no home folder and XDG_CACHE_HOME is not set.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(base) if base else Path.home() / ".cache"
    except RuntimeError as error:
        raise EmbeddedError(
            "This user has no home folder; set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    return folder / "rapport" / "jars"


def signature_of(folder: Path) -> Signature:
    """Return the signature of the Java processes of the Kafka folder `folder`."""
    return Signature("java", f"-Drapport.folder={marker_of(folder)}")


class EmbeddedKafka:
    """Apache Kafka 4.3.0 over one data folder.

    Parameters
    ----------
    folder
        Contains all files of this broker; created if missing. Data and cluster id survive restarts.
    progress
        Receives short sentences about the progress.
    password
        Every client needs it, with the user `USERNAME`; None admits every user of this machine.
    port
        Client port on 127.0.0.1; by default the port of the last start, if free, else another free port.
    heap_mebibytes
        Java heap limit.
    jar_cache, repository
        The folder for jars, and the Maven repository of the jars if it is not the usual one.
    min_free_mebibytes
        Free disk space without which a start is refused.
    """

    def __init__(  # noqa: PLR0913 - an edge; every argument but the folder has a default
        self,
        folder: Path,
        *,
        progress: Progress = silent,
        password: str | None = None,
        port: int | None = None,
        heap_mebibytes: int = 256,
        jar_cache: Path | None = None,
        repository: str | None = None,
        min_free_mebibytes: int = 256,
    ) -> None:
        self.folder = folder.resolve()
        self._progress = progress
        self._password = password
        self._port = port
        self._heap_mebibytes = heap_mebibytes
        self._jar_cache = jar_cache or default_jar_cache()
        self._repository = repository
        self._min_free_mebibytes = min_free_mebibytes
        self._lock = FolderLock(self.folder)
        self._signature = signature_of(self.folder)
        self._child: Child | None = None
        self._bootstrap = ""

    @property
    def pid(self) -> int | None:
        """Process id of the broker; None if it is not started."""
        return self._child.pid if self._child else None

    def is_running(self) -> bool:
        """Return whether the broker process runs."""
        return self._child is not None and self._child.is_running()

    def start(self) -> str:
        """Start the broker, or adopt the broker that a killed parent left; return ``127.0.0.1:port``.

        After the broker died, another call starts it again, on the same port if the port is still free.

        Raises
        ------
        EmbeddedError
            One sentence: folder in use, unwritable or full, port busy, no jars, or a failed start.
        """
        if self.is_running():
            return self._bootstrap
        self._lock.acquire()
        try:
            prepare_folder(self.folder, min_free_mebibytes=self._min_free_mebibytes)
            make_private(self.folder)
            if not self._adopt():
                self._start_fresh()
        except BaseException:
            self.stop()
            raise
        return self._bootstrap

    def stop(self) -> None:
        """Shut the broker down cleanly (SIGTERM, after 30 s SIGKILL) and release the folder."""
        try:
            if self._child is not None:
                self._child.stop(*_STOP_STEPS)
        finally:
            self._child = None
            self._lock.release()

    def _adopt(self) -> bool:
        """Adopt a broker that still runs on this folder if it answers; else stop our processes on it."""
        left = self._signature.running()
        port, _ = self._last_ports()
        if len(left) == 1 and port and self._port in (None, port):
            child = Child(next(iter(left)), self._signature)
            if self._wait_ready(child, port, _ADOPT_SECONDS):
                self._child, self._bootstrap = child, f"127.0.0.1:{port}"
                self._progress(f"Apache Kafka was still running and was adopted, at {self._bootstrap}")
                return True
        for pid in left:
            Child(pid, self._signature).stop(*_STOP_STEPS)
        return False

    def _start_fresh(self) -> None:
        jars = ensure_jars(self._jar_cache, progress=self._progress, repository=self._repository)
        java = Java(jars, self._signature, self._heap_mebibytes)
        if not (self.folder / "log" / "meta.properties").exists():
            self._format(java)
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            port, controller_port = self._choose_ports()
            self._launch(java, port, controller_port)
            if self._wait_launched(port):
                self._progress(f"Apache Kafka is ready at {self._bootstrap}")
                return
            if self._port is not None or attempt == _PORT_ATTEMPTS:
                raise EmbeddedError(f"Kafka could not listen on port {port}: another program took it.")

    def _format(self, java: Java) -> None:
        """Format a draft folder and rename it, so that an incomplete format is never used."""
        self._progress("Apache Kafka: preparing a new data folder")
        draft = self.folder / "log.new"
        with folder_errors(self.folder):
            shutil.rmtree(draft, ignore_errors=True)
        self._write_settings(port=1, controller_port=2, log_folder=draft.name)
        tool = ["kafka.tools.StorageTool", "format", "-t", new_cluster_id(), "-c", "server.properties"]
        if not self._ran_once(java, tool):
            raise self._explain("could not prepare its folder")
        with folder_errors(self.folder):
            draft.replace(self.folder / "log")

    def _ran_once(self, java: Java, tool: list[str]) -> bool:
        """Run a program and return whether it succeeded; its classes are prepared for later if they can be.

        A program that fails while Java prepares classes runs again without: the disk may be full for them.
        """
        with java.preparation() as preparation:
            if preparation is not None and self._ends_well(java.command(*tool, options=preparation.options)):
                preparation.keep()
                return True
        shutil.rmtree(self.folder / "log.new", ignore_errors=True)
        return self._ends_well(java.command(*tool))

    def _ends_well(self, command: list[str]) -> bool:
        """Run a program to its end; return whether it ended in time and with zero."""
        process = spawn(command, self._fresh_log(), cwd=self.folder)
        try:
            return process.wait(_START_SECONDS) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            Child(process.pid, self._signature, process).stop((signal.SIGKILL, 10.0))

    def _launch(self, java: Java, port: int, controller_port: int) -> None:
        self._write_settings(port, controller_port, log_folder="log")
        ports = {"port": port, "controller_port": controller_port}
        write_atomically(self.folder / "ports.json", json.dumps(ports))
        self._progress("Apache Kafka: starting")
        broker = java.command("kafka.Kafka", "server.properties")
        process = spawn(broker, self._fresh_log(), cwd=self.folder)
        self._child = Child(process.pid, self._signature, process)
        self._bootstrap = f"127.0.0.1:{port}"

    def _wait_launched(self, port: int) -> bool:
        """Wait for the new broker; return False if another program took its port."""
        assert self._child is not None
        if self._wait_ready(self._child, port, _START_SECONDS):
            return True
        if not self._child.is_running() and "Address already in use" in self._log_tail():
            return False
        raise self._explain("did not start")

    def _wait_ready(self, child: Child, port: int, seconds: float) -> bool:
        cluster_id = self._cluster_id()
        broker = broker_at(f"127.0.0.1:{port}", self._password)

        def answers() -> bool:
            return port_answers(port) and _answers(broker, cluster_id)

        return wait_until(lambda: not child.is_running() or answers(), seconds) and child.is_running()

    def _cluster_id(self) -> str:
        with folder_errors(self.folder):
            lines = (self.folder / "log" / "meta.properties").read_text(encoding="utf-8").splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith("cluster.id="))

    def _choose_ports(self) -> tuple[int, int]:
        """Return client and controller port: the ports asked for or of the last start, if free."""
        if self._port is not None and not port_is_free(self._port):
            raise EmbeddedError(
                f"Port {self._port} on 127.0.0.1 is in use by another program;"
                " stop that program or choose another port."
            )
        try:
            return self._free_ports()
        except NoFreePortError as error:
            raise EmbeddedError(str(error)) from error

    def _free_ports(self) -> tuple[int, int]:
        last, last_controller = self._last_ports()
        port = self._port or (last if last and port_is_free(last) else free_port())
        if last_controller and last_controller != port and port_is_free(last_controller):
            return port, last_controller
        return port, free_port(taken=[port])

    def _last_ports(self) -> tuple[int | None, int | None]:
        try:
            ports = json.loads((self.folder / "ports.json").read_text(encoding="utf-8"))
            return int(ports["port"]), int(ports["controller_port"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, None

    def _write_settings(self, port: int, controller_port: int, *, log_folder: str) -> None:
        """Write the settings, with paths relative to the folder: its own path may contain any character."""
        text = server_properties(
            port=port, controller_port=controller_port, log_folder=log_folder, password=self._password
        )
        write_atomically(self.folder / "server.properties", text)
        if self._password is not None:
            for_clients = client_properties(port=port, password=self._password)
            write_atomically(self.folder / "client.properties", for_clients)
        write_atomically(self.folder / "log4j2.properties", LOGGING)

    def _fresh_log(self) -> Path:
        """Rename the log of the last run, so that the log explains only failures of this run."""
        path = self.folder / "kafka.log"
        with folder_errors(self.folder):
            if path.exists():
                path.replace(self.folder / "kafka.log.1")
        return path

    def _log_tail(self) -> str:
        with folder_errors(self.folder):
            return (self.folder / "kafka.log").read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")

    def _explain(self, failure: str) -> EmbeddedError:
        tail = self._log_tail()
        if "No space left on device" in tail or shutil.disk_usage(self.folder).free == 0:
            return EmbeddedError(f"Kafka {failure}: the disk that holds {self.folder} is full.")
        if "Permission denied" in tail or "AccessDeniedException" in tail:
            return EmbeddedError(f"Kafka {failure}: a file in {self.folder} may not be read or written.")
        return EmbeddedError(f"Kafka {failure}; its log is {self.folder / 'kafka.log'}.")


def broker_at(bootstrap_servers: str, password: str | None) -> Broker:
    """Return the connection settings of an embedded broker."""
    if password is None:
        return Broker(bootstrap_servers)
    return Broker(
        bootstrap_servers,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism=MECHANISM,
        sasl_username=USERNAME,
        sasl_password=password,
    )


def _answers(broker: Broker, cluster_id: str) -> bool:
    """Return whether the broker of this cluster serves requests at the address."""
    try:
        admin = KafkaAdminClient(
            **broker.client_settings(), request_timeout_ms=5_000, bootstrap_timeout_ms=5_000
        )
    except (KafkaError, OSError):
        return False
    try:
        cluster = admin.describe_cluster()
    except (KafkaError, OSError):
        return False
    finally:
        admin.close()
    return bool(cluster["cluster_id"] == cluster_id and cluster["brokers"])
