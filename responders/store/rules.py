"""The live precision of each rule at rest: outcomes of closed cases, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from responders.store.notify import notify
from schemas.tables import RulePrecisionRow

_COUNTS: Final = text(
    """
WITH told AS (
    SELECT c.alert_id, c.updated_at, c.outcome, causes.cause FROM churn_alerts c, LATERAL (
        SELECT c.cause UNION SELECT reason->>'cause'
        FROM jsonb_array_elements(coalesce(c.record->'reasons', '[]'::jsonb)) reason
    ) causes
    WHERE c.outcome IN ('saved', 'lost', 'false alarm')
), ranked AS (
    SELECT cause, outcome, row_number() OVER (PARTITION BY cause ORDER BY updated_at DESC, alert_id) AS place
    FROM told
)
SELECT cause, count(*) FILTER (WHERE outcome <> 'false alarm') AS hits,
    count(*) FILTER (WHERE outcome = 'false alarm') AS misses
FROM ranked WHERE place <= :newest GROUP BY cause
"""
)


class OutcomeCounts(NamedTuple):
    """Outcomes of a rule: right ones (saved, lost) and false alarms."""

    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """The precision of a rule as it is shown; `quiet_since` is None while the rule speaks."""

    rule: str
    right: int
    wrong: int
    mean: float
    low: float
    high: float
    quiet_since: datetime | None = None


def outcome_counts(session: Session, newest: int) -> dict[str, OutcomeCounts]:
    """Return the newest outcomes of each cause, counted. A case counts for each cause in it.

    A case that was already known says nothing of a rule.
    """
    rows = session.execute(_COUNTS, {"newest": newest})
    return {row.cause: OutcomeCounts(row.hits, row.misses) for row in rows}


def load_standings(session: Session) -> list[RuleStanding]:
    """Return the standing of each rule that has an outcome, sorted by rule."""
    rows = session.exec(select(RulePrecisionRow).order_by(col(RulePrecisionRow.rule)))
    return [
        RuleStanding(row.rule, row.hits, row.misses, row.mean, row.low, row.high, row.quiet_since)
        for row in rows
    ]


def save_standings(session: Session, standings: Mapping[str, RuleStanding]) -> None:
    """Write standings by rule, and notify the desks."""
    for rule, standing in standings.items():
        row = {
            "rule": rule,
            "hits": standing.right,
            "misses": standing.wrong,
            "mean": standing.mean,
            "low": standing.low,
            "high": standing.high,
            "quiet_since": standing.quiet_since,
        }
        statement = insert(RulePrecisionRow).values(row)
        changed = {name: statement.excluded[name] for name in row if name != "rule"}
        session.execute(statement.on_conflict_do_update(index_elements=["rule"], set_=changed))
        notify(session, "alert", rule)
