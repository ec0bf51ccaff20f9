"""Build the settings, the database engine and the broker that they name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr
from sqlalchemy import Engine

from streams.cli.sentences import NotConfiguredError
from streams.kafka.brokers import Broker
from streams.process.database import STATEMENT_TIMEOUT_SECONDS, engine_of
from streams.process.settings import Settings

if TYPE_CHECKING:
    from streams.embedded.endpoints import Endpoints

_BROKER: Final = re.compile(r"([\w.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_KAFKA_PORT: Final = 9_092
"""Kafka's default port."""


def read_settings() -> Settings:
    """Read the settings from the environment. Raises pydantic's ValidationError for a wrong value."""
    return Settings()


def open_engine(
    settings: Settings,
    *,
    statement_seconds: float = STATEMENT_TIMEOUT_SECONDS,
    idle_transaction_seconds: float = 0.0,
) -> Engine:
    """Return an engine for the configured database, or for the embedded one that runs now.

    Raises NotConfiguredError if there is neither. Nothing is connected yet.
    """
    if settings.database_url is None:
        settings = _with_embedded(settings)
    if settings.database_url is None:
        raise NotConfiguredError(_advice(settings, "database", "RAPPORT_DATABASE_URL"))
    return engine_of(
        settings.database_url.get_secret_value(),
        statement_seconds=statement_seconds,
        idle_transaction_seconds=idle_transaction_seconds,
    )


@contextmanager
def database(settings: Settings, *, statement_seconds: float = STATEMENT_TIMEOUT_SECONDS) -> Iterator[Engine]:
    """Yield the engine of `open_engine`, and close its connections after the block."""
    engine = open_engine(settings, statement_seconds=statement_seconds)
    try:
        yield engine
    finally:
        engine.dispose()


def open_broker(settings: Settings) -> Broker:
    """Return the configured brokers and how to sign in, or the embedded broker that runs now.

    Raises NotConfiguredError if there is neither. Nothing is connected yet.
    """
    if settings.bootstrap_servers is None:
        settings = _with_embedded(settings)
    if settings.bootstrap_servers is None:
        raise NotConfiguredError(_advice(settings, "broker", "RAPPORT_BOOTSTRAP_SERVERS"))
    return broker_of(settings)


def broker_of(settings: Settings) -> Broker:
    """Return the brokers that the settings name and how to sign in.

    Raises NotConfiguredError for wrong addresses, missing credentials or an unreadable file of certificates.
    """
    password = settings.sasl_password
    _refuse_missing_credentials(settings)
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
    """Return the addresses of brokers, each with its port. Raises NotConfiguredError for a wrong address.

    >>> _addresses("kafka-1, [::1]:9093,")
    ['kafka-1:9092', '[::1]:9093']
    """
    written = [address.strip() for address in bootstrap_servers.split(",") if address.strip()]
    matches = [_BROKER.fullmatch(address) for address in written]
    addresses = [(match[1], int(match[2] or _KAFKA_PORT)) for match in matches if match is not None]
    if not addresses or len(addresses) < len(matches) or not all(0 < port < 65_536 for _, port in addresses):
        raise NotConfiguredError(
            "RAPPORT_BOOTSTRAP_SERVERS must be host:port, several of them separated by commas, such as "
            "kafka-1:9092,kafka-2:9092."
        )
    return [f"{host}:{port}" for host, port in addresses]


def _refuse_missing_credentials(settings: Settings) -> None:
    """Raise NotConfiguredError if the protocol needs a user name and password and either is missing."""
    signs_in = settings.security_protocol.startswith("SASL")
    if signs_in and not (settings.sasl_username and settings.sasl_password):
        raise NotConfiguredError(
            f"RAPPORT_SECURITY_PROTOCOL={settings.security_protocol} needs RAPPORT_SASL_USERNAME and "
            "RAPPORT_SASL_PASSWORD."
        )


def _with_embedded(settings: Settings) -> Settings:
    """Return the settings with the addresses of the embedded services; unchanged if none run."""
    # The production image does not contain the extra `embedded`.
    try:
        from streams.embedded.endpoints import running_endpoints
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


def _advice(settings: Settings, service: str, variable: str) -> str:
    return (
        f"No {service} is configured and none runs in {settings.data_folder}; "
        f"start one with `rapport up` or set {variable}."
    )
