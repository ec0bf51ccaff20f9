"""The confidence of a desk at rest, and the trials on the stored knowledge by which it is calibrated."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from responders.retrieval.calibrating import (
    FOREIGN_QUESTIONS,
    CalibrationReport,
    CalibrationTrial,
    similarity_without_name,
    trial,
    withheld,
    without_name,
)
from responders.retrieval.confidence import Confidence
from responders.retrieval.embedding import Embedder
from responders.retrieval.query import Query, query_of
from responders.retrieval.ranking import query_terms, rank
from responders.store.candidates import candidates, unpacked
from responders.store.index_version import INDEX_VERSION
from schemas.tables import CalibrationRow, ChunkRow

logger = logging.getLogger(__name__)

SAMPLED_CHUNKS: Final = 100
"""Chunks whose names are asked for; chosen by the hash of their ids, so that a second run asks the same."""

RANKED: Final = 60
"""Passages of one trial."""

NAME: Final = "retrieval"
"""The name of the one calibration that there is today."""

_INDEX: Final = "index"
"""The key of the version of the index on which a confidence was calibrated."""


def load_confidence(session: Session) -> Confidence:
    """Return the desk's calibrated confidence, or the shipped prior.

    A calibration on an index of another version does not count, and a warning says so.
    """
    columns = col(CalibrationRow.confidence), col(CalibrationRow.figures)
    stored = session.execute(select(*columns).where(col(CalibrationRow.name) == NAME)).first()
    if stored is None:
        return Confidence()
    if stored.figures.get(_INDEX) != INDEX_VERSION.decode():
        logger.warning(
            "the confidence was calibrated on an index of another version and does not count: "
            "run `rapport knowledge calibrate` again"
        )
        return Confidence()
    return Confidence.model_validate(stored.confidence)


def save_confidence(session: Session, report: CalibrationReport, *, now: datetime) -> None:
    """Insert or replace the desk's calibrated confidence."""
    figures = {
        "trials": report.trials,
        "before": report.loss_before,
        "after": report.loss_after,
        _INDEX: INDEX_VERSION.decode(),
    }
    row = {"confidence": report.confidence.to_json(), "figures": figures, "calibrated_at": now}
    statement = insert(CalibrationRow).values({"name": NAME, **row})
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


def forget_confidence(session: Session) -> None:
    """Go back to the shipped prior."""
    row = session.get(CalibrationRow, NAME)
    if row is not None:
        session.delete(row)


def calibration_trials(session: Session, embedder: Embedder) -> list[CalibrationTrial]:
    """Search for the names of stored chunks, with and without their sources, and for foreign questions."""
    sampled = _sampled(session)
    texts = [*(_question(row) for row in sampled), *FOREIGN_QUESTIONS]
    queries = [query_of(text, read) for text, read in zip(texts, embedder.read(texts), strict=True)]
    found: list[CalibrationTrial | None] = []
    for row, query in zip(sampled, queries, strict=False):
        found += _trials_of(session, row, query)
    found += _foreign(session, queries[len(sampled) :])
    return [one for one in found if one is not None]


def _sampled(session: Session) -> Sequence[ChunkRow]:
    named = or_(col(ChunkRow.heading) != "", col(ChunkRow.source_kind) != "article")
    query = select(ChunkRow).where(named, col(ChunkRow.parts).is_not(None))
    rows = session.scalars(query.order_by(func.md5(col(ChunkRow.chunk_id))).limit(SAMPLED_CHUNKS)).all()
    return [row for row in rows if query_terms(_question(row))]


def _question(row: ChunkRow) -> str:
    return row.heading or row.title


def _trials_of(session: Session, row: ChunkRow, query: Query) -> Iterator[CalibrationTrial | None]:
    """Yield the trial with the source, whose chunk has no name, and the trial without the source."""
    found, counts = candidates(session, query)
    passages = rank(query, found, counts, limit=RANKED)
    yield trial("withheld", query, withheld(passages, row.source_id), None)
    near = similarity_without_name(unpacked(row.parts), query.vector)
    own = next((place for place, one in enumerate(found) if one.chunk.chunk_id == row.chunk_id), None)
    if near is None or own is None:
        return
    found[own] = without_name(found[own], near)
    yield trial("answered", query, rank(query, found, counts, limit=RANKED), row.source_id)


def _foreign(session: Session, queries: Sequence[Query]) -> Iterator[CalibrationTrial | None]:
    for query in queries:
        found, counts = candidates(session, query)
        yield trial("foreign", query, rank(query, found, counts, limit=RANKED), None)
