"""Accounts, sources and search on a real PostgreSQL, and the situation of a draft."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import Engine, create_engine, text, update
from sqlmodel import Session, col, func, select

from responders.chunks.chunk import source_of_chunk
from responders.drafting import Drafter
from responders.generation import Composer
from responders.retrieval import ArticleIndex, Confidence
from responders.store import candidates
from responders.store.candidates import passages_by_words
from responders.store.desk.tickets import linkable_urls
from responders.store.drafts import save_ticket_event
from responders.store.knowledge import SqlKnowledge, save_account, save_sources, situation
from responders.store.signals import save_anomalies, save_incident, save_sentiments
from schemas import Account, KnowledgeArticle, Sentiment
from schemas.tables import AccountRow, ChunkRow, SourceRow, metadata
from tests.responders.support.drafting_samples import (
    ACCOUNT,
    EXPORTS,
    NOW,
    OUTAGE,
    SEATS,
    SOURCES,
    SURGE,
    HashingEmbedder,
    OneByOne,
    asked,
    solved,
    ticket,
)


class CountingEmbedder(HashingEmbedder):
    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.texts += len(texts)
        return super().embed(texts)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def count(session: Session, row: type) -> int:
    return session.exec(select(func.count()).select_from(row)).one()


def test_sources_are_embedded_again_only_when_they_change(engine: Engine) -> None:
    embedder = CountingEmbedder()
    with Session(engine) as session:
        assert save_sources(session, SOURCES, embedder, now=NOW) == len(SOURCES)
        chunks = count(session, ChunkRow)
        embedded = embedder.texts
        assert embedded > 2 * chunks
        assert save_sources(session, SOURCES, embedder, now=NOW) == 0
        assert embedder.texts == embedded

        shorter = EXPORTS.model_copy(update={"body": "## Choose a format\n\nChoose COCO."})
        assert save_sources(session, (shorter, SEATS), embedder, now=NOW) == 1
        kept = session.exec(select(ChunkRow).where(ChunkRow.source_id == "article:exports")).all()
        assert [(row.heading, row.body) for row in kept] == [("Choose a format", "Choose COCO.")]
        assert count(session, SourceRow) == len(SOURCES)


def test_the_store_does_not_commit(engine: Engine) -> None:
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        save_account(session, ACCOUNT, now=NOW)
    with Session(engine) as session:
        assert count(session, ChunkRow) == count(session, AccountRow) == 0


def test_personal_values_of_solved_tickets_are_not_stored(engine: Engine) -> None:
    with Session(engine) as session:
        told = solved("s9", "beta", "I wrote to ada@example.com and set the kiosk rate.")
        save_sources(session, (told, told), HashingEmbedder(), now=NOW)
        row, source = session.exec(select(ChunkRow)).one(), session.exec(select(SourceRow)).one()
        assert "[EMAIL_1]" in row.body
        assert "ada@" not in f"{row.body}{source.record}"


@pytest.mark.parametrize(
    "query",
    [
        "My download link has expired",
        "What does TR-105 mean?",
        "more seats",
        "'; DROP TABLE chunks; -- & | !",
        "",
        "webcam",
    ],
)
def test_search_in_sql_agrees_with_search_in_memory(engine: Engine, query: str) -> None:
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        session.commit()
    memory = ArticleIndex(SOURCES, HashingEmbedder()).search(asked(query), limit=5)
    found = SqlKnowledge(engine).search(asked(query), limit=5)
    assert [passage.chunk for passage in found] == [passage.chunk for passage in memory]
    for name in ("similarity", "nearness", "score"):
        wanted = [getattr(passage, name) for passage in memory]
        assert [getattr(passage, name) for passage in found] == pytest.approx(wanted, abs=1e-5)


FERNWERK = Path(__file__).parents[2] / "evaluation" / "fernwerk"


def lines(name: str) -> list[bytes]:
    return (FERNWERK / name).read_bytes().splitlines()


def test_search_in_sql_agrees_with_search_in_memory_on_a_whole_help_centre(engine: Engine) -> None:
    articles = [KnowledgeArticle.model_validate_json(line) for line in lines("articles.jsonl")]
    questions = [ask["question"] for line in lines("tickets.jsonl")[:40] for ask in json.loads(line)["asks"]]
    memory, embedder = ArticleIndex(articles, HashingEmbedder()), HashingEmbedder()
    with Session(engine) as session:
        save_sources(session, articles, embedder, now=NOW)
        session.commit()
    agreed = 0
    for query in map(asked, questions):
        exact = memory.search(query, limit=5)
        found = SqlKnowledge(engine).search(query, limit=5)
        agreed += exact[0].chunk == found[0].chunk
        assert found[0].score == pytest.approx(exact[0].score, abs=0.02)
        assert Confidence().probability(query, found) == pytest.approx(
            Confidence().probability(query, exact), abs=0.05
        )
    assert agreed >= 0.97 * len(questions)


def test_a_chunk_of_an_older_build_is_found_by_its_own_vector(engine: Engine) -> None:
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        session.execute(update(ChunkRow).values(parts=None, words=None))
        session.commit()
    found = SqlKnowledge(engine).search(asked("more seats"), limit=1)
    assert found[0].chunk.source_id == "macro:seats"


def test_of_many_chunks_the_index_and_the_statistics_find_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        session.commit()
        session.execute(text("ANALYZE chunks"))
        session.commit()
    query = asked("My download link has expired")
    exact = SqlKnowledge(engine).search(query, limit=3)
    monkeypatch.setattr(candidates, "FEW_CHUNKS", 1)
    found = SqlKnowledge(engine).search(query, limit=3)
    assert [passage.chunk.chunk_id for passage in found] == [passage.chunk.chunk_id for passage in exact]


def test_a_draft_is_written_from_stored_knowledge(engine: Engine) -> None:
    asked = ticket("The download link of my export has expired")
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        save_account(session, ACCOUNT, now=NOW)
        save_anomalies(session, [SURGE])
        session.commit()
        known = situation(session, "acme", asked, now=NOW)
    drafter = OneByOne(Drafter(SqlKnowledge(engine), Composer()))
    draft = drafter.draft(asked, known, now=NOW)
    assert draft.state == "ready"
    assert {citation.source_kind for citation in draft.citations} == {"article"}


def test_the_desk_links_the_article_that_a_draft_cites(engine: Engine) -> None:
    asked = ticket("The download link of my export has expired")
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        session.commit()
        known = situation(session, "acme", asked, now=NOW)
        draft = OneByOne(Drafter(SqlKnowledge(engine), Composer())).draft(asked, known, now=NOW)
        assert "article:exports" in {source_of_chunk(citation.source_id) for citation in draft.citations}
        assert linkable_urls(session, draft) == {EXPORTS.url}


def test_the_newest_account_record_replaces_older_records(engine: Engine) -> None:
    with Session(engine) as session:
        save_account(session, ACCOUNT, now=NOW)
        save_account(session, ACCOUNT.model_copy(update={"plan": "Business"}), now=NOW)
        assert situation(session, "acme", None, now=NOW).account == ACCOUNT.model_copy(
            update={"plan": "Business"}
        )


def test_an_unknown_account_has_an_empty_situation(engine: Engine) -> None:
    with Session(engine) as session:
        found = situation(session, "nobody", ticket("Hi", account_id="nobody"), now=NOW)
    assert found.account == Account(account_id="nobody", name="nobody")
    assert (found.anomalies, found.incidents, found.thread, found.mood) == ((), (), (), None)


def test_only_live_anomalies_and_incidents_of_the_account_are_returned(engine: Engine) -> None:
    old = SURGE.model_copy(
        update={"anomaly_id": "old", "detected_at": NOW - timedelta(days=3), "metric": "x"}
    )
    later = SURGE.model_copy(update={"anomaly_id": "later", "detected_at": NOW + timedelta(hours=1)})
    foreign = SURGE.model_copy(update={"anomaly_id": "foreign", "account_id": "beta"})
    first = SURGE.model_copy(update={"anomaly_id": "first", "detected_at": NOW - timedelta(hours=1)})
    with Session(engine) as session:
        save_anomalies(session, [old, later, foreign, first, SURGE])
        save_incident(session, OUTAGE, now=NOW)
        elsewhere = OUTAGE.model_copy(update={"incident_id": "in-2", "account_ids": ("beta",)})
        save_incident(session, elsewhere, now=NOW)
        found = situation(session, "acme", None, now=NOW)
        assert found.anomalies == (SURGE,)
        assert found.incidents == (OUTAGE,)
        assert situation(session, "acme", None, now=NOW, live_hours=0.1).anomalies == ()


def test_the_thread_has_the_earlier_events_in_order_and_the_mood_is_of_the_message(engine: Engine) -> None:
    events = [
        ticket(f"message {n}", event_id=f"ev-{n}", occurred_at=NOW + timedelta(minutes=n)) for n in range(5)
    ]
    foreign = ticket("secret", event_id="ev-x", account_id="beta", occurred_at=NOW)
    sentiment = Sentiment(
        event_id="ev-3",
        ticket_id="t-1",
        account_id="acme",
        label="neutral",
        probabilities=(0.1, 0.8, 0.1),
        score=0.0,
        model="m",
        occurred_at=NOW,
        scored_at=NOW,
    )
    with Session(engine) as session:
        for event in (*reversed(events), foreign):
            save_ticket_event(session, event)
        save_sentiments(session, [sentiment])
        found = situation(session, "acme", events[3], now=NOW)
        assert found.thread == tuple(events[:3])
        assert found.mood == sentiment
        assert situation(session, "acme", events[2], now=NOW).mood is None


def test_only_chunks_of_the_changed_source_are_deleted(engine: Engine) -> None:
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        before = set(session.exec(select(col(ChunkRow.chunk_id))))
        save_sources(session, (EXPORTS.model_copy(update={"body": ""}),), HashingEmbedder(), now=NOW)
        after = set(session.exec(select(col(ChunkRow.chunk_id))))
        assert before - after == {chunk_id for chunk_id in before if chunk_id.startswith("article:exports#")}


@pytest.mark.parametrize(
    "query",
    ["x" * 5_000, "a-" + "b" * 5_000, "{{ 7 * 7 }} %s \\ : & | !", "-----", "مرحبا", "\u200b\x1b[31m\x7f"],
)
def test_a_search_by_words_takes_any_text(engine: Engine, query: str) -> None:
    with Session(engine) as session:
        save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
        assert passages_by_words(session, query) == []
