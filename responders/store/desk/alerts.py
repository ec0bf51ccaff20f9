"""Churn alerts and incidents: read them, and change the state of an alert."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, text
from sqlmodel import Session, col, select

from responders.store.desk.account_lookup import account_names
from responders.store.heads import hold_waiting
from responders.store.notify import notify
from schemas.churn import AlertOutcome, ChurnAlert, Incident
from schemas.tables import AlertChangeRow, ChurnAlertRow, IncidentRow

AlertView = Literal["open", "snoozed", "closed"]
OUTCOMES: Final[tuple[AlertOutcome, ...]] = ("saved", "lost", "false alarm", "already known")
SNOOZE_DAYS: Final = (1, 7, 14)
"""Days for which the desk offers to snooze an alert."""

ALERT_PAGE_SIZE: Final = 25
"""Alerts on a page."""

SHOWN: Final = timedelta(days=7)
"""Time for which an incident that is over is still listed: people write about it. Chosen by hand."""

MOST_LINKS: Final = 5
"""Tickets that a case links at most, newest first."""

_IDS = text(
    """
SELECT alert_id FROM churn_alerts
WHERE (CAST(:account_id AS text) IS NULL OR account_id = CAST(:account_id AS text))
    AND CASE CAST(:view AS text)
    WHEN 'open' THEN state IN ('new', 'acknowledged') OR (state = 'snoozed' AND snoozed_until <= :now)
    WHEN 'snoozed' THEN state = 'snoozed' AND snoozed_until > :now
    WHEN 'closed' THEN state IN ('resolved', 'expired')
    ELSE TRUE END
ORDER BY CASE WHEN state IN ('resolved', 'expired') THEN 1 ELSE 0 END,
    CASE WHEN state IN ('resolved', 'expired') THEN updated_at END DESC,
    CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, score DESC, detected_at, alert_id
LIMIT :page_size OFFSET :skipped
"""
)

_COUNTS = text(
    """
SELECT
    count(*) FILTER (WHERE state IN ('new', 'acknowledged')
        OR (state = 'snoozed' AND snoozed_until <= :now)) AS open,
    count(*) FILTER (WHERE state = 'snoozed' AND snoozed_until > :now) AS snoozed,
    count(*) FILTER (WHERE state IN ('resolved', 'expired')) AS closed
FROM churn_alerts
"""
)


_TICKETS_OF = text(
    """
SELECT event_id, ticket_id FROM sentiments WHERE event_id = ANY(:event_ids)
ORDER BY occurred_at DESC, event_id
"""
)


class AlertCounts(NamedTuple):
    """The number of alerts in each view; an alert whose snooze has expired counts as open."""

    open: int
    snoozed: int
    closed: int


@dataclass(frozen=True, slots=True)
class AlertStanding:
    """A case, its state, its changes, oldest first, how it was closed, and the tickets behind it."""

    alert: ChurnAlert
    account_name: str
    state: str
    snoozed_until: datetime | None
    changes: tuple[AlertChangeRow, ...]
    outcome: str | None = None
    closed_by: str | None = None
    ticket_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertMove:
    """A change of an alert's state by a person: `days` for a snooze, `outcome` for a resolution."""

    state: Literal["acknowledged", "snoozed", "resolved"]
    changed_by: str
    days: int | None = None
    outcome: AlertOutcome | None = None
    comment: str = ""


