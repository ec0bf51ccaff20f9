"""The final effects of a run, and the differences between two runs of the same input.

Times of processing (scored_at, created_at, updated_at) are left out. Each kind of effect is a mapping
from its id to the values that must be equal.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, SQLModel, col

from schemas.tables import (
    AnomalyRow,
    ChurnAlertRow,
    DeadLetterRow,
    DetectorStateRow,
    DraftRow,
    HealthRow,
    IncidentRow,
    OutboxRow,
    SentimentRow,
)
from streams.churn import SHARED_KEY, SHARED_SCOPE
from streams.holding import SharedState
from streams.kafka.topics import REPLY_DRAFTS, SIGNALS

SCORE_TOLERANCE = 0.001
"""Texts are scored in other batches after a restart, so sums of floats may differ in the last bits."""

EXAMPLES = 5
CLOCK_DEPENDENT = frozenset({"alerts", "incidents", "outreach drafts", "held alerts"})
"""Kinds that depend on the wall time of the run, because churn holds alerts (`streams/churn.py`)."""

Effects = dict[str, dict[str, tuple[Any, ...]]]


def read_effects(engine: Engine) -> Effects:
    """Return every final effect by kind and id."""
    with Session(engine) as session:
        drafts = list(session.scalars(select(DraftRow)))
        return {
            "sentiments": {row.event_id: _sentiment(row) for row in _all(session, SentimentRow)},
            "reply drafts": {row.draft_id: _draft(row) for row in drafts if row.kind == "reply"},
            "anomalies": {
                row.anomaly_id: (row.cause, row.account_id, row.metric, row.detected_at.isoformat())
                for row in _all(session, AnomalyRow)
            },
            "detector states": {
                f"{row.partition}/{row.account_id}": (_digest(row.state),)
                for row in _all(session, DetectorStateRow)
            },
            "dead letters": {
                f"{row.consumer_group}/{row.topic}/{row.partition}/{row.record_offset}": (row.reason,)
                for row in _all(session, DeadLetterRow)
            },
            "published once": _published(session),
            "alerts": {
                row.alert_id: (row.dedup_key, row.account_id, row.cause)
                for row in _all(session, ChurnAlertRow)
            },
            "incidents": {
                row.incident_id: (row.cause, tuple(row.record["account_ids"]))
                for row in _all(session, IncidentRow)
            },
            "outreach drafts": {row.draft_id: _draft(row) for row in drafts if row.kind == "outreach"},
            "held alerts": _held(session),
        }


def _all(session: Session, table: type[SQLModel]) -> Iterable[Any]:
    return session.scalars(select(table))


def _sentiment(row: SentimentRow) -> tuple[Any, ...]:
    return row.label, None if row.score is None else round(row.score, 6), row.abstained


def _draft(row: DraftRow) -> tuple[Any, ...]:
    record = row.record
    cited = tuple(citation["source_id"] for citation in record["citations"])
    return row.state, record["abstained"], row.based_on, _digest(record["body"].encode()), cited


def _published(session: Session) -> dict[str, tuple[Any, ...]]:
    """Return the number of outbox rows of each signal and draft that has more than one."""
    counts: dict[str, int] = {}
    query = select(col(OutboxRow.topic), col(OutboxRow.headers)).where(
        col(OutboxRow.topic).in_([SIGNALS, REPLY_DRAFTS])
    )
    for topic, headers in session.execute(query):
        name = f"{topic}/{dict(headers).get('ce_id')}"
        counts[name] = counts.get(name, 0) + 1
    return {name: (count,) for name, count in counts.items() if count > 1}


def _held(session: Session) -> dict[str, tuple[Any, ...]]:
    row = session.get(HealthRow, (SHARED_SCOPE, SHARED_KEY))
    if row is None or not row.state:
        return {}
    held = SharedState.model_validate(row.state).cause.held
    return {alert.alert_id: (alert.dedup_key, alert.account_id, alert.cause) for alert in held}


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


@dataclass(frozen=True)
class Difference:
    """The differences in one kind of effect; the examples are the first ids of each sort."""

    kind: str
    in_first: int
    in_second: int
    only_first: int = 0
    only_second: int = 0
    changed: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_none(self) -> bool:
        """Whether both runs have the same effects."""
        return not (self.only_first or self.only_second or self.changed)

    @property
    def may_depend_on_the_clock(self) -> bool:
        """Whether this kind depends on the wall time of a run."""
        return self.kind in CLOCK_DEPENDENT


def compare(first: Effects, second: Effects) -> list[Difference]:
    """Return one Difference per kind, in the order of the kinds.

    >>> [found] = compare({"x": {"a": (1,), "b": (2,)}}, {"x": {"a": (3,), "c": (2,)}})
    >>> found.only_first, found.only_second, found.changed, found.is_none
    (1, 1, 1, False)
    """
    return [_difference(kind, first[kind], second[kind]) for kind in first]


def _difference(
    kind: str, first: Mapping[str, tuple[Any, ...]], second: Mapping[str, tuple[Any, ...]]
) -> Difference:
    lost, new = sorted(first.keys() - second.keys()), sorted(second.keys() - first.keys())
    both = sorted(first.keys() & second.keys())
    changed = [key for key in both if not same(first[key], second[key])]
    examples = {
        "only in the first": lost[:EXAMPLES],
        "only in the second": new[:EXAMPLES],
        "changed": [f"{key}: {first[key]} -> {second[key]}"[:400] for key in changed[:EXAMPLES]],
    }
    return Difference(
        kind,
        len(first),
        len(second),
        only_first=len(lost),
        only_second=len(new),
        changed=len(changed),
        examples={name: found for name, found in examples.items() if found},
    )


def same(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    """Tell whether two effects are the same; numbers may differ by SCORE_TOLERANCE.

    >>> same(("negative", -0.4321, None), ("negative", -0.4322, None)), same(("a", 1), ("b", 1))
    (True, False)
    """
    return len(first) == len(second) and all(
        abs(value - other) <= SCORE_TOLERANCE
        if isinstance(value, float) and isinstance(other, float)
        else value == other
        for value, other in zip(first, second, strict=True)
    )
