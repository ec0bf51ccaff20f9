"""What commands share: how to reach the broker and the database, and how to say in one sentence why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from streams.database import STATEMENT_TIMEOUT_SECONDS, engine_of
from streams.kafka import Broker, KafkaError
from streams.settings import Settings

errors = Console(stderr=True)
"""Where messages for people go, so that standard output stays what other programs read."""


class NotConfiguredError(Exception):
    """Nothing says where the broker or the database is; the message is one sentence for a person."""


def open_engine(
    settings: Settings,
    *,
    statement_seconds: float = STATEMENT_TIMEOUT_SECONDS,
    idle_transaction_seconds: float = 0.0,
) -> Engine:
    """Return an engine for the configured database, or for the embedded one that runs now.

    Raises NotConfiguredError where there is neither. Nothing is connected yet.
    """
    if settings.database_url is not None:
        url: str | None = settings.database_url.get_secret_value()
    else:
        _, url = _embedded_addresses(settings)
    if url is None:
        raise NotConfiguredError(_advice(settings, "database", "RAPPORT_DATABASE_URL"))
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
    if settings.bootstrap_servers is not None:
        return broker_of(settings, settings.bootstrap_servers)
    bootstrap, _ = _embedded_addresses(settings)
    if bootstrap is None:
        raise NotConfiguredError(_advice(settings, "broker", "RAPPORT_BOOTSTRAP_SERVERS"))
    return Broker(bootstrap)


def broker_of(settings: Settings, bootstrap_servers: str) -> Broker:
    """Return the brokers at an address, with the settings' security."""
    password = settings.sasl_password
    return Broker(
        bootstrap_servers,
        security_protocol=settings.security_protocol,
        sasl_mechanism=settings.sasl_mechanism,
        sasl_username=settings.sasl_username,
        sasl_password=password.get_secret_value() if password is not None else None,
        ssl_ca_file=str(settings.ssl_ca_file) if settings.ssl_ca_file is not None else None,
    )


def _embedded_addresses(settings: Settings) -> tuple[str | None, str | None]:
    # The image of production comes without the extra `embedded`.
    try:
        from streams.embedded import running_endpoints
    except ImportError:
        return None, None
    endpoints = running_endpoints(settings.data_folder)
    if endpoints is None:
        return None, None
    return endpoints.bootstrap_servers, endpoints.database_url


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
    """Turn what is away or not configured into one sentence and exit code 1."""
    try:
        yield
    except NotConfiguredError as error:
        fail(str(error))
    except KafkaError as error:
        fail(f"The broker did not answer as it should: {type(error).__name__}.")
    except (OperationalError, InterfaceError) as error:
        fail(f"The database did not answer as it should: {_first_line(error.orig)}.")


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