class AlertRefused(Exception):
    """The state of the alert cannot be changed; `reason` is `unknown`, `closed` or `same`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def list_alerts(
    session: Session, view: AlertView | None, *, now: datetime, page: int = 1, account_id: str | None = None
) -> list[AlertStanding]:
    """Return a page of 25 alerts: by severity, then score, then age; closed alerts last, newest first.

    `view` None means all views; `account_id` selects the alerts of one account.
    """
    bound = {"view": view, "now": now, "account_id": account_id}
    page_bound = {"page_size": ALERT_PAGE_SIZE, "skipped": (page - 1) * ALERT_PAGE_SIZE}
    alert_ids = list(session.execute(_IDS, bound | page_bound).scalars())
    rows = session.exec(select(ChurnAlertRow).where(col(ChurnAlertRow.alert_id).in_(alert_ids))).all()
    by_id = {row.alert_id: row for row in rows}
    changes = _changes(session, alert_ids)
    names = account_names(session, (row.account_id for row in rows))
    found = [_standing(by_id[alert_id], changes[alert_id], names, now) for alert_id in alert_ids]
    return _with_tickets(session, found)


def alert_counts(session: Session, *, now: datetime) -> AlertCounts:
    """Return the number of alerts in each view at `now`."""
    return AlertCounts(*session.execute(_COUNTS, {"now": now}).one())


def open_incidents(session: Session) -> list[Incident]:
    """Return the open incidents, newest first, at most 20."""
    return _incidents(session, col(IncidentRow.state) == "open")


def shown_incidents(session: Session, *, now: datetime) -> list[Incident]:
    """Return the open incidents and those that were found lately, newest first, at most 20."""
    is_young = col(IncidentRow.created_at) > now - SHOWN
    return _incidents(session, (col(IncidentRow.state) == "open") | is_young)


def _incidents(session: Session, wanted: ColumnElement[bool]) -> list[Incident]:
    newest = col(IncidentRow.detected_at).desc()
    rows = session.exec(select(IncidentRow).where(wanted).order_by(newest).limit(20))
    return [Incident.model_validate(row.record) for row in rows]


def move_alert(session: Session, alert_id: str, move: AlertMove, *, now: datetime) -> None:
    """Change the state of the alert, record who changed it, and notify the desks.

    The alert's row and its account's waiting tickets are locked until the caller commits. Raises
    AlertRefused if the alert is unknown, resolved, expired, or acknowledged already.
    """
    row = _held_alert(session, alert_id)
    _check_move(row, move)
    row.state = move.state
    row.snoozed_until = now + timedelta(days=move.days) if move.days else None
    row.outcome, row.closed_by = move.outcome, "person" if move.state == "resolved" else None
    row.updated_at = now
    session.add(row)
    session.add(_change(alert_id, move, now))
    session.flush()
    notify(session, "alert", alert_id)


def _held_alert(session: Session, alert_id: str) -> ChurnAlertRow:
    owner = session.exec(select(ChurnAlertRow.account_id).where(ChurnAlertRow.alert_id == alert_id)).first()
    hold_waiting(session, [owner] if owner else [])
    wanted = select(ChurnAlertRow).where(ChurnAlertRow.alert_id == alert_id)
    row = session.exec(wanted.with_for_update()).first()
    if row is None:
        raise AlertRefused("unknown")
    return row


def _check_move(row: ChurnAlertRow, move: AlertMove) -> None:
    if row.state in ("resolved", "expired"):
        raise AlertRefused("closed")
    if row.state == move.state == "acknowledged":
        raise AlertRefused("same")


def _change(alert_id: str, move: AlertMove, now: datetime) -> AlertChangeRow:
    comment = ": ".join(part for part in (move.outcome, move.comment) if part)
    return AlertChangeRow(
        alert_id=alert_id,
        state=move.state,
        changed_by=move.changed_by,
        comment=comment or None,
        changed_at=now,
    )


def _changes(session: Session, alert_ids: list[str]) -> dict[str, tuple[AlertChangeRow, ...]]:
    wanted = select(AlertChangeRow).where(col(AlertChangeRow.alert_id).in_(alert_ids))
    rows = session.exec(wanted.order_by(col(AlertChangeRow.change_id))).all()
    return {key: tuple(row for row in rows if row.alert_id == key) for key in alert_ids}


def _standing(
    row: ChurnAlertRow, changes: tuple[AlertChangeRow, ...], names: dict[str, str], now: datetime
) -> AlertStanding:
    is_awake = row.state == "snoozed" and row.snoozed_until is not None and row.snoozed_until <= now
    return AlertStanding(
        alert=ChurnAlert.model_validate(row.record),
        account_name=names.get(row.account_id, row.account_id),
        state="new" if is_awake else row.state,
        snoozed_until=None if is_awake else row.snoozed_until,
        changes=changes,
        outcome=row.outcome,
        closed_by=row.closed_by,
    )


def _with_tickets(session: Session, standings: list[AlertStanding]) -> list[AlertStanding]:
    """Return the cases with the tickets whose messages are their evidence, at most MOST_LINKS each."""
    sources = {one.alert.alert_id: _sources(one.alert) for one in standings}
    wanted = sorted({source for found in sources.values() for source in found})
    if not wanted:
        return standings
    rows = session.execute(_TICKETS_OF, {"event_ids": wanted}).all()
    return [replace(one, ticket_ids=_newest_tickets(rows, sources[one.alert.alert_id])) for one in standings]


def _sources(alert: ChurnAlert) -> frozenset[str]:
    return frozenset(source for part in alert.contributions for source in part.source_ids)


def _newest_tickets(rows: Sequence[Any], sources: frozenset[str]) -> tuple[str, ...]:
    tickets = dict.fromkeys(row.ticket_id for row in rows if row.event_id in sources)
    return tuple(tickets)[:MOST_LINKS]
