"""One migrated database for the tests of the streams, emptied before each, and one broker for commands."""

import uuid
from collections.abc import Iterator

import pytest
from kafka.admin import KafkaAdminClient
from sqlalchemy import Engine, create_engine, text

from responders.store.migrate import head, upgrade
from streams.embedded import EmbeddedKafka
from streams.kafka.topics import TOPICS
from tests.embedded_fixtures import connect
from tests.emptying import empty_tables
from tests.streams.support.shell import Shell


@pytest.fixture(scope="session")
def migrated_engine(postgres_url: str) -> Iterator[Engine]:
    """Engine on a database of its own with the service's tables; shared, so empty it first."""
    name = f"shared_{uuid.uuid4().hex}"
    with connect(postgres_url) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    engine = create_engine(postgres_url.replace("/rapport?", f"/{name}?", 1), pool_pre_ping=True)
    upgrade(engine)
    yield engine
    engine.dispose()
    with connect(postgres_url) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def tables(migrated_engine: Engine) -> Engine:
    """Engine on the service's tables, all of them as a migration leaves them."""
    empty(migrated_engine)
    return migrated_engine


def empty(engine: Engine) -> None:
    empty_tables(engine, kept=KEPT)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head()})


KEPT = {"alembic_version", "outbox_shards"}


@pytest.fixture(scope="session")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a broker for tests that need the service's own topics: their names are constants."""
    server = EmbeddedKafka(tmp_path_factory.mktemp("kafka"))
    yield server.start()
    server.stop()


@pytest.fixture
def shell(own_kafka: str, tables: Engine) -> Iterator[Shell]:
    """Commands on the service's empty tables and empty topics."""
    shell = Shell(own_kafka, tables.url.render_as_string(hide_password=False))
    assert shell("topics", "create").exit_code == 0
    yield shell
    admin = KafkaAdminClient(bootstrap_servers=[own_kafka])
    admin.delete_topics([spec.name for spec in TOPICS])
    admin.close()
