"""PgBouncer in transaction mode before the database: every transaction may meet another session there."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from responders.desk.events import Client, Hub, listening
from responders.store import migrate, outbox
from responders.store.notify import notify
from schemas.tables import metadata
from streams.cli.sentences import sentence_of
from streams.process.database import engine_of
from streams.process.errors import took_too_long
from streams.process.metrics import Metrics
from streams.process.ports import free_port
from streams.sentiment import SentimentHandler
from tests.embedded_fixtures import _short_folder
from tests.streams.support.cluster import wait_until
from tests.streams.support.samples import TOLERANCE, ticket, work_off

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
SESSIONS = 2
"""Sessions on the server that all clients of the pooler share."""

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed")


def configuration(database_url: str, port: int) -> str:
    url = make_url(database_url)
    return f"""
[databases]
{url.database} = host={url.query["host"]} dbname={url.database} user={url.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {SESSIONS}
"""


@pytest.fixture
def pooled_url(database_url: str) -> Iterator[str]:
    """Address of the test's database through PgBouncer, which runs as the user that PostgreSQL runs as."""
    owner = os.stat(str(make_url(database_url).query["host"]))
    port = free_port()
    with _short_folder("pgbouncer") as folder:
        path = folder / "pgbouncer.ini"
        path.write_text(configuration(database_url, port))
        folder.chmod(0o755)
        who: dict[str, Any] = (
            {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.getuid() == 0 else {}
        )
        process = subprocess.Popen([str(PROGRAM), str(path)], stderr=subprocess.DEVNULL, **who)
        try:
            url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/{make_url(database_url).database}"
            wait_until(lambda: _answers(url))
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", "", 1)).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def engine(pooled_url: str) -> Iterator[Engine]:
    engine = engine_of(pooled_url, statement_seconds=2, idle_transaction_seconds=15)
    yield engine
    engine.dispose()


@pytest.fixture
def direct(database_url: str) -> Iterator[Engine]:
    engine = engine_of(database_url)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_migrations_run_through_a_pooler_also_several_at_once(engine: Engine) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate.upgrade, [engine] * 3))
    migrate.check_version(engine)
    assert differences(engine) == []


def test_time_limits_are_in_force_in_every_transaction(engine: Engine) -> None:
    for _ in range(2 * SESSIONS):
        with engine.connect() as connection:
            shown = [
                connection.execute(text(f"SHOW {name}")).scalar()
                for name in ("statement_timeout", "idle_in_transaction_session_timeout")
            ]
        assert shown == ["2s", "15s"]
    with pytest.raises(OperationalError) as raised, engine.begin() as connection:
        connection.execute(text("SELECT pg_sleep(10)"))
    assert took_too_long(raised.value)


def test_the_limits_of_a_process_do_not_stay_in_the_session_for_another(
    engine: Engine, pooled_url: str
) -> None:
    patient = engine_of(pooled_url, statement_seconds=100)
    for _ in range(3):
        for limited, limit in ((engine, "2s"), (patient, "100s")):
            with limited.connect() as connection:
                assert connection.execute(text("SHOW statement_timeout")).scalar() == limit
    patient.dispose()


def test_the_same_statements_from_many_threads_never_meet_a_foreign_prepared_one(engine: Engine) -> None:
    migrate.upgrade(engine)

    def small(number: int) -> None:
        with Session(engine) as session, session.begin():
            outbox.enqueue(session, [outbox.Outgoing("t", b"k", b"v", ())], now=ticket().occurred_at)
            outbox.lock_shard(session, number % outbox.SHARDS)
            session.execute(text("SELECT topic FROM outbox WHERE topic = :t"), {"t": "t"}).all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(small, range(240)))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar() == 240


def test_a_group_writes_its_batches_through_a_pooler(engine: Engine) -> None:
    migrate.upgrade(engine)
    handler = SentimentHandler(LexiconSentiment(), metrics=Metrics(), max_tokens=4_096, tolerance=TOLERANCE)
    for number in range(12):
        work_off(engine, handler, [ticket(2 * number), ticket(2 * number + 1)])
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sentiments")).scalar() == 24


@pytest.mark.parametrize("written", ["-csearch_path=tenant", "-c search_path=tenant,public"])
def test_the_search_path_of_the_address_is_kept_through_a_pooler(
    direct: Engine, pooled_url: str, written: str
) -> None:
    with direct.begin() as connection:
        connection.execute(text("CREATE SCHEMA tenant"))
        connection.execute(text("ALTER EXTENSION vector SET SCHEMA tenant"))
    engine = engine_of(f"{pooled_url}?options={written.replace('=', '%3D')}")
    migrate.upgrade(engine)
    with direct.connect() as connection:
        found = connection.execute(
            text("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'outbox'")
        )
        assert found.scalars().all() == ["tenant"]
    migrate.check_version(engine)
    engine.dispose()


def test_other_options_are_refused_by_the_pooler_with_a_sentence_that_says_what_to_do(
    pooled_url: str,
) -> None:
    engine = engine_of(f"{pooled_url}?options=-cwork_mem%3D8MB")
    with pytest.raises(OperationalError) as raised:
        engine.connect()
    said = sentence_of(raised.value)
    assert said is not None
    assert "unsupported startup parameter: options" in said
    assert said.endswith("remove the others from RAPPORT_DATABASE_URL.")


def test_the_desk_behind_a_pooler_shows_changes_and_says_that_it_looks_for_them(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    migrate.upgrade(engine)
    handler = SentimentHandler(LexiconSentiment(), metrics=Metrics(), max_tokens=4_096, tolerance=TOLERANCE)

    async def heard() -> list[str]:
        hub = Hub()
        messages = hub.messages(hub.enter(Client()), keep_alive_seconds=0.5)
        told: list[str] = []
        async with listening(engine, hub):
            changed = False
            async for message in messages:
                told.append(message)
                if not changed and "behind a pooler" in caplog.text and len(told) > 3:
                    told.clear()
                    await asyncio.to_thread(work_off, engine, handler, [ticket()])
                    changed = True
                if changed and any("event: resync" in one for one in told):
                    return told
        return told

    with caplog.at_level(logging.WARNING):
        told = asyncio.run(asyncio.wait_for(heard(), 60))
    assert any("event: resync" in one for one in told)
    assert caplog.text.count("behind a pooler") == 1


def test_a_notice_without_a_pooler_still_arrives_at_once_by_its_kind(
    direct: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    async def heard() -> list[str]:
        hub, told = Hub(), []
        async with listening(direct, hub):
            async for message in hub.messages(hub.enter(Client()), keep_alive_seconds=0.2):
                told.append(message)
                if "event: draft" in message:
                    return told
                with Session(direct) as session, session.begin():
                    notify(session, "draft", "17")
        return told

    with caplog.at_level(logging.WARNING):
        told = asyncio.run(asyncio.wait_for(heard(), 60))
    assert told[-1] == "event: draft\ndata: 17\n\n"
    assert "pooler" not in caplog.text
