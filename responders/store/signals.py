"""Findings of the detectors at rest: sentiments, anomalies, states, account health, alerts and incidents."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import Session, col

from responders.store.arrays import insert_columns
from responders.store.heads import hold
from responders.store.notify import notify
from schemas.base import Record
from schemas.churn import ChurnAlert, Incident
from schemas.knowledge import Account, account_at_rest
from schemas.tables import (
    AccountRow,
    AnomalyRow,
    ChurnAlertRow,
    CorruptStateRow,
    DetectorStateRow,
    HealthRow,
    IncidentRow,
    PartitionProgress,
    SentimentRow,
)
from schemas.tickets import Sentiment
from schemas.usage import Anomaly

READ_ROWS: Final = 1_000
"""Rows fetched at once."""

_SENTIMENT_COLUMNS: Final = (
    "event_id",
    "ticket_id",
    "account_id",
    "label",
    "score",
    "abstained",
    "occurred_at",
    "scored_at",
)
_ANOMALY_COLUMNS: Final = ("anomaly_id", "account_id", "cause", "metric", "started_at", "detected_at")


def save_sentiments(session: Session, sentiments: Sequence[Sentiment]) -> None:
    """Insert sentiments; a row that already exists is not changed."""
    if not sentiments:
        return
    hold(session, (sentiment.ticket_id for sentiment in sentiments))
    insert_columns(session, SentimentRow, _columns(sentiments, _SENTIMENT_COLUMNS))
    notify(session, "sentiment", sentiments[-1].event_id)


def _columns(records: Sequence[Record], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the named fields of the records and the whole records as JSON, a list per column."""
    columns = {name: [getattr(record, name) for record in records] for name in names}
    return {**columns, "record": [record.to_json() for record in records]}


def save_anomalies(session: Session, anomalies: Sequence[Anomaly]) -> None:
    """Insert anomalies; a row that already exists is not changed."""
    if not anomalies:
        return
    insert_columns(session, AnomalyRow, _columns(anomalies, _ANOMALY_COLUMNS))
    notify(session, "anomaly", anomalies[-1].anomaly_id)


def save_detector_states(session: Session, topic: str, states: Mapping[tuple[int, str], bytes]) -> None:
    """Upsert packed states by (partition, account id), in the transaction of the next offset."""
    columns = {
        "topic": topic,
        "partition": [partition for partition, _ in states],
        "account_id": [account_id for _, account_id in states],
        "state": list(states.values()),
    }
    insert_columns(session, DetectorStateRow, columns, update=("state",))


def load_detector_states(session: Session, topic: str, partition: int) -> Iterator[tuple[str, bytes]]:
    """Yield (account id, packed state) of a partition, fetched in parts: the transaction never idles long."""
    query = select(col(DetectorStateRow.account_id), col(DetectorStateRow.state)).where(
        col(DetectorStateRow.topic) == topic, col(DetectorStateRow.partition) == partition
    )
    for account_id, state in session.execute(query, execution_options={"yield_per": READ_ROWS}):
        yield account_id, bytes(state)


def load_live_states(
    session: Session, topic: str, *, group: str, account_id: str, since: datetime
) -> list[tuple[bytes | None, datetime]]:
    """Return the packed state of an account id in each partition in which a group made progress `since`.

    It is None where none is stored yet. Beside it is when the group made progress last.
    """
    progress, states = PartitionProgress, DetectorStateRow
    own = (
        (col(states.topic) == col(progress.topic))
        & (col(states.partition) == col(progress.partition))
        & (col(states.account_id) == account_id)
    )
    query = (
        select(col(states.state), col(progress.updated_at))
        .select_from(progress)
        .outerjoin(states, own)
        .where(
            col(progress.topic) == topic,
            col(progress.consumer_group) == group,
            col(progress.updated_at) >= since,
        )
    )
    return [(None if state is None else bytes(state), moved_at) for state, moved_at in session.execute(query)]


