"""The drafting group without Kafka: tickets and alerts in, one live draft per ticket, outreach drafts out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from responders.drafting import Drafter
from responders.generation import Composer
from responders.store import knowledge
from responders.store.knowledge import SqlKnowledge
from schemas import ChurnAlert, Draft, Ticket
from streams.drafting import TICKET_WINDOW, DraftingHandler, Models, OutreachHandler
from streams.process.metrics import Metrics
from tests.responders.support.drafting_samples import ACCOUNT, NOW, SOURCES, HashingEmbedder
from tests.streams.support.samples import TOLERANCE, raw_of, rows, work_off

SINCE_START = timedelta(hours=3)
QUESTION = "How do I add more seats for new colleagues to our plan?"


def ticket(number: int, **changes: object) -> Ticket:
    fields = {"event_id": f"e{number}", "ticket_id": "t1", "account_id": "acme", "body": QUESTION}
    return Ticket.model_validate({**fields, "occurred_at": NOW + timedelta(minutes=number), **changes})


def alert(account_id: str = "acme") -> ChurnAlert:
    fields = {
        "alert_id": f"al-{account_id}",
        "dedup_key": f"dk-{account_id}",
        "account_id": account_id,
        "cause": "error_surge",
        "severity": "warning",
        "score": 0.5,
        "sentence": "42 failures in 3 h; 0 to 4 expected",
        "contributions": (),
        "next_action": "look",
        "chart_metric": "errors",
        "started_at": NOW - SINCE_START,
        "detected_at": NOW,
        "due_at": NOW + timedelta(days=1),
        "rule": "r",
    }
    return ChurnAlert.model_validate(fields)


@pytest.fixture
def store(tables: Engine) -> Engine:
    """Tables with one account and the knowledge of the samples."""
    with Session(tables) as session, session.begin():
        knowledge.save_account(session, ACCOUNT, now=NOW)
        knowledge.save_sources(session, SOURCES, HashingEmbedder(), now=NOW)
    return tables


def drafter(engine: Engine) -> Drafter:
    return Drafter(SqlKnowledge(engine), Composer())


def replies(engine: Engine, metrics: Metrics | None = None) -> DraftingHandler:
    models, metrics = Models(LexiconSentiment(), HashingEmbedder()), metrics or Metrics()
    return DraftingHandler(engine, drafter(engine), models, metrics=metrics, tolerance=TOLERANCE)


def outreach(engine: Engine) -> OutreachHandler:
    return OutreachHandler(engine, drafter(engine), HashingEmbedder(), metrics=Metrics())


def drafts(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, "SELECT based_on, state, stale_reason FROM drafts ORDER BY based_on")


def published(engine: Engine) -> list[Draft]:
    found = rows(engine, "SELECT value FROM outbox WHERE topic = 'support.reply-drafts' ORDER BY outbox_id")
    return [Draft.model_validate_json(bytes(value)) for (value,) in found]


def test_a_question_gets_a_draft_with_citations_in_the_queue_and_in_sql(store: Engine) -> None:
    metrics = Metrics()
    work_off(store, replies(store, metrics), [ticket(1)])
    (draft,) = published(store)
    assert (draft.state, draft.ticket_id, draft.account_id, draft.based_on) == ("ready", "t1", "acme", "e1")
    assert draft.citations[0].source_id.startswith("macro:seats")
    assert drafts(store) == [("e1", "ready", None)]
    labels = {"kind": "reply", "outcome": "ready"}
    assert metrics.registry.get_sample_value("rapport_drafts_total", labels) == 1


def test_a_question_nobody_can_answer_gets_an_abstention_that_is_counted_by_its_code(
    store: Engine,
) -> None:
    metrics = Metrics()
    work_off(store, replies(store, metrics), [ticket(1, body="Does the aquarium sing at night?")])
    (draft,) = published(store)
    assert (draft.state, draft.body) == ("abstained", "")
    assert draft.abstained
    series = [
        sample
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "rapport_model_abstentions_total"
    ]
    assert [(sample.labels["model"], sample.value) for sample in series] == [("drafting", 1.0)]
    assert ":" not in series[0].labels["reason"]


def test_a_newer_message_leaves_one_live_draft(store: Engine) -> None:
    handler = replies(store)
    work_off(store, handler, [ticket(1)])
    work_off(store, handler, [ticket(2), ticket(3)])
    assert [(based_on, state) for based_on, state, _ in drafts(store)] == [
        ("e1", "stale"),
        ("e2", "stale"),
        ("e3", "ready"),
    ]


def test_an_older_message_that_comes_late_changes_nothing(store: Engine) -> None:
    handler = replies(store)
    work_off(store, handler, [ticket(5)])
    work_off(store, handler, [ticket(4)])
    assert drafts(store) == [("e4", "stale", "newer_message"), ("e5", "ready", None)]
    assert [draft.based_on for draft in published(store)] == ["e5"]


@pytest.mark.parametrize("kind", ["human_reply", "merged", "closed"])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_an_event_that_settles_a_ticket_makes_its_draft_stale(
    store: Engine, kind: str, together: bool
) -> None:
    handler, end = replies(store), ticket(2, kind=kind, body="")
    for batch in [[ticket(1), end]] if together else [[ticket(1)], [end]]:
        work_off(store, handler, batch)
    ((based_on, state, reason),) = drafts(store)
    assert (based_on, state) == ("e1", "stale")
    assert reason


def test_a_reply_older_than_the_message_leaves_the_draft_alone(store: Engine) -> None:
    handler = replies(store)
    work_off(store, handler, [ticket(5)])
    work_off(store, handler, [ticket(2, kind="human_reply", body="We look into it")])
    assert drafts(store) == [("e5", "ready", None)]


def test_a_forum_post_is_answered_without_a_fact_about_the_account(store: Engine) -> None:
    handler = replies(store)
    work_off(store, handler, [ticket(1), ticket(2, ticket_id="t2", channel="forum")])
    mail, post = published(store)
    assert "Team" in mail.body
    assert "Team" not in post.body
    assert post.facts == ()
    assert all(citation.source_kind != "account_fact" for citation in post.citations)


def test_a_batch_that_was_rolled_back_is_written_again_once(store: Engine) -> None:
    handler = replies(store)
    computed = handler.compute([(0, [ticket(1)])])
    effects: Any = [(ticket(1), computed.outcomes[0][0])]
    with Session(store) as session:
        handler.write(session, effects, computed.extra)
        session.rollback()
    for _ in range(2):
        with Session(store) as session, session.begin():
            handler.write(session, effects, computed.extra)
    assert len(published(store)) == 1
    assert drafts(store) == [("e1", "ready", None)]


def test_an_alert_without_a_ticket_gets_an_outreach_draft(store: Engine) -> None:
    work_off(store, outreach(store), [alert()])
    (draft,) = published(store)
    assert (draft.kind, draft.ticket_id, draft.account_id) == ("outreach", None, "acme")


@pytest.mark.parametrize(
    ("ago", "kind", "drafted"),
    [
        (timedelta(hours=1), "customer_message", 0),
        (SINCE_START + TICKET_WINDOW, "customer_message", 0),
        (SINCE_START + TICKET_WINDOW + timedelta(minutes=1), "customer_message", 1),
        (-timedelta(minutes=1), "customer_message", 1),
        (timedelta(hours=1), "human_reply", 1),
    ],
)
def test_an_account_that_wrote_since_the_trouble_began_gets_its_answer_in_its_ticket(
    store: Engine, ago: timedelta, kind: str, drafted: int
) -> None:
    work_off(store, replies(store), [ticket(1, kind=kind, occurred_at=NOW - ago)])
    work_off(store, outreach(store), [alert()])
    assert sum(draft.kind == "outreach" for draft in published(store)) == drafted


def test_the_ticket_of_another_account_stops_no_outreach(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1, account_id="beta", occurred_at=NOW - timedelta(hours=1))])
    work_off(store, outreach(store), [alert()])
    assert [draft.kind for draft in published(store)][-1] == "outreach"


def test_records_of_both_topics_are_decoded_and_have_their_ids(store: Engine) -> None:
    drafting, other = replies(store), outreach(store)
    assert drafting.decode(raw_of(ticket(1), "acme")) == ticket(1)
    assert other.decode(raw_of(alert(), "acme")) == alert()
    assert drafting.identity(ticket(1))[0] == "e1"
    assert other.identity(alert())[0] == "al-acme"
