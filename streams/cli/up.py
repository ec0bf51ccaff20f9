"""`rapport up`: everything on one machine, supervised."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine

from responders.store.migrate import MigrationError, upgrade
from streams.cli.access import TOKEN_VARIABLE, desk_address, desk_token, door_of, keep_link, link_of, named
from streams.cli.context import at_endpoints, broker_of, fail, say
from streams.cli.intake import tokens_of
from streams.cli.service import PARENT_VARIABLE, cannot_listen
from streams.kafka.brokers import Broker, KafkaError, create_topics
from streams.kafka.topics import GROUPS
from streams.process import logs
from streams.process.database import engine_of
from streams.process.settings import Settings
from streams.process.supervise import Supervisor, stop_on_signals


@dataclass(frozen=True)
class LocalService:
    """A running service on this machine."""

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
        """Return what opens the desk in a browser."""
        return link_of(self.desk_url, self.desk_token)

    @property
    def intake_url(self) -> str:
        """Return the address that takes events."""
        return f"http://{named(self.settings.intake_host)}:{self.settings.intake_port}/v1/"


@contextmanager
def backends(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with broker and database: the configured ones, or embedded ones started here."""
    configured = settings.bootstrap_servers is not None, settings.database_url is not None
    if all(configured):
        yield settings
        return
    if any(configured):
        fail("Set both RAPPORT_BOOTSTRAP_SERVERS and RAPPORT_DATABASE_URL, or neither.")
    from streams.embedded import EmbeddedError, embedded

    try:
        with embedded(settings.data_folder, progress=say) as endpoints:
            yield at_endpoints(settings, endpoints)
    except EmbeddedError as error:
        fail(str(error))


@contextmanager
def prepared(settings: Settings, environment: Mapping[str, str] | None = None) -> Iterator[LocalService]:
    """Start broker, database, tables and topics; yield the service with its processes not yet started."""
    port = listening_port("desk", settings.desk_host, settings.desk_port)
    settings = settings.model_copy(update={"desk_port": port})
    token = desk_token(settings)
    door_of(settings, token)
    with backends(settings) as complete:
        url = _secret(complete.database_url)
        engine, broker = engine_of(url), broker_of(complete)
        try:
            upgrade(engine)
            create_topics(
                broker, partitions=settings.topic_partitions, replication=settings.topic_replication
            )
        except MigrationError as error:
            fail(str(error))
        except KafkaError as error:
            fail(f"The broker did not answer as it should: {type(error).__name__}.")
        try:
            opens = {TOKEN_VARIABLE: token} if token else {}
            supervisor = _supervisor(complete, {**(environment or {}), **opens})
            service = LocalService(complete, engine, broker, supervisor, token)
            keep_link(settings, service.desk_link)
            yield service
        finally:
            engine.dispose()


def listening_port(what: str, host: str, port: int) -> int:
    """Return the port that the desk or the intake will have; end the command where it cannot be opened.

    Port 0 is replaced by a free one here, because the link and the waiting need its number.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        fail(cannot_listen(what, port, error))


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


def _supervisor(settings: Settings, environment: Mapping[str, str]) -> Supervisor:
    supervisor = Supervisor(
        environment={**environment, **_addresses(settings), PARENT_VARIABLE: str(os.getpid())},
        log_folder=settings.data_folder / "logs",
        grace_seconds=settings.shutdown_seconds + 5,
    )
    supervisor.add("desk", ["desk"])
    supervisor.add("relay", ["relay"])
    for group in GROUPS:
        supervisor.add(group, ["worker", group])
    return supervisor


def _addresses(settings: Settings) -> dict[str, str]:
    """Return how the children reach broker and database, and are reached; only this user sees it."""
    found = {
        "RAPPORT_DESK_PORT": str(settings.desk_port),
        "RAPPORT_INTAKE_PORT": str(settings.intake_port),
        "RAPPORT_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "RAPPORT_SECURITY_PROTOCOL": settings.security_protocol,
        "RAPPORT_SASL_MECHANISM": settings.sasl_mechanism,
        "RAPPORT_SASL_USERNAME": settings.sasl_username,
        "RAPPORT_SASL_PASSWORD": _secret(settings.sasl_password),
        "RAPPORT_DATABASE_URL": _secret(settings.database_url),
    }
    return {name: value for name, value in found.items() if value}


def wait_for_desk(service: LocalService, stopping: threading.Event, *, max_wait_seconds: float = 60) -> bool:
    """Wait until the desk answers; False where it does not in time.

    A refusal is an answer too: the desk may be reached under other names than its address.
    """
    for _ in range(int(max_wait_seconds / 0.2)):
        if stopping.is_set() or (_status(service.desk_url, service.desk_token) or 500) < 500:
            return not stopping.is_set()
        stopping.wait(0.2)
    return False


# A process of this machine is never asked through the proxy of the environment.
_open = build_opener(ProxyHandler({})).open


def _status(url: str, token: str = "") -> int | None:
    """Return the status of the answer; None where there is none."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with _open(request, timeout=2) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except (HTTPException, OSError):
        return None


def tell(sentence: str) -> None:
    """Print a sentence with an address; a terminal of any width keeps the address whole."""
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)


def up() -> None:
    """Run the whole service on this machine: broker, database, workers, relay, desk and intake, until Ctrl-C.

    Broker and database are the embedded ones, with their data kept in RAPPORT_DATA_FOLDER, unless
    RAPPORT_BOOTSTRAP_SERVERS and RAPPORT_DATABASE_URL name others.

    Example: rapport up
    """
    settings = Settings()
    logs.configure("WARNING")
    tokens_of(settings)
    port = listening_port("intake", settings.intake_host, settings.intake_port)
    settings = settings.model_copy(update={"intake_port": port})
    with prepared(settings) as service:
        service.supervisor.add("intake", ["intake"])
        stop_on_signals(service.supervisor.stopping)
        service.supervisor.start()
        try:
            if wait_for_desk(service, service.supervisor.stopping):
                tell(f"The desk is at {service.desk_link}")
            elif not service.supervisor.stopping.is_set():
                tell("The desk does not answer yet; its log tells why.")
            tell(f"Events are taken at {service.intake_url}; logs are in {settings.data_folder}/logs")
            service.supervisor.watch()
        finally:
            service.supervisor.stop()


def wait_until_ready(service: LocalService, *, max_wait_seconds: float = 120) -> bool:
    """Wait until every process says on /readyz that it is ready; False where one does not in time."""
    ports = [child.metrics_port for child in service.supervisor.children]
    for _ in range(int(max_wait_seconds / 0.5)):
        if all(_status(f"http://127.0.0.1:{port}/readyz") == 200 for port in ports):
            return True
        if service.supervisor.stopping.wait(0.5):
            return False
    return False
