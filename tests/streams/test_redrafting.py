"""Replies whose source changed: retired with the change, requested by the outbox, drafted again."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from responders.store import knowledge
from responders.store.outdated import retire_outdated
from responders.store.withdrawal import withdraw_sources
from schemas.redrafts import Redraft
from schemas.tickets import Draft
from streams.cli.zero_series import RETIREMENTS
from streams.consume.handler import InvalidRecord
from streams.drafting import MOST_ATTEMPTS, Models, ReplyWriter, publish
from streams.process.metrics import Metrics
from streams.redraft_requests import request_redrafts
from streams.redrafting import REDRAFT, RedraftHandler, what_changed, written_again
from tests.responders.support.drafting_samples import NOW, SEATS, HashingEmbedder
from tests.streams.support.samples import Raw, raw_of, rows, work_off
from tests.streams.test_drafting_handler import drafter, drafts, published, replies, retired, store, ticket

__all__ = ["store"]

OTHER_STEPS = SEATS.model_copy(
    update={"body": SEATS.body.replace("Settings > Billing", "Account > Plan"), "updated_at": NOW}
)


def redrafting(engine: Engine, metrics: Metrics | None = None) -> RedraftHandler:
    metrics = metrics or Metrics()
    models = Models(LexiconSentiment(), HashingEmbedder())
    writer = ReplyWriter(engine, drafter(engine), models, metrics)
    return RedraftHandler(engine, writer, metrics=metrics)


def requested(engine: Engine) -> list[Redraft]:
    found = rows(engine, "SELECT value FROM outbox WHERE topic = 'rapport.redrafts' ORDER BY outbox_id")
    return [REDRAFT.validate_json(bytes(value)) for (value,) in found]


def change_macro(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        knowledge.save_sources(session, [OTHER_STEPS], HashingEmbedder(), now=NOW)
        request_redrafts(session, retire_outdated(session, ["macro:seats"], now=NOW), now=NOW)


def withdraw_macro(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        _, redrafts = withdraw_sources(session, ["macro:seats"], now=NOW)
        request_redrafts(session, redrafts, now=NOW)


def test_a_changed_macro_gives_a_draft_with_the_new_steps_that_says_what_changed(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1)])
    change_macro(store)
    assert drafts(store) == [("e1", "stale", "source changed")]
    metrics = Metrics()
    work_off(store, redrafting(store, metrics), requested(store))
    first, second = published(store)
    assert "Settings > Billing" in first.body
    assert "Account > Plan" in second.body
    assert first.draft_id != second.draft_id
    assert second.again == "Drafted again: the macro “Add seats to the plan” changed."
    assert (first.again, second.based_on, second.state) == (None, "e1", "ready")
    assert retired(metrics) == {"source_changed": 1.0}
    assert "source_changed" in RETIREMENTS


def test_a_withdrawn_macro_gives_another_draft_or_a_reason_why_there_is_none(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1)])
    withdraw_macro(store)
    metrics = Metrics()
    work_off(store, redrafting(store, metrics), requested(store))
    again = published(store)[-1]
    assert all(not citation.source_id.startswith("macro:seats") for citation in again.citations)
    assert again.state == "ready" or again.abstained
    assert again.again == "Drafted again: the macro “Add seats to the plan” was withdrawn."
    assert retired(metrics) == {"source_withdrawn": 1.0}


def test_nothing_is_requested_without_a_commit(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1)])
    with Session(store) as session:
        _, redrafts = withdraw_sources(session, ["macro:seats"], now=NOW)
        request_redrafts(session, redrafts, now=NOW)
    assert (requested(store), drafts(store)) == ([], [("e1", "ready", None)])


@pytest.mark.parametrize("kind", ["human_reply", "closed", "customer_message"])
def test_a_ticket_that_moved_on_is_not_drafted_again_for_the_old_message(store: Engine, kind: str) -> None:
    work_off(store, replies(store), [ticket(1)])
    change_macro(store)
    work_off(store, replies(store), [ticket(2, kind=kind, body="Thank you, done.")])
    before = len(published(store))
    work_off(store, redrafting(store), requested(store))
    assert len(published(store)) == before
    assert ("e1", "stale", "source changed") in drafts(store)


def test_an_erased_message_is_not_drafted_again(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1)])
    change_macro(store)
    with store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ticket_events")
    work_off(store, redrafting(store), requested(store))
    assert len(published(store)) == 1


def test_a_draft_whose_source_changed_while_it_was_written_is_drafted_again(store: Engine) -> None:
    handler = replies(store)
    computed = handler.compute([(0, [ticket(1)])])
    change_macro(store)
    effects: Any = [(ticket(1), computed.outcomes[0][0])]
    with Session(store) as session, session.begin():
        handler.write(session, effects, None)
    handler.committed(effects, None)
    assert (published(store), drafts(store)) == ([], [("e1", "stale", "source changed")])
    work_off(store, redrafting(store), requested(store))
    (draft,) = published(store)
    assert "Account > Plan" in draft.body


def test_a_source_that_changes_all_the_time_leaves_the_ticket_with_a_draft(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1)])
    (draft,) = published(store)
    change_macro(store)
    for attempt in range(1, MOST_ATTEMPTS + 2):
        with Session(store) as session, session.begin():
            again = draft.model_copy(update={"draft_id": f"d-{attempt}"})
            assert publish(session, again, attempt=attempt)
    assert [redraft.attempt for redraft in requested(store)] == [1, *range(1, MOST_ATTEMPTS + 1)]
    assert published(store)[-1].draft_id == f"d-{MOST_ATTEMPTS + 1}"


def test_a_request_written_again_changes_nothing(store: Engine) -> None:
    work_off(store, replies(store), [ticket(1)])
    change_macro(store)
    for _ in range(2):
        work_off(store, redrafting(store), requested(store))
    assert len(published(store)) == 2


def request(**changes: object) -> Redraft:
    fields = {"redraft_id": "r", "draft_id": "d", "ticket_id": "t1", "account_id": "acme", "based_on": "e1"}
    told = {"reason": "source_changed", "source_kind": "article", "title": "Seats", "requested_at": NOW}
    return Redraft.model_validate({**fields, **told, **changes})


def test_a_request_under_another_key_or_from_the_future_is_refused(store: Engine) -> None:
    handler = redrafting(store)
    assert handler.decode(raw_of(request(), "acme")) == request()
    with pytest.raises(InvalidRecord):
        handler.decode(raw_of(request(), "beta"))
    with pytest.raises(InvalidRecord):
        handler.decode(raw_of(request(requested_at="2199-01-01T00:00:00Z"), "acme"))
    with pytest.raises(InvalidRecord):
        handler.decode(Raw(b"acme", b"{}"))


@given(st.text(min_size=1, max_size=300))
def test_the_line_fits_into_a_draft_whatever_the_title(title: str) -> None:
    redraft = request(title=title)
    draft = Draft(
        draft_id="d",
        ticket_id="t1",
        account_id="acme",
        based_on="e1",
        channel="web",
        state="ready",
        model="m",
        created_at=NOW + timedelta(hours=1),
    )
    again = written_again(draft, redraft)
    assert again is not None
    assert Draft.model_validate_json(again.to_bytes()).again == what_changed(redraft)
