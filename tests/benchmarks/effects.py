"""The final effects of a run, and what differs between two runs of the same input.

Times of processing (scored_at, created_at, updated_at) are left out. Each kind of effect is a mapping
from its id to what must be equal.
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
from streams.churn import SHARED_KEY, SHARED_SCOPE, SharedState
from streams.kafka.topics import REPLY_DRAFTS, SIGNALS

SCORE_TOLERANCE = 0.001
"""Texts are scored in other batches after a restart, so that sums of floats may differ in the last bits."""

EXAMPLES = 5
CLOCK_DEPENDENT = frozenset({"alerts", "incidents", "outreach drafts", "held alerts"})
"""Kinds in which the wall time of the run has a say, by the hold of churn (`streams/churn.py`)."""

Effects = dict[str, dict[str, tuple[Any, ...]]]


def read_effects(engine: Engine) -> Effects:
    """Return every final effect by kind and id."""
    with Session(engine) as session:
        drafts = list(session.scalars(select(DraftRow)))
        return {
            "sentiments": {one.event_id: _sentiment(one) for one in _all(session, SentimentRow)},
            "reply drafts": {one.draft_id: _draft(one) for one in drafts if one.kind == "reply"},
            "anomalies": {
                one.anomaly_id: (one.cause, one.account_id, one.metric, one.detected_at.isoformat())
                for one in _all(session, AnomalyRow)
            },
            "detector states": {
                f"{one.partition}/{one.account_id}": (_digest(one.state),)
                for one in _all(session, DetectorStateRow)
            },
            "dead letters": {
                f"{one.consumer_group}/{one.topic}/{one.partition}/{one.record_offset}": (one.reason,)
                for one in _all(session, DeadLetterRow)
            },
            "published once": _published(session),
            "alerts": {
                one.alert_id: (one.dedup_key, one.account_id, one.cause)
                for one in _all(session, ChurnAlertRow)
            },
            "incidents": {
                one.incident_id: (one.cause, tuple(one.record["account_ids"]))
                for one in _all(session, IncidentRow)
            },
            "outreach drafts": {one.draft_id: _draft(one) for one in drafts if one.kind == "outreach"},
            "held alerts": _held(session),
        }


def _all(session: Session, table: type[SQLModel]) -> Iterable[Any]:
    return session.scalars(select(table))


def _sentiment(row: SentimentRow) -> tuple[Any, ...]:
    return row.label, None if row.score is None else round(row.score, 6), row.abstained


def _draft(row: DraftRow) -> tuple[Any, ...]:
    record = row.record
    cited = tuple(one["source_id"] for one in record["citations"])
    return row.state, record["abstained"], row.based_on, _digest(record["body"].encode()), cited


def _published(session: Session) -> dict[str, tuple[Any, ...]]:
    """Return how many outbox rows each signal and draft has: one, or it was enqueued twice."""
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
    return {one.alert_id: (one.dedup_key, one.account_id, one.cause) for one in held}


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


@dataclass(frozen=True)
class Difference:
    """What differs in one kind of effect; the examples are the first ids of each sort."""

    kind: str
    in_first: int
    in_second: int
    only_first: int = 0
    only_second: int = 0
    changed: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_none(self) -> bool:
        """Whether both runs have the same."""
        return not (self.only_first or self.only_second or self.changed)

    @property
    def may_depend_on_the_clock(self) -> bool:
        """Whether the wall time of a run has a say in this kind."""
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
        abs(one - other) <= SCORE_TOLERANCE
        if isinstance(one, float) and isinstance(other, float)
        else one == other
        for one, other in zip(first, second, strict=True)
    )
