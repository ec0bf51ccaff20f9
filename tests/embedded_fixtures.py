"""One Kafka and one PostgreSQL for the whole test session, and a fresh database for tests that ask for it.

A pytest plugin module. Nothing is started unless a test asks for it.
"""

import contextlib
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from streams.embedded import EmbeddedKafka, EmbeddedPostgres, kafka, postgres
from streams.embedded.jars import ensure_jars
from streams.embedded.kafka import default_jar_cache
from streams.embedded.processes import Child, Signature, silent

_TEMPLATE = "rapport_test_template"


def connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Open an autocommit connection by a SQLAlchemy address."""
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


@contextlib.contextmanager
def _short_folder(name: str) -> Iterator[Path]:
    """Yield a folder directly under the temporary folder, because a Unix socket's path must be short."""
    folder = Path(tempfile.mkdtemp(prefix=f"rapport-{name}-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """Bootstrap address of a running Apache Kafka; the session shares its topics, so name yours uniquely."""
    with _short_folder("kafka") as folder:
        server = EmbeddedKafka(folder)
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy address of a running PostgreSQL's database ``rapport``."""
    with _short_folder("postgres") as folder:
        server = EmbeddedPostgres(folder)
        try:
            url = server.start()
            _forget_crashes(url)
            _create_template(url)
            yield url
        finally:
            server.stop()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy address of a fresh, empty database with the extension ``vector``; dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_TEMPLATE))
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with connect(postgres_url) as server:
        server.execute(create)
    yield postgres_url.replace("/rapport?", f"/{name}?", 1)
    with connect(postgres_url) as server:
        server.execute(drop)


def _forget_crashes(url: str) -> None:
    """Let the server of the session not wait for the disk: nothing outlives it.

    Tests about crashes and lost power start servers of their own.
    """
    with connect(url) as server:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        server.execute("SELECT pg_reload_conf()")


def _create_template(url: str) -> None:
    with connect(url) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    with connect(url.replace("/rapport?", f"/{_TEMPLATE}?", 1)) as template:
        template.execute("CREATE EXTENSION vector")


@pytest.fixture
def service_folder() -> Iterator[Path]:
    """Yield a data folder for `streams.embedded`; afterwards kill every process that still runs on it."""
    with _short_folder("data") as folder:
        yield folder
        kill_services(folder)


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """Return the folder of the checked jars of Apache Kafka."""
    ensure_jars(default_jar_cache(), progress=silent)
    return default_jar_cache()


def service_pids(folder: Path) -> tuple[list[int], list[int]]:
    """Return the process ids of Kafka and of PostgreSQL that run on a data folder."""
    kafka, postgres = _signatures(folder)
    return list(kafka.running()), list(postgres.running())


def kill_services(folder: Path) -> None:
    """Kill the services that run on a data folder by SIGKILL."""
    for signature in _signatures(folder):
        for pid in signature.running():
            Child(pid, signature).stop((signal.SIGKILL, 10.0))


def _signatures(folder: Path) -> tuple[Signature, Signature]:
    return kafka.signature_of(folder / "kafka"), postgres.signature_of(folder / "postgres")
