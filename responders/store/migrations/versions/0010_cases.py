"""One open alert per account: the case that every cause joins, with its outcome and who closed it.

Of several open alerts of an account the most severe stays open, the newest of equal ones; the others expire.
The outcomes that people entered are read from the changes of the alerts.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

from responders.store.migrations.columns import instants, strings

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IS_OPEN: Final = "state IN ('new', 'acknowledged', 'snoozed')"

JOIN: Final = """
WITH ranked AS (
    SELECT alert_id, first_value(alert_id) OVER same AS stays, row_number() OVER same AS place
    FROM churn_alerts WHERE state IN ('new', 'acknowledged', 'snoozed')
    WINDOW same AS (PARTITION BY account_id
        ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
            detected_at DESC, alert_id)
), closed AS (
    UPDATE churn_alerts a
    SET state = 'expired', closed_by = 'joined', snoozed_until = NULL, updated_at = now()
    FROM ranked r WHERE r.alert_id = a.alert_id AND r.place > 1
    RETURNING a.alert_id, r.stays
)
INSERT INTO alert_changes (alert_id, state, changed_by, comment, changed_at)
SELECT alert_id, 'expired', 'rapport', 'It joined the case ' || stays || '.', now() FROM closed
"""

OUTCOMES: Final = """
WITH told AS (
    SELECT DISTINCT ON (alert_id) alert_id, split_part(comment, ': ', 1) AS outcome FROM alert_changes
    WHERE state = 'resolved' ORDER BY alert_id, change_id DESC
)
UPDATE churn_alerts a SET outcome = t.outcome, closed_by = 'person'
FROM told t WHERE t.alert_id = a.alert_id AND a.state = 'resolved'
    AND t.outcome IN ('saved', 'lost', 'false alarm', 'already known')
"""


def upgrade() -> None:
    """Add the columns, close all but one open alert of each account, and keep it so."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in (
        *strings("outcome", "closed_by", nullable=True),
        *instants("evidence_at", nullable=True),
    ):
        op.add_column("churn_alerts", column)
    op.execute("UPDATE churn_alerts SET evidence_at = detected_at")
    # A worker of the previous version writes alerts without this column.
    op.alter_column("churn_alerts", "evidence_at", nullable=False, server_default=sa.text("now()"))
    op.execute(OUTCOMES)
    op.execute(JOIN)
    op.drop_index("uq_churn_alerts_open", table_name="churn_alerts")
    op.create_index(
        "uq_churn_alerts_open", "churn_alerts", ["account_id"], unique=True, postgresql_where=sa.text(IS_OPEN)
    )
    op.create_table(
        "learned_outcomes",
        *strings("alert_id"),
        *instants("learned_at"),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_learned_outcomes")),
    )


def downgrade() -> None:
    """Drop the columns; alerts that expired stay so."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("uq_churn_alerts_open", table_name="churn_alerts")
    op.create_index(
        "uq_churn_alerts_open", "churn_alerts", ["dedup_key"], unique=True, postgresql_where=sa.text(IS_OPEN)
    )
    op.drop_table("learned_outcomes")
    for column in ("evidence_at", "closed_by", "outcome"):
        op.drop_column("churn_alerts", column)
