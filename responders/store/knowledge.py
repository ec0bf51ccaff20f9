"""Accounts, sources and chunks at rest, the search over chunks, and the situation of a draft."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import (
    ColumnElement,
    Engine,
    Text,
    any_,
    delete,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import Session, col

from responders.chunks.chunk import KnowledgeChunk, KnowledgeSource, source_id_of
from responders.chunks.cutting import chunks_of
from responders.drafting.situation import Situation
from responders.privacy.heard import PersonalListener
from responders.privacy.pseudonyms import Pseudonyms
from responders.retrieval.chunk_vectors import embed_chunks
from responders.retrieval.embedding import Embedder, EmbeddingArray, PartArray
from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage, rank
from responders.store.candidates import candidates
from responders.store.heads import hold_waiting
from responders.store.index_version import INDEX_VERSION
from schemas.churn import Incident
from schemas.knowledge import Account, SolvedTicket, account_at_rest
from schemas.personal import HeardValues
from schemas.tables import (
    AccountRow,
    AnomalyRow,
    ChunkRow,
    IncidentRow,
    SentimentRow,
    SourceRow,
    TicketEventRow,
)
from schemas.tickets import Sentiment, Ticket
from schemas.usage import Anomaly

THREAD_MESSAGES: Final = 20
"""Earlier events of a ticket that a draft reads at most."""

LIVE_ANOMALIES: Final = 5
"""Anomalies, and as many incidents, that a draft reads at most."""


def save_accounts(session: Session, accounts: Sequence[Account], *, now: datetime) -> None:
    """Insert accounts or replace their records."""
    hold_waiting(session, (account.account_id for account in accounts))
    for account in accounts:
        save_account(session, account, now=now)


def save_account(session: Session, account: Account, *, now: datetime) -> None:
    """Insert an account or replace its record."""
    row = {
        "account_id": account.account_id,
        "name": account.name,
        "record": account.to_json(),
        "updated_at": now,
    }
    statement = insert(AccountRow).values(row)
    changed = {name: statement.excluded[name] for name in ("name", "record", "updated_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=changed))


def save_sources(
    session: Session,
    sources: Sequence[KnowledgeSource],
    embedder: Embedder,
    *,
    now: datetime,
    personal: PersonalListener | None = None,
) -> int:
    """Insert or replace sources; only changed sources are cut and embedded again. Return how many changed.

    Chunks that no longer exist in a changed source are deleted. Personal values in solved tickets are
    replaced by placeholders before they are stored: those that rules find and those that `personal` hears.
    A solved ticket that another version of `personal` heard counts as changed, and so does one of which it
    could tell nothing. If two sources have the same id, the last one counts.
    """
    hashes = content_hashes(sources, personal.version if personal else "")
    known = stored_hashes(session, list(hashes))
    changed = [source_id for source_id in hashes if known.get(source_id) != hashes[source_id]]
    if not changed:
        return 0
    given = {source_id_of(source): source for source in sources}
    heard = _heard([given[own] for own in changed], personal)
    latest = {own: _masked(given[own], heard.get(own)) for own in changed}
    untold = [given[own] for own in changed if personal and own in heard and heard[own] is None]
    unheard = content_hashes(untold, "")
    chunks = [chunk for source_id in changed for chunk in chunks_of(latest[source_id])]
    vectors = embed_chunks(chunks, embedder)
    session.execute(delete(ChunkRow).where(among(col(ChunkRow.source_id), changed)))
    for source_id in changed:
        _save_source(session, source_id, latest[source_id], (hashes | unheard)[source_id], now=now)
    if chunks:
        stored = zip(chunks, vectors.whole, vectors.parts, vectors.words, strict=True)
        rows = [_chunk_values(chunk, vector, parts, words) for chunk, vector, parts, words in stored]
        session.execute(insert(ChunkRow), rows)
    return len(changed)


def with_stored_times(
    session: Session, sources: Sequence[KnowledgeSource], *, unknown: datetime
) -> list[KnowledgeSource]:
    """Return the sources; if only the time differs and is `unknown`, the source has its stored time.

    Otherwise a file without times would count as changed whenever it is written.
    """
    timeless = [source_id_of(source) for source in sources if getattr(source, "updated_at", None) == unknown]
    query = select(col(SourceRow.source_id), col(SourceRow.record))
    found = session.execute(query.where(among(col(SourceRow.source_id), timeless)))
    stored = {source_id: record for source_id, record in found}  # noqa: C416 - rows are no pairs for mypy
    return [_with_stored_time(source, stored.get(source_id_of(source))) for source in sources]


def _with_stored_time(source: KnowledgeSource, stored: dict[str, Any] | None) -> KnowledgeSource:
    time = {} if stored is None else {"updated_at": stored.get("updated_at")}
    return type(source).model_validate(stored) if {**source.to_json(), **time} == stored else source


def content_hashes(sources: Sequence[KnowledgeSource], personal: str) -> dict[str, bytes]:
    """Return the hash of each source as rules mask it, by source id; the last of equal ids counts.

    `personal` is the version of the model that hears personal values in solved tickets, "" for none: their
    hashes follow it, and can be told without running the model.
    """
    return {source_id_of(source): _content_hash(_masked(source), personal) for source in sources}


def stored_hashes(session: Session, source_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the hashes of the stored sources, by source id."""
    query = select(col(SourceRow.source_id), col(SourceRow.content_hash))
    found = session.execute(query.where(among(col(SourceRow.source_id), source_ids)))
    return {source_id: bytes(content_hash) for source_id, content_hash in found}


