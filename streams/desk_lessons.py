"""What a desk's decisions taught, in the process that drafts: applied to new drafts, and learned again.

One process of the drafting group learns at a time; PostgreSQL's advisory lock says which. It writes the
lessons into one row, and every process takes them from there. The lessons are a function of the newest
decisions, so a restart and several workers give the same drafts, and a decision taken back is forgotten.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session

from detectors.decisions.decided import Decided
from detectors.decisions.learner import Learned, learned_from
from detectors.decisions.proportion import share_of
from responders.chunks.chunk import source_of_chunk
from responders.drafting.lessons import moved
from responders.store import lessons as store
from responders.store.lessons import DecisionMade
from schemas.lessons import Lessons
from schemas.table_lessons import DeskLessonsRow
from streams.process.metrics import Metrics

SHOWN_SOURCES: Final = 50
"""Sources whose figures are kept for the page, those with the most decisions first. Chosen by hand."""


class DeskLessons:
    """The lessons of the desk. Any thread may read `current`; one thread calls `refresh`."""

    def __init__(self, engine: Engine, *, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._current = Lessons()

    @property
    def current(self) -> Lessons:
        """The lessons that new drafts are written with."""
        return self._current

    def refresh(self, *, now: datetime) -> None:
        """Learn again if decisions were made or taken back, unless another process does; take the result."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            row = store.desk_lessons(session)
            since = row.starts_after if row is not None else None
            mark = store.mark_of_decisions(session, since=since)
            if mark != (row.mark if row is not None else _NO_DECISION) and store.may_learn_lessons(session):
                row = self._learned(session, mark, now)
            self._current = store.lessons_of(row)
        if row is not None:
            self._tell(row.figures)

    def _learned(self, session: Session, mark: str, now: datetime) -> DeskLessonsRow:
        """Learn from the newest decisions and write the row; return it."""
        before = store.desk_lessons(session)
        since, last_change = (before.starts_after, before.changed_at) if before is not None else (None, None)
        made = store.decisions_made(session, since=since)
        learned = learned_from([decided_of(decision) for decision in made])
        known = store.lessons_of(before)
        changed = learned.lessons.model_copy(update={"version": known.version}) != known
        row = DeskLessonsRow(
            name=store.NAME,
            lessons=learned.lessons.model_copy(update={"version": known.version + changed}).to_json(),
            figures=figures_of(made, learned),
            mark=mark,
            starts_after=since,
            changed_at=now if changed else last_change,
            updated_at=now,
        )
        store.save_lessons(session, row)
        self._count(known, learned.lessons)
        return row

    def _count(self, known: Lessons, found: Lessons) -> None:
        if known.offset != found.offset:
            self._metrics.desk_lesson_changes.labels("confidence").inc()
        if known.bonuses.keys() != found.bonuses.keys():
            self._metrics.desk_lesson_changes.labels("ranking").inc()

    def _tell(self, figures: dict[str, Any]) -> None:
        if not figures:
            return
        for bound, value in figures["sent_unchanged"].items():
            self._metrics.desk_sent_unchanged.labels(bound).set(value)
        for action in ("sent", "edited", "dismissed"):
            self._metrics.desk_decided_drafts.labels(action).set(figures["actions"].get(action, 0))
        for model in ("shipped", "champion", "challenger"):
            self._metrics.desk_confidence_log_loss.labels(model).set(figures["confidence"][model])
        self._metrics.desk_confidence_offset.set(self._current.offset)


_NO_DECISION: Final = "0"
"""The mark of a desk without decisions."""


def decided_of(made: DecisionMade) -> Decided:
    """Return a decision for the learner; the probability is the one without the offset that was used."""
    sources = dict(zip(map(source_of_chunk, made.cited), made.titles, strict=True))
    return Decided(
        action=made.action,
        probability=moved(made.confidence, -made.offset) if made.is_calibrated else None,
        source_ids=tuple(sources),
        titles=tuple(sources.values()),
        reason=made.reason,
        similarity=made.similarity,
        has_changed_facts=made.changed_facts > 0,
    )


def figures_of(made: Sequence[DecisionMade], learned: Learned) -> dict[str, Any]:
    """Return what a person reads about decisions and lessons, as JSON values."""
    decided = [decided_of(decision) for decision in made]
    edited = [decision for decision in made if decision.action == "edited"]
    actions = Counter(decision.action for decision in made)
    return {
        "decisions": len(made),
        "first_at": made[0].decided_at.isoformat() if made else None,
        "actions": dict(actions),
        "reasons": dict(_reasons(decided)),
        "sent_unchanged": share_of(actions["sent"], len(made))._asdict(),
        "mean_similarity": _mean(decision.similarity or 0.0 for decision in edited),
        "changed_facts": sum(decision.changed_facts > 0 for decision in edited),
        "offset": learned.offset,
        "desk_mean": learned.desk_mean,
        "is_ranked": learned.is_ranked,
        "confidence": asdict(learned.confidence),
        "ranking": asdict(learned.ranking),
        "sources": _sources(decided, learned),
    }


def _reasons(decided: Iterable[Decided]) -> Counter[str]:
    return Counter(one.reason or "other" for one in decided if one.action == "dismissed")


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _sources(decided: Sequence[Decided], learned: Learned) -> list[dict[str, Any]]:
    """Return the figures of the sources with the most decisions: kinds, reasons, what was kept."""
    by_source: dict[str, list[Decided]] = {}
    titles: dict[str, str] = {}
    for one in decided:
        for source_id, title in zip(one.source_ids, one.titles, strict=True):
            by_source.setdefault(source_id, []).append(one)
            titles[source_id] = title
    most = sorted(by_source, key=lambda source_id: (-len(by_source[source_id]), source_id))[:SHOWN_SOURCES]
    return [
        {
            "source_id": source_id,
            "title": titles[source_id],
            "actions": dict(Counter(one.action for one in by_source[source_id])),
            "reasons": dict(_reasons(by_source[source_id])),
            "mean": learned.means[source_id],
            "bonus": learned.lessons.bonuses.get(source_id, 0.0),
        }
        for source_id in most
    ]
