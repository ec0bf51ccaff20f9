"""Judged drafts: asks, abstentions, routes, courtesies and sources."""

from datetime import UTC, datetime
from typing import Any

from schemas.tickets import Citation, Claim, Draft
from streams.evaluate.draft_report import draft_figures, draft_report
from streams.evaluate.drafts import (
    AskExample,
    TicketAnswer,
    TicketExample,
    answer_of,
    judge_ask,
    judge_ticket,
    judge_tickets,
    outcome_of,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASK = AskExample(
    question="How long?", sources=("exports",), must=(("7 days", "a week"), ("Owner",)), must_not=("14 days",)
)
REPLY = TicketAnswer("answer", "ready", None, "The owner has\n a  WEEK.", ("exports",), "composer")
SILENT = TicketAnswer("abstain", "abstained", "no_source", "", (), "composer")


def draft(**changed: Any) -> Draft:
    fields = {"draft_id": "d", "ticket_id": "t", "account_id": "a", "based_on": "e", "channel": "email"}
    return Draft(**{**fields, "state": "ready", "model": "m", "created_at": NOW, **changed})


def example(expect: str, *asks: AskExample) -> TicketExample:
    return TicketExample.model_validate(
        {"id": f"{expect}", "account_id": "a", "body": "Hi", "expect": expect, "asks": asks}
    )


def test_an_ask_is_answered_whatever_the_capitals_and_blanks() -> None:
    judged = judge_ask(ASK, REPLY)
    assert (judged.is_answered, judged.missing, judged.has_right_source) == (True, (), True)


def test_a_missing_group_is_told() -> None:
    reply = TicketAnswer("answer", "ready", None, "You have 7 days.", ("other",), "composer")
    judged = judge_ask(ASK, reply)
    assert (judged.is_answered, judged.missing, judged.has_right_source) == (False, (("Owner",),), False)


def test_a_text_that_must_not_occur_makes_the_answer_wrong() -> None:
    reply = TicketAnswer("answer", "ready", None, "The Owner has 7 days, not 14 days.", (), "composer")
    assert judge_ask(ASK, reply).forbidden == ("14 days",)
    assert not judge_ask(ASK, reply).is_answered


def test_a_number_is_not_said_by_a_longer_number() -> None:
    ask = AskExample(question="How long?", must=(("9 days",),), must_not=("December 20",))
    longer = TicketAnswer("answer", "ready", None, "Within 29 days, until 24 December 2026.", (), "composer")
    judged = judge_ask(ask, longer)
    assert (judged.missing, judged.forbidden) == ((("9 days",),), ())


def test_without_a_reply_nothing_is_answered() -> None:
    assert not judge_ask(AskExample(question="Anything?"), SILENT).is_answered


def test_a_route_with_a_holding_reply_stays_a_route() -> None:
    assert outcome_of(draft(abstained="needs_a_person: refund", body="We have passed this on.")) == "route"


def test_a_text_with_a_claim_is_an_answer_and_one_without_is_a_courtesy() -> None:
    claim = Claim(text="It takes 7 days.", source_ids=("article:x#0",), supported=True)
    assert outcome_of(draft(body="It takes 7 days.", claims=(claim,))) == "answer"
    assert outcome_of(draft(body="You are welcome!")) == "courtesy"
    assert outcome_of(draft(state="abstained", abstained="no_source")) == "abstain"


def test_sources_are_told_by_the_operators_own_ids_without_account_facts() -> None:
    citations = (
        Citation(source_id="article:exports#2", source_kind="article", title="Exports", quote="q"),
        Citation(source_id="account:a/plan", source_kind="account_fact", title="plan", quote="q"),
    )
    answer = answer_of(draft(body="Text", citations=citations), {"article:exports": "exports"})
    assert answer.sources == ("exports",)


def test_each_expectation_has_its_own_figure() -> None:
    route = TicketAnswer("route", "abstained", "needs_a_person: refund", "", (), "composer")
    pairs = [
        (example("answer", ASK), REPLY),
        (example("partial", ASK, AskExample(question="Unknown?")), SILENT),
        (example("abstain", AskExample(question="Unknown?")), SILENT),
        (example("route"), route),
        (example("courtesy"), SILENT),
    ]
    figures = draft_figures([judge_ticket(*pair) for pair in pairs])
    values = {name: figure.value for name, figure in figures.items()}
    assert values == {
        "asks_fully_answered": 0.5,
        "must_not": 0.0,
        "right_abstentions": 1.0,
        "wrong_abstentions": 0.5,
        "right_routes": 1.0,
        "right_courtesies": 0.0,
        "right_sources": 1.0,
    }
    assert figures["asks_fully_answered"].examples == 2


def test_the_report_has_both_baselines_and_the_figures_by_generator() -> None:
    judged = judge_tickets([example("answer", ASK)], [SILENT])
    told = draft_report(judged, [REPLY]).as_json()
    assert told["asks_fully_answered"]["value"] == 0.0
    assert told["baselines"]["best_passage"]["asks_fully_answered"]["value"] == 1.0
    assert told["baselines"]["always_abstain"]["wrong_abstentions"]["value"] == 1.0
    assert set(told["by_generator"]) == {"composer"}
    assert set(told["by_asks"]) == {"1"}
