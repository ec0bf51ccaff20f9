"""The addresses of the embedded services, and the file that tells them to other processes."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from streams.embedded.folders import write_atomically
from streams.embedded.kafka import broker_at
from streams.embedded.kafka import signature_of as kafka_signature
from streams.embedded.postgres import signature_of as postgres_signature
from streams.kafka.brokers import Broker

_FILE: Final = "endpoints.json"


@dataclass(frozen=True)
class Endpoints:
    """The addresses of the embedded services: ``host:port`` of Kafka, SQLAlchemy address of the database.

    `kafka_password` is the password of the user `USERNAME`; if it is None, Kafka admits every user of this
    machine.
    """

    bootstrap_servers: str
    database_url: str
    kafka_password: str | None = field(default=None, repr=False)

    @property
    def broker(self) -> Broker:
        """The connection settings of Kafka's clients."""
        return broker_at(self.bootstrap_servers, self.kafka_password)


def write_endpoints(
    folder: Path, endpoints: Endpoints, *, kafka_pid: int | None, postgres_pid: int | None
) -> None:
    """Write ``endpoints.json`` of the data folder `folder`, with the process ids of both services.

    Raises
    ------
    EmbeddedError
        If the folder cannot be written.
    """
    state = {**asdict(endpoints), "kafka_pid": kafka_pid, "postgres_pid": postgres_pid}
    write_atomically(folder / _FILE, json.dumps(state, indent=1))


def remove_endpoints(folder: Path) -> None:
    """Remove ``endpoints.json`` of the data folder `folder`, if it exists."""
    (folder / _FILE).unlink(missing_ok=True)


def running_endpoints(data_folder: Path) -> Endpoints | None:
    """Return the addresses of the services that run now on `data_folder`; None unless both run.

    Works from any process. The file counts only if both process ids belong to live processes of this folder.
    """
    data_folder = data_folder.resolve()
    try:
        state = json.loads((data_folder / _FILE).read_text(encoding="utf-8"))
        password = state.get("kafka_password")
        endpoints = Endpoints(str(state["bootstrap_servers"]), str(state["database_url"]), password)
        kafka_pid, postgres_pid = int(state["kafka_pid"]), int(state["postgres_pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    kafka_runs = kafka_signature(data_folder / "kafka").is_running(kafka_pid)
    postgres_runs = postgres_signature(data_folder / "postgres").is_running(postgres_pid)
    return endpoints if kafka_runs and postgres_runs else None
