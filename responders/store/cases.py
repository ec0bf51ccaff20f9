"""The cases of accounts at rest: lock open ones, keep them current, close them, and learn their outcomes."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, text
from sqlmodel import Session, col, select

from responders.store.heads import hold_waiting
from responders.store.notify import notify
from schemas.churn import OPEN_STATES, AlertOutcome, AlertState, ChurnAlert, ClosedCase
from schemas.tables import AlertChangeRow, ChurnAlertRow, LearnedOutcomeRow

ClosedBy = Literal["person", "recovery", "expiry"]

SERVICE: Final = "rapport"
"""Who changed a case if no person did."""

_NEWEST_CLOSED: Final = text(
    """
SELECT DISTINCT ON (account_id) account_id, severity, updated_at, outcome FROM churn_alerts
WHERE account_id = ANY(:account_ids) AND state IN ('resolved', 'expired')
ORDER BY account_id, updated_at DESC, alert_id
"""
)

_OLD: Final = text(
    """
SELECT account_id FROM churn_alerts
WHERE state IN ('new', 'snoozed') AND evidence_at < :untouched
    OR state = 'acknowledged' AND evidence_at < :acknowledged
ORDER BY account_id LIMIT 100
"""
)

_TO_LEARN: Final = text(
    """
SELECT alert_id, account_id, outcome FROM churn_alerts c
WHERE outcome IS NOT NULL AND NOT EXISTS (SELECT 1 FROM learned_outcomes l WHERE l.alert_id = c.alert_id)
ORDER BY updated_at, alert_id
"""
)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case whose row is locked, and its state."""

    case: ChurnAlert
    state: AlertState


def lock_open(session: Session, account_ids: Iterable[str]) -> dict[str, OpenCase]:
    """Return the open cases of accounts, locked until the transaction ends, by account.

    Locks waiting tickets of these accounts first, then the cases in the order of their accounts.
    """
    some = select(ChurnAlertRow.account_id).where(col(ChurnAlertRow.account_id).in_(set(account_ids)))
    wanted = session.exec(some.where(_is_open())).all()
    if not wanted:
        return {}
    hold_waiting(session, wanted)
    query = select(ChurnAlertRow).where(col(ChurnAlertRow.account_id).in_(wanted), _is_open())
    rows = session.exec(query.order_by(col(ChurnAlertRow.account_id)).with_for_update())
    return {row.account_id: OpenCase(ChurnAlert.model_validate(row.record), _state(row)) for row in rows}


def with_open(session: Session) -> list[str]:
    """Return the accounts that have an open case, sorted; nothing is locked."""
    return sorted(session.exec(select(ChurnAlertRow.account_id).where(_is_open())))


def newest_closed(session: Session, account_ids: Iterable[str]) -> dict[str, ClosedCase]:
    """Return the case of each account that was closed last, by account."""
    rows = session.execute(_NEWEST_CLOSED, {"account_ids": sorted(set(account_ids))})
    return {
        row.account_id: ClosedCase(severity=row.severity, closed_at=row.updated_at, outcome=row.outcome)
        for row in rows
    }


def save_case(session: Session, case: ChurnAlert, *, woken: str | None = None, now: datetime) -> None:
    """Write an open case that changed; `woken` says why a snoozed or acknowledged one is new again."""
    row = session.get_one(ChurnAlertRow, case.alert_id)
    row.cause, row.severity, row.score = case.cause, case.severity, case.score
    row.record, row.updated_at = case.to_json(), now
    row.evidence_at = case.updated_at or case.detected_at
    if woken is not None:
        row.state, row.snoozed_until = "new", None
        session.add(_change(case.alert_id, "new", woken, now))
    session.add(row)
    session.flush()
    notify(session, "alert", case.alert_id)


def close_case(session: Session, alert_id: str, closed_by: ClosedBy, comment: str, *, now: datetime) -> None:
    """Close a locked open case: resolved by recovery, or expired; the comment says why."""
    row = session.get_one(ChurnAlertRow, alert_id)
    row.state = "expired" if closed_by == "expiry" else "resolved"
    row.closed_by, row.snoozed_until, row.updated_at = closed_by, None, now
    session.add(row)
    session.add(_change(alert_id, row.state, comment, now))
    session.flush()
    notify(session, "alert", alert_id)


def accounts_with_old(session: Session, *, untouched: datetime, acknowledged: datetime) -> list[str]:
    """Return accounts, at most 100, whose open case has no evidence since a time: by state of the case."""
    bound = {"untouched": untouched, "acknowledged": acknowledged}
    return list(session.execute(_OLD, bound).scalars())


def take_outcomes(
    session: Session, account_ids: Container[str], *, now: datetime
) -> list[tuple[str, AlertOutcome]]:
    """Return (account, outcome) of cases of these accounts that were not returned before, oldest first."""
    found = [row for row in session.execute(_TO_LEARN) if row.account_id in account_ids]
    session.add_all(LearnedOutcomeRow(alert_id=row.alert_id, learned_at=now) for row in found)
    return [(row.account_id, row.outcome) for row in found]


def _is_open() -> ColumnElement[bool]:
    return col(ChurnAlertRow.state).in_(OPEN_STATES)


def _state(row: ChurnAlertRow) -> AlertState:
    return next(state for state in OPEN_STATES if state == row.state)


def _change(alert_id: str, state: str, comment: str, now: datetime) -> AlertChangeRow:
    return AlertChangeRow(alert_id=alert_id, state=state, changed_by=SERVICE, comment=comment, changed_at=now)
