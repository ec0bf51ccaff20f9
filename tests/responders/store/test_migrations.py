"""The migrations on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from responders.store import letters, migrate, outbox, progress
from schemas.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_a_migrated_empty_database_equals_the_table_definitions(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert differences(engine) == []
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


def test_the_partial_indexes_keep_their_conditions(engine: Engine) -> None:
    migrate.upgrade(engine)
    query = text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%WHERE%' ORDER BY 1")
    with engine.connect() as connection:
        names = [name for name in connection.scalars(query) if not name.startswith("pg_")]
    assert names == [
        "ix_drafts_outreach",
        "ix_outbox_pending",
        "ix_ticket_heads_account",
        "ix_ticket_heads_place",
        "uq_churn_alerts_open",
        "uq_drafts_live",
    ]


def test_the_outbox_has_all_shards(engine: Engine) -> None:
    migrate.upgrade(engine)
    with Session(engine) as session:
        assert all(outbox.lock_shard(session, shard) for shard in range(outbox.SHARDS))


def test_a_second_upgrade_changes_nothing(database_url: str, engine: Engine) -> None:
    migrate.upgrade(database_url)
    migrate.upgrade(database_url)
    migrate.check_version(engine)


def test_a_downgrade_and_a_second_upgrade_restore_the_tables(engine: Engine) -> None:
    migrate.upgrade(engine)
    migrate.downgrade_one(engine)
    assert differences(engine) != []
    migrate.upgrade(engine)
    assert differences(engine) == []


def to_revision(
    engine: Engine, revision: str, *, step: Callable[[Config, str], None] = command.upgrade
) -> None:
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.attributes["connection"] = connection
        step(config, revision)


FIRST_ROWS = (
    """INSERT INTO partition_progress VALUES
       ('sentiment', 'support.tickets', 1, 3, 'pod-0', 5, 9, 2, 1, 0, 1, '2026-01-01Z')""",
    """INSERT INTO dead_letters VALUES
       ('abc', 'sentiment', 'support.tickets', 1, 7, 12, NULL, '\\x00ff', '[["h", null]]', 'broken_json',
        'not JSON', 1, 'b1', 'replayed', '2026-01-01Z', '2026-01-02Z')""",
    "INSERT INTO detector_states VALUES ('product.usage-events', 0, 'acme', '\\x01')",
)


def test_rows_of_the_first_revision_survive_the_upgrade_and_the_downgrade(engine: Engine) -> None:
    to_revision(engine, "0001")
    with engine.begin() as connection:
        for statement in FIRST_ROWS:
            connection.exec_driver_sql(statement)
        before = first_rows(connection)
    migrate.upgrade(engine)
    with Session(engine) as session:
        (row,) = progress.all_progress(session)
        assert (row.epoch, row.next_offset, row.paused_at, row.paused_reason) == (3, 9, None, None)
        assert row.holes == 0
        (letter,) = letters.list_letters(session)
        assert (letter.value, letter.state, letter.discarded_at) == (b"\x00\xff", "replayed", None)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE partition_progress SET paused_at = now(), paused_reason = 'x', holes = 2"
        )
    to_revision(engine, "0001", step=command.downgrade)
    with engine.connect() as connection:
        assert first_rows(connection) == before


def test_a_worker_of_the_previous_version_can_still_claim_a_partition(engine: Engine) -> None:
    migrate.upgrade(engine)
    columns = "consumer_group, topic, partition, epoch, owner, first_offset, next_offset"
    counts = "effects, duplicates, late, dead_letters, updated_at"
    values = "'sentiment', 't', 0, 1, 'pod-0', 4, 4, 0, 0, 0, 0, now()"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO partition_progress ({columns}, {counts}) VALUES ({values})")
    with Session(engine) as session:
        assert [row.holes for row in progress.all_progress(session)] == [0]


def first_rows(connection: Connection) -> list[object]:
    tables = ("partition_progress", "dead_letters", "detector_states")
    return [tuple(row) for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]


def test_an_upgrade_gives_up_soon_while_a_long_transaction_locks_a_table(engine: Engine) -> None:
    to_revision(engine, "0001")
    with engine.connect() as other, other.begin():
        other.exec_driver_sql("LOCK TABLE partition_progress IN ROW EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate.upgrade(engine)
    migrate.upgrade(engine)
    assert differences(engine) == []


def test_the_history_has_one_head_and_one_root() -> None:
    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    assert scripts.get_heads() == [migrate.head()]
    assert len(scripts.get_bases()) == 1


def test_several_processes_may_upgrade_at_once(database_url: str, engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [database_url] * 4))
    migrate.check_version(engine)
    assert differences(engine) == []


def test_an_upgrade_that_waits_for_another_ignores_the_statement_time_limit(
    database_url: str, engine: Engine
) -> None:
    hasty = create_engine(database_url, connect_args={"options": "-c statement_timeout=200"})
    with ThreadPoolExecutor(1) as pool, engine.connect() as other, other.begin():
        other.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrate.LOCK_KEY})
        waiting = pool.submit(migrate.upgrade, hasty)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        other.rollback()
        waiting.result(timeout=20)
    hasty.dispose()
    migrate.check_version(engine)


def test_a_database_without_migrations_is_refused_in_one_sentence(engine: Engine) -> None:
    with pytest.raises(migrate.MigrationError, match="no tables of Rapport yet; run `rapport migrate`"):
        migrate.check_version(engine)


def test_a_database_of_a_newer_build_is_neither_used_nor_changed(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (migrate.check_version, migrate.upgrade):
        with pytest.raises(migrate.MigrationError, match="newer build"):
            use(engine)
