"""Revision 0010 on a database with alerts: one open case per account, and the outcomes that people told."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from responders.store import migrate
from tests.benchmarks.queue_history import upgrade_to

ALERTS = """
INSERT INTO churn_alerts (alert_id, dedup_key, account_id, cause, severity, score, state, record, detected_at,
    created_at, updated_at)
SELECT id, 'k-' || id, account, 'drop', severity, 0.5, state, '{}',
    timestamptz '2026-01-01Z' + days * interval '1 day', now(), now()
FROM (VALUES ('old', 'a', 'critical', 'acknowledged', 1), ('new', 'a', 'warning', 'new', 3),
    ('late', 'a', 'critical', 'snoozed', 2), ('only', 'b', 'watch', 'new', 1),
    ('done', 'a', 'critical', 'resolved', 1), ('odd', 'a', 'critical', 'resolved', 1)
    ) t (id, account, severity, state, days)
"""
CHANGES = """
INSERT INTO alert_changes (alert_id, state, changed_by, comment, changed_at) VALUES
    ('done', 'resolved', 'kim', 'false alarm: a holiday', now()),
    ('odd', 'resolved', 'kim', 'whatever', now()), ('old', 'acknowledged', 'kim', 'saved', now())
"""
AFTER = "SELECT alert_id, state, outcome, closed_by FROM churn_alerts ORDER BY 1"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def test_the_most_severe_and_newest_alert_of_an_account_stays_open(engine: Engine) -> None:
    upgrade_to(engine, "0009")
    with engine.begin() as connection:
        connection.exec_driver_sql(ALERTS)
        connection.exec_driver_sql(CHANGES)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.exec_driver_sql(AFTER)] == [
            ("done", "resolved", "false alarm", "person"),
            ("late", "snoozed", None, None),
            ("new", "expired", None, "joined"),
            ("odd", "resolved", None, None),
            ("old", "expired", None, "joined"),
            ("only", "new", None, None),
        ]
        history = connection.exec_driver_sql("SELECT comment FROM alert_changes WHERE changed_by = 'rapport'")
        assert set(history.scalars()) == {"It joined the case late."}
