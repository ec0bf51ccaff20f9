"""Build the whole service on this machine: broker, database, tables, topics, supervised processes."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from pydantic import SecretStr
from sqlalchemy import Engine

from responders.store.migrate import MigrationError, upgrade
from streams.cli.access import (
    TOKEN_VARIABLE,
    address_host,
    desk_address,
    desk_token,
    door_of,
    keep_link,
    link_of,
)
from streams.cli.composition.connections import at_endpoints, broker_of
from streams.cli.composition.start import PARENT_VARIABLE, cannot_listen
from streams.cli.terminal import fail, say
from streams.kafka.brokers import Broker, KafkaError, create_topics
from streams.kafka.topics import GROUPS
from streams.process.database import engine_of
from streams.process.settings import Settings
from streams.process.supervise import Supervisor

HARD_STOP_MARGIN_SECONDS: Final = 5.0
"""How much longer than its own limit a process may take to stop before the supervisor kills it."""


@dataclass(frozen=True)
class LocalService:
    """The service on this machine: its settings, connections, supervisor, and the desk's secret or ``""``."""

    settings: Settings
    engine: Engine
    broker: Broker
    supervisor: Supervisor
    desk_token: str

    @property
    def desk_url(self) -> str:
        """Return the address of the desk."""
        return desk_address(self.settings)

    @property
    def desk_link(self) -> str:
        """Return the link that opens the desk in a browser."""
        return link_of(self.desk_url, self.desk_token)

    @property
    def intake_url(self) -> str:
        """Return the address that takes events."""
        return f"http://{address_host(self.settings.intake_host)}:{self.settings.intake_port}/v1/"


@contextmanager
def prepared(settings: Settings, environment: Mapping[str, str] | None = None) -> Iterator[LocalService]:
    """Start broker and database, create tables and topics, and yield the service with its processes stopped.

    `environment` is added to the environment of each process. Ends the command if a setting makes no sense,
    the desk's port is taken, the database is of a newer build or the broker does not answer.
    """
    port = listening_port("desk", settings.desk_host, settings.desk_port)
    settings = settings.model_copy(update={"desk_port": port})
    token = desk_token(settings)
    door_of(settings, token)
    with _backends(settings) as complete:
        engine, broker = engine_of(_secret(complete.database_url)), broker_of(complete)
        _create_tables_and_topics(engine, broker, settings)
        try:
            secrets = {TOKEN_VARIABLE: token} if token else {}
            supervisor = _supervisor(complete, {**(environment or {}), **secrets})
            service = LocalService(complete, engine, broker, supervisor, token)
            keep_link(settings, service.desk_link)
            yield service
        finally:
            engine.dispose()


@contextmanager
def _backends(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with broker and database: the configured ones, or embedded ones started here."""
    configured = settings.bootstrap_servers is not None, settings.database_url is not None
    if all(configured):
        yield settings
        return
    if any(configured):
        fail("Set both RAPPORT_BOOTSTRAP_SERVERS and RAPPORT_DATABASE_URL, or neither.")
    from streams.embedded.folders import EmbeddedError
    from streams.embedded.services import embedded

    try:
        with embedded(settings.data_folder, progress=say) as endpoints:
            yield at_endpoints(settings, endpoints)
    except EmbeddedError as error:
        fail(str(error))


def _create_tables_and_topics(engine: Engine, broker: Broker, settings: Settings) -> None:
    try:
        upgrade(engine)
        create_topics(broker, partitions=settings.topic_partitions, replication=settings.topic_replication)
    except MigrationError as error:
        fail(str(error))
    except KafkaError as error:
        fail(f"The broker did not answer as it should: {type(error).__name__}.")


def listening_port(service: str, host: str, port: int) -> int:
    """Return the port on which the desk or the intake will listen; end the command if it cannot be opened.

    Port 0 becomes a free port here, because the desk's link and `wait_for_desk` need its number.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        fail(cannot_listen(service, port, error))


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


def _supervisor(settings: Settings, environment: Mapping[str, str]) -> Supervisor:
    supervisor = Supervisor(
        environment={**environment, **_addresses(settings), PARENT_VARIABLE: str(os.getpid())},
        log_folder=settings.data_folder / "logs",
        grace_seconds=settings.shutdown_seconds + HARD_STOP_MARGIN_SECONDS,
    )
    supervisor.add("desk", ["desk"])
    supervisor.add("relay", ["relay"])
    for group in GROUPS:
        supervisor.add(group, ["worker", group])
    return supervisor


def _addresses(settings: Settings) -> dict[str, str]:
    """Return the variables by which the processes reach broker and database, and the ports they listen on.

    They hold passwords; only this user can read the environment of a process.
    """
    variables = {
        "RAPPORT_DESK_PORT": str(settings.desk_port),
        "RAPPORT_INTAKE_PORT": str(settings.intake_port),
        "RAPPORT_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "RAPPORT_SECURITY_PROTOCOL": settings.security_protocol,
        "RAPPORT_SASL_MECHANISM": settings.sasl_mechanism,
        "RAPPORT_SASL_USERNAME": settings.sasl_username,
        "RAPPORT_SASL_PASSWORD": _secret(settings.sasl_password),
        "RAPPORT_DATABASE_URL": _secret(settings.database_url),
    }
    return {name: value for name, value in variables.items() if value}


def wait_for_desk(service: LocalService, stopping: threading.Event, *, max_wait_seconds: float = 60) -> bool:
    """Wait until the desk answers; return False if it does not answer in time, or if `stopping` is set.

    A refusal is an answer too, because the desk may be reached under other names than its address.
    """
    for _ in range(int(max_wait_seconds / 0.2)):
        if stopping.is_set() or (_status(service.desk_url, service.desk_token) or 500) < 500:
            return not stopping.is_set()
        stopping.wait(0.2)
    return False


def wait_until_ready(service: LocalService, *, max_wait_seconds: float = 120) -> bool:
    """Wait until /readyz of every process answers 200; return False if one does not in time."""
    ports = [process.metrics_port for process in service.supervisor.children]
    for _ in range(int(max_wait_seconds / 0.5)):
        if all(_status(f"http://127.0.0.1:{port}/readyz") == 200 for port in ports):
            return True
        if service.supervisor.stopping.wait(0.5):
            return False
    return False


# A process of this machine is never reached through the proxy that the environment names.
_open = build_opener(ProxyHandler({})).open


def _status(url: str, token: str = "") -> int | None:
    """Return the HTTP status of the answer; None if no answer comes."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with _open(request, timeout=2) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except (HTTPException, OSError):
        return None
