"""What commands share: how to reach the broker and the database, and how to say in one sentence why not."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine
from typer.core import TyperGroup

from streams.cli.sentences import NotConfiguredError, sentence_of
from streams.kafka.brokers import Broker
from streams.operate.dead_letters import printable
from streams.process.database import STATEMENT_TIMEOUT_SECONDS, engine_of
from streams.process.settings import Settings

if TYPE_CHECKING:
    from streams.embedded import Endpoints


class PlainConsole(Console):
    """A console on which texts bring no escapes of their own: names and words come out of people's files."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, with what a text holds of control characters written out."""
        super().print(*(printable(one) if isinstance(one, str) else one for one in objects), **options)


errors = PlainConsole(stderr=True)
"""Where messages for people go, so that standard output stays what other programs read."""

_BROKER: Final = re.compile(r"([\w.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_KAFKA_PORT: Final = 9_092
"""Where Kafka listens by default."""


def open_engine(
    settings: Settings,
    *,
    statement_seconds: float = STATEMENT_TIMEOUT_SECONDS,
    idle_transaction_seconds: float = 0.0,
) -> Engine:
    """Return an engine for the configured database, or for the embedded one that runs now.

    Raises NotConfiguredError where there is neither. Nothing is connected yet.
    """
    if settings.database_url is None:
        settings = _with_embedded(settings)
    if settings.database_url is None:
        raise NotConfiguredError(_advice(settings, "database", "RAPPORT_DATABASE_URL"))
    url = settings.database_url.get_secret_value()
    return engine_of(
        url, statement_seconds=statement_seconds, idle_transaction_seconds=idle_transaction_seconds
    )


@contextmanager
def database(settings: Settings, *, statement_seconds: float = STATEMENT_TIMEOUT_SECONDS) -> Iterator[Engine]:
    """Give `open_engine`'s engine while the block runs, and close its connections after it."""
    engine = open_engine(settings, statement_seconds=statement_seconds)
    try:
        yield engine
    finally:
        engine.dispose()


def open_broker(settings: Settings) -> Broker:
    """Return how to reach the configured brokers, or the embedded one that runs now.

    Raises NotConfiguredError where there is neither. Nothing is connected yet.
    """
    if settings.bootstrap_servers is None:
        settings = _with_embedded(settings)
    if settings.bootstrap_servers is None:
        raise NotConfiguredError(_advice(settings, "broker", "RAPPORT_BOOTSTRAP_SERVERS"))
    return broker_of(settings)


def broker_of(settings: Settings) -> Broker:
    """Return the brokers that the settings name, and how to reach them. Raises NotConfiguredError."""
    password = settings.sasl_password
    _refuse_unusable(settings)
    broker = Broker(
        ",".join(_addresses(settings.bootstrap_servers or "")),
        security_protocol=settings.security_protocol,
        sasl_mechanism=settings.sasl_mechanism,
        sasl_username=settings.sasl_username,
        sasl_password=password.get_secret_value() if password is not None else None,
        ssl_ca_file=str(settings.ssl_ca_file) if settings.ssl_ca_file is not None else None,
    )
    try:
        broker.ssl_context()
    except OSError as error:
        raise NotConfiguredError(
            f"RAPPORT_SSL_CA_FILE {settings.ssl_ca_file} holds no certificates that can be read: "
            f"{error.strerror or type(error).__name__}."
        ) from error
    return broker


def _addresses(bootstrap_servers: str) -> list[str]:
    """Return the addresses of brokers, each with its port; raise NotConfiguredError for what is none.

    >>> _addresses("kafka-1, [::1]:9093,")
    ['kafka-1:9092', '[::1]:9093']
    """
    written = [address.strip() for address in bootstrap_servers.split(",") if address.strip()]
    found = [_BROKER.fullmatch(address) for address in written]
    addresses = [(one[1], int(one[2] or _KAFKA_PORT)) for one in found if one is not None]
    if not addresses or len(addresses) < len(found) or not all(0 < port < 65_536 for _, port in addresses):
        raise NotConfiguredError(
            "RAPPORT_BOOTSTRAP_SERVERS must be host:port, several of them separated by commas, as in "
            "kafka-1:9092,kafka-2:9092."
        )
    return [f"{host}:{port}" for host, port in addresses]


def _refuse_unusable(settings: Settings) -> None:
    """Raise NotConfiguredError for credentials that no client could use."""
    signs_in = settings.security_protocol.startswith("SASL")
    if signs_in and not (settings.sasl_username and settings.sasl_password):
        raise NotConfiguredError(
            f"RAPPORT_SECURITY_PROTOCOL={settings.security_protocol} needs RAPPORT_SASL_USERNAME and "
            "RAPPORT_SASL_PASSWORD."
        )


def _with_embedded(settings: Settings) -> Settings:
    """Return the settings with the addresses of the embedded services, as they are where none run."""
    # The image of production comes without the extra `embedded`.
    try:
        from streams.embedded import running_endpoints
    except ImportError:
        return settings
    endpoints = running_endpoints(settings.data_folder)
    return settings if endpoints is None else at_endpoints(settings, endpoints)


def at_endpoints(settings: Settings, endpoints: "Endpoints") -> Settings:
    """Return the settings of a process that uses these embedded services."""
    broker = endpoints.broker
    password = broker.sasl_password
    return settings.model_copy(
        update={
            "bootstrap_servers": broker.bootstrap_servers,
            "security_protocol": broker.security_protocol,
            "sasl_mechanism": broker.sasl_mechanism,
            "sasl_username": broker.sasl_username,
            "sasl_password": None if password is None else SecretStr(password),
            "database_url": SecretStr(endpoints.database_url),
        }
    )


def _advice(settings: Settings, what: str, variable: str) -> str:
    return (
        f"No {what} is configured and none runs in {settings.data_folder}; "
        f"start one with `rapport up` or set {variable}."
    )


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens; a link stays whole."""
    errors.print(sentence, style="dim", markup=False, highlight=False, soft_wrap=True)


def fail(sentence: str, *, code: int = 1) -> NoReturn:
    """End the command with one sentence for a person."""
    errors.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error that is not our own bug into one sentence and exit code 1; others pass."""
    try:
        yield
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        fail(sentence)


class PlainGroup(TyperGroup):
    """The group of all commands: whatever one of them raises is told plainly."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        with told_plainly():
            return super().invoke(ctx)
