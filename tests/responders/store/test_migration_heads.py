"""Revision 0003 on a database with tickets: each ticket gets its head, and triggers maintain it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from responders.store import heads, migrate
from tests.benchmarks.queue_history import upgrade_to

BEFORE = (
    """
INSERT INTO ticket_events
SELECT t || '-' || n, t, 'acme', k, 'web', '{}', timestamptz '2026-01-01Z' + n * interval '1 minute'
FROM (VALUES ('waits', 'customer_message'), ('ended', 'human_reply'), ('sent', 'customer_message'),
    ('tone', 'customer_message'), ('handled', 'customer_message')) t (t, k), generate_series(1, 2) n
""",
    """
INSERT INTO sentiments
SELECT event_id, ticket_id, 'acme', 'negative', -1, NULL, '{"frustration": 0.5}', now(), now()
FROM ticket_events WHERE ticket_id <> 'tone'
""",
    """
INSERT INTO drafts
SELECT ticket_id, 'reply', ticket_id, 'acme', event_id,
    CASE ticket_id WHEN 'sent' THEN 'sent' ELSE 'dismissed' END, NULL, '{}', now(), now()
FROM ticket_events WHERE event_id IN ('sent-2', 'tone-2', 'handled-2')
""",
    """
INSERT INTO decisions
SELECT draft_id, draft_id, state, 'kim', jsonb_build_object('reason', draft_id || ': so'), now() FROM drafts
""",
)
HEADS = "SELECT * FROM ticket_heads"
BODIES = """
SELECT proname, prosrc FROM pg_proc
WHERE proname ~ '^(refresh_ticket_heads|(ticket|account)_rows_changed|level_of_(words|account))$'
"""
GUARDED = """
SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def read(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return sorted((tuple(row) for row in connection.exec_driver_sql(statement)), key=str)


def test_the_migration_fills_in_the_same_heads_as_the_triggers(engine: Engine) -> None:
    upgrade_to(engine, "0002")
    with engine.begin() as connection:
        for statement in BEFORE:
            connection.exec_driver_sql(statement)
    migrate.upgrade(engine)
    filled = read(engine, HEADS)
    waiting = [(row[0], row[1], row[6], str(row[9])[11:16]) for row in filled if row[5]]
    assert waiting == [("tone", "tone-2", 0, "00:01"), ("waits", "waits-2", 2, "04:01")]
    assert len(filled) == 5
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ticket_heads")
        connection.exec_driver_sql("SELECT refresh_ticket_heads(array_agg(ticket_id)) FROM ticket_events")
    assert read(engine, HEADS) == filled


def test_a_downgrade_restores_the_earlier_levels(engine: Engine) -> None:
    upgrade_to(engine, "0002")
    with engine.begin() as connection:
        for statement in BEFORE:
            connection.exec_driver_sql(statement)
    migrate.upgrade(engine)
    while _revision(engine) >= "0005":
        migrate.downgrade_one(engine)
    restored = read(engine, HEADS)
    assert {row[6] for row in restored} == {0, 2}
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ticket_heads")
        connection.exec_driver_sql("SELECT refresh_ticket_heads(array_agg(ticket_id)) FROM ticket_events")
    assert read(engine, HEADS) == restored


def test_the_migrated_triggers_equal_the_triggers_of_the_store(engine: Engine) -> None:
    migrate.upgrade(engine)
    migrated = read(engine, BODIES), read(engine, GUARDED)
    assert [len(found) for found in migrated] == [5, 26]
    with engine.begin() as connection:
        heads.create_triggers(connection)
    assert (read(engine, BODIES), read(engine, GUARDED)) == migrated
    while not (read(engine, BODIES), read(engine, GUARDED)) == ([], []):
        assert _revision(engine) >= "0003"
        migrate.downgrade_one(engine)
    assert _revision(engine) == "0002"
    assert (read(engine, BODIES), read(engine, GUARDED)) == ([], [])


def _revision(engine: Engine) -> str:
    ((revision,),) = read(engine, "SELECT version_num FROM alembic_version")
    return str(revision)
