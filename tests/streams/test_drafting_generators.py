"""The drafting group with a language model on a real server that is slow, fails or writes garbage."""

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from responders.drafting import Drafter
from responders.store import knowledge
from responders.store.knowledge import SqlKnowledge
from schemas import Draft
from streams.cli.composition.generators import generator_of
from streams.drafting import DraftingHandler, Models
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from tests.responders.support.drafting_samples import ACCOUNT, NOW, SOURCES, HashingEmbedder
from tests.responders.support.scripted_model import answers
from tests.streams.support.language_server import LanguageServer, Response, completion, language_server
from tests.streams.support.samples import TOLERANCE
from tests.streams.test_drafting_handler import ticket

TICKETS = 9
SECONDS = 2.0


@pytest.fixture
def server() -> Iterator[LanguageServer]:
    with language_server() as found:
        yield found


@pytest.fixture
def store(tables: Engine) -> Engine:
    """Tables with one account and the knowledge of the samples."""
    with Session(tables) as session, session.begin():
        knowledge.save_account(session, ACCOUNT, now=NOW)
        knowledge.save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
    return tables


class Group:
    """The handler as the service builds it for this server, and its metrics."""

    def __init__(self, engine: Engine, server: LanguageServer, **settings: object) -> None:
        given = {"generator": "server", "generator_url": server.url, "generator_model": "m"}
        self.metrics = Metrics()
        chosen = Settings.model_validate({**given, "generator_seconds": SECONDS, **settings})
        drafter = Drafter(SqlKnowledge(engine), generator_of(chosen, self.metrics))
        models = Models(LexiconSentiment(), HashingEmbedder(), drafts_at_once=4)
        self._handler = DraftingHandler(engine, drafter, models, metrics=self.metrics, tolerance=TOLERANCE)

    def drafts(self) -> list[Draft]:
        tickets = [ticket(number, ticket_id=f"t{number}") for number in range(1, TICKETS + 1)]
        (outcomes,) = self._handler.compute([(0, tickets)]).outcomes
        drafts = [outcome for outcome in outcomes if isinstance(outcome, Draft)]
        assert [draft.based_on for draft in drafts] == [f"e{n}" for n in range(1, TICKETS + 1)]
        return drafts

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"generator": "server", **labels}) or 0.0


FAULTS: dict[str, tuple[Callable[[], Response], str]] = {
    "slow": (lambda: Response(body=completion("late").body, wait=30.0), "timeout"),
    "failing": (lambda: Response(500, b"{}"), "server_error"),
    "garbage": (lambda: completion("I am sorry, as a language model I {{{"), "malformed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_model_delays_drafts_by_its_time_at_most_and_the_composer_writes_them(
    store: Engine, server: LanguageServer, fault: str
) -> None:
    response, reason = FAULTS[fault]
    server.behaviour = lambda _: response()
    group = Group(store, server)
    started = time.monotonic()
    drafts = group.drafts()
    seconds = time.monotonic() - started
    assert {draft.state for draft in drafts} == {"ready"}
    authors = {draft.model for draft in drafts}
    assert all(author.startswith("composer-2 (instead of m by server") for author in authors)
    counted = "requests" if fault != "garbage" else "answers"
    assert group.value(f"rapport_generator_{counted}_total", outcome=reason) > 0
    rounds = -(-TICKETS // 4)
    assert seconds < rounds * SECONDS + 30.0
    assert group.value("rapport_generator_answers_total", outcome="written") == 0
    if fault != "garbage":
        assert group.value("rapport_generator_paused") == 1
        again = time.monotonic()
        group.drafts()
        assert time.monotonic() - again < 30.0
        assert group.value("rapport_generator_requests_total", outcome="breaker_open") >= TICKETS


def test_a_model_that_works_writes_drafts_side_by_side_with_claims_that_are_checked(
    store: Engine, server: LanguageServer
) -> None:
    server.behaviour = lambda _: completion(answers([("Open Settings and choose Seats.", ["S1"])]))
    group = Group(store, server, generator_seconds=60.0)
    drafts = group.drafts()
    assert {draft.state for draft in drafts} == {"ready"}
    written = [
        draft for draft in drafts if draft.model.startswith("m by server, temperature 0, prompt 1, seed")
    ]
    refused = group.value("rapport_generator_answers_total", outcome="unsupported")
    assert len(written) + refused == TICKETS
    assert all(claim.source_ids for draft in drafts for claim in draft.claims)


def test_a_share_of_nothing_asks_no_server(store: Engine, server: LanguageServer) -> None:
    drafts = Group(store, server, generator_share=0.0).drafts()
    assert {draft.model for draft in drafts} == {"composer-2"}
    assert not server.asked


def test_in_shadow_the_composer_is_shown_and_the_model_counted(store: Engine, server: LanguageServer) -> None:
    server.behaviour = lambda _: completion("nonsense")
    group = Group(store, server, generator_shadow=True)
    assert {draft.model for draft in group.drafts()} == {"composer-2"}
    assert group.value("rapport_generator_shadow_drafts_total", outcome="fell_back") == TICKETS