def among(column: Any, texts: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a column equals one of many texts, which are one array parameter."""
    return cast(ColumnElement[bool], column == any_(literal(list(texts), ARRAY(Text))))


def _heard(
    sources: Sequence[KnowledgeSource], personal: PersonalListener | None
) -> dict[str, HeardValues | None]:
    """Return what is heard in each solved ticket by id, in question and answer together; None for nothing."""
    solved = {source_id_of(source): source for source in sources if isinstance(source, SolvedTicket)}
    texts = [f"{source.question}\n{source.answer}" for source in solved.values()]
    values = personal.values_in(texts) if personal and texts else [None] * len(texts)
    return dict(zip(solved, values, strict=True))


def _masked(source: KnowledgeSource, heard: HeardValues | None = None) -> KnowledgeSource:
    if not isinstance(source, SolvedTicket):
        return source
    pseudonyms = Pseudonyms(heard=heard)
    masked = {"question": pseudonyms.mask(source.question), "answer": pseudonyms.mask(source.answer)}
    return source.model_copy(update=masked)


def _content_hash(source: KnowledgeSource, personal: str) -> bytes:
    heard_by = personal.encode() if isinstance(source, SolvedTicket) else b""
    return hashlib.sha256(INDEX_VERSION + heard_by + source.to_bytes()).digest()


def _save_source(
    session: Session, source_id: str, source: KnowledgeSource, content_hash: bytes, *, now: datetime
) -> None:
    statement = insert(SourceRow).values(
        source_id=source_id,
        source_kind=source_id.partition(":")[0],
        content_hash=content_hash,
        record=source.to_json(),
        updated_at=now,
    )
    changed = {name: statement.excluded[name] for name in ("content_hash", "record", "updated_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["source_id"], set_=changed))


def _chunk_values(
    chunk: KnowledgeChunk, vector: EmbeddingArray, parts: PartArray, words: PartArray
) -> dict[str, Any]:
    named = chunk.model_dump(exclude={"schema_version", "account_id", "tags"})
    return {
        **named,
        "tags": list(chunk.tags),
        "embedding": vector,
        "parts": parts.tobytes(),
        "words": words.tobytes(),
    }


class SqlKnowledge:
    """Search over the stored chunks: pgvector and full-text search find them, `rank` orders them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Return at most `limit` passages for a masked query, best first."""
        with Session(self._engine) as session:
            found, counts = candidates(session, query)
        return rank(query, found, counts, limit=limit)


def situation(
    session: Session, account_id: str, ticket: Ticket | None, *, now: datetime, live_hours: float = 24.0
) -> Situation:
    """Return the known facts of an account at event time `now`, and the ticket's earlier messages.

    Anomalies and open incidents are live if they were detected in the `live_hours` before `now`. The newest
    anomaly of each cause and metric counts; at most LIVE_ANOMALIES are returned, newest first. Without a
    ticket there is no thread and no mood.
    """
    account = session.scalars(
        select(col(AccountRow.record)).where(col(AccountRow.account_id) == account_id)
    ).first()
    return Situation(
        account=account_at_rest(account_id, account),
        anomalies=_live_anomalies(session, account_id, now=now, live_hours=live_hours),
        incidents=_live_incidents(session, account_id, now=now, live_hours=live_hours),
        thread=_thread(session, ticket) if ticket else (),
        mood=_mood(session, ticket) if ticket else None,
    )


def _live_anomalies(
    session: Session, account_id: str, *, now: datetime, live_hours: float
) -> tuple[Anomaly, ...]:
    detected = col(AnomalyRow.detected_at)
    query = (
        select(col(AnomalyRow.record))
        .where(col(AnomalyRow.account_id) == account_id, detected <= now)
        .where(detected >= now - timedelta(hours=live_hours))
        .order_by(detected.desc(), col(AnomalyRow.anomaly_id))
        .limit(50)
    )
    newest: dict[tuple[str, str], Anomaly] = {}
    for record in session.scalars(query):
        anomaly = Anomaly.model_validate(record)
        newest.setdefault((anomaly.cause, anomaly.metric), anomaly)
    return tuple(newest.values())[:LIVE_ANOMALIES]


def _live_incidents(
    session: Session, account_id: str, *, now: datetime, live_hours: float
) -> tuple[Incident, ...]:
    detected = col(IncidentRow.detected_at)
    query = (
        select(col(IncidentRow.record))
        .where(col(IncidentRow.state) == "open", detected <= now)
        .where(detected >= now - timedelta(hours=live_hours))
        .where(col(IncidentRow.record)["account_ids"].contains([account_id]))
        .order_by(detected.desc(), col(IncidentRow.incident_id))
        .limit(LIVE_ANOMALIES)
    )
    return tuple(Incident.model_validate(record) for record in session.scalars(query))


def _thread(session: Session, ticket: Ticket) -> tuple[Ticket, ...]:
    at, event_id = col(TicketEventRow.occurred_at), col(TicketEventRow.event_id)
    earlier = or_(at < ticket.occurred_at, (at == ticket.occurred_at) & (event_id < ticket.event_id))
    query = (
        select(col(TicketEventRow.record))
        .where(col(TicketEventRow.ticket_id) == ticket.ticket_id)
        .where(col(TicketEventRow.account_id) == ticket.account_id, earlier)
        .order_by(at.desc(), event_id.desc())
        .limit(THREAD_MESSAGES)
    )
    newest_first = [Ticket.model_validate(record) for record in session.scalars(query)]
    return tuple(reversed(newest_first))


def _mood(session: Session, ticket: Ticket) -> Sentiment | None:
    query = select(col(SentimentRow.record)).where(col(SentimentRow.event_id) == ticket.event_id)
    record = session.scalars(query).first()
    return Sentiment.model_validate(record) if record else None