def set_aside_states(
    session: Session, topic: str, partition: int, states: Mapping[str, tuple[bytes, str]], *, now: datetime
) -> None:
    """Move unreadable detector states to `corrupt_states`; `states` is account id -> (bytes, error).

    The bytes are kept there for the search for the cause.
    """
    accounts = list(states)
    columns = {
        "topic": topic,
        "partition": partition,
        "account_id": accounts,
        "found_at": now,
        "state": [state for state, _ in states.values()],
        "error": [error for _, error in states.values()],
    }
    insert_columns(session, CorruptStateRow, columns)
    gone = delete(DetectorStateRow).where(
        col(DetectorStateRow.topic) == topic,
        col(DetectorStateRow.partition) == partition,
        col(DetectorStateRow.account_id) == func.any(bindparam("accounts", accounts, ARRAY(Text))),
    )
    session.execute(gone)


def load_health(session: Session, scope: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the stored churn states of the keys, by key."""
    query = select(col(HealthRow.health_key), col(HealthRow.state)).where(
        col(HealthRow.scope) == scope, col(HealthRow.health_key).in_(keys)
    )
    return {str(key): dict(state) for key, state in session.execute(query)}


def save_health(session: Session, scope: str, states: Mapping[str, dict[str, Any]], *, now: datetime) -> None:
    """Upsert churn states by key."""
    columns = {
        "scope": scope,
        "health_key": list(states),
        "state": list(states.values()),
        "updated_at": now,
    }
    insert_columns(session, HealthRow, columns, update=("state", "updated_at"))


def save_alert(session: Session, alert: ChurnAlert, *, now: datetime) -> bool:
    """Insert an alert as a new case; return False if it exists or its account has an open case.

    The caller holds the waiting tickets of the account (`heads.hold_waiting`).
    """
    row = {
        "alert_id": alert.alert_id,
        "dedup_key": alert.dedup_key,
        "account_id": alert.account_id,
        "cause": alert.cause,
        "severity": alert.severity,
        "score": alert.score,
        "state": "new",
        "record": alert.to_json(),
        "detected_at": alert.detected_at,
        "evidence_at": alert.updated_at or alert.detected_at,
        "created_at": now,
        "updated_at": now,
    }
    statement = insert(ChurnAlertRow).values(row).on_conflict_do_nothing()
    is_new = session.scalars(statement.returning(col(ChurnAlertRow.alert_id))).first() is not None
    if is_new:
        notify(session, "alert", alert.alert_id)
    return is_new


def save_incident(session: Session, incident: Incident, *, now: datetime) -> bool:
    """Insert an incident or replace its record; return whether it is new. It is open until it has an end."""
    row = {
        "incident_id": incident.incident_id,
        "cause": incident.cause,
        "state": "open" if incident.ended_at is None else "ended",
        "record": incident.to_json(),
        "detected_at": incident.detected_at,
        "created_at": now,
    }
    known = session.get(IncidentRow, incident.incident_id, with_for_update=True)
    statement = insert(IncidentRow).values(row)
    changed = {"record": statement.excluded.record, "state": statement.excluded.state}
    session.execute(statement.on_conflict_do_update(index_elements=["incident_id"], set_=changed))
    notify(session, "incident", incident.incident_id)
    return known is None


def load_incidents(session: Session, incident_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the records of incidents by id, as they are stored."""
    if not incident_ids:
        return {}
    wanted = col(IncidentRow.incident_id).in_(incident_ids)
    query = select(col(IncidentRow.incident_id), col(IncidentRow.record)).where(wanted)
    return {key: dict(record) for key, record in session.execute(query)}


def load_accounts(session: Session, account_ids: Sequence[str]) -> dict[str, Account]:
    """Return the records of the accounts that are stored, by account id."""
    wanted = col(AccountRow.account_id).in_(account_ids)
    query = select(col(AccountRow.account_id), col(AccountRow.record)).where(wanted)
    return {key: account_at_rest(key, record) for key, record in session.execute(query)}


def lock_health(session: Session, scope: str, key: str, *, now: datetime) -> dict[str, Any]:
    """Return one churn state, created empty if missing, and lock it until the transaction ends."""
    fresh = insert(HealthRow).values(scope=scope, health_key=key, state={}, updated_at=now)
    session.execute(fresh.on_conflict_do_nothing())
    query = select(col(HealthRow.state)).where(
        col(HealthRow.scope) == scope, col(HealthRow.health_key) == key
    )
    return dict(session.scalars(query.with_for_update()).one())


def count_watched_accounts(session: Session) -> int:
    """Return the number of accounts that have a usage detector."""
    query = select(func.count()).select_from(DetectorStateRow).where(col(DetectorStateRow.account_id) != "")
    return int(session.scalar(query) or 0)
