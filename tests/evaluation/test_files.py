"""The labelled examples are sound: every line is read, every source and account exists, nothing is twice."""

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from responders.policy.reasons import TEAMS
from responders.understanding.records import MessageKind
from schemas.base import Record
from schemas.knowledge import Account, KnowledgeArticle, Macro, SolvedTicket
from streams.cli.knowledge_files import read_records
from streams.evaluate.asks import MessageExample
from streams.evaluate.drafts import TicketExample
from streams.evaluate.examples import LabelledExample, read_examples
from streams.evaluate.injections import InjectionExample
from streams.evaluate.privacy import PrivacyExample
from streams.evaluate.routes import RouteExample

FOLDER = Path(__file__).parent
COMPANIES = ("fernwerk", "halyard", "marrow", "oakhurst", "tidewell")
RECORDS: dict[str, tuple[type[Record], str]] = {
    "articles": (KnowledgeArticle, "article_id"),
    "macros": (Macro, "macro_id"),
    "solved": (SolvedTicket, "ticket_id"),
    "accounts": (Account, "account_id"),
}


def examples(path: str, kind: type[LabelledExample]) -> list[LabelledExample]:
    with (FOLDER / path).open("rb") as lines:
        found = read_examples(lines, kind)
    assert not found.wrong
    assert [key for key, count in Counter(row.id for row in found.examples).items() if count > 1] == []
    return list(found.examples)


def ids(company: str, name: str) -> set[str]:
    kind, key = RECORDS[name]
    records, wrong = read_records(FOLDER / company / f"{name}.jsonl", kind)
    assert not wrong
    found = [getattr(record, key) for record in records]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("company", COMPANIES)
def test_every_ticket_names_sources_and_an_account_that_exist(company: str) -> None:
    sources = ids(company, "articles") | ids(company, "macros") | ids(company, "solved")
    accounts = ids(company, "accounts")
    tickets = examples(f"{company}/tickets.jsonl", TicketExample)
    assert len(tickets) >= 120
    for ticket in tickets:
        assert isinstance(ticket, TicketExample)
        assert ticket.account_id in accounts
        assert {source for ask in ticket.asks for source in ask.sources} <= sources, ticket.id


def test_there_are_enough_attacks_and_harmless_lookalikes() -> None:
    rows = examples("safety/injection.jsonl", InjectionExample)
    attacks = [row for row in rows if isinstance(row, InjectionExample) and row.attack]
    assert len(attacks) >= 200
    assert len(rows) - len(attacks) >= 40


def test_the_attacks_for_tuning_have_ids_of_their_own() -> None:
    judging = examples("safety/injection.jsonl", InjectionExample)
    tuning = examples("safety/injection_more.jsonl", InjectionExample)
    assert len(tuning) >= 220
    assert not {row.id for row in judging} & {row.id for row in tuning}


@pytest.mark.parametrize("name", ["privacy", "privacy_more"])
def test_every_private_span_lies_inside_its_text(name: str) -> None:
    for row in examples(f"safety/{name}.jsonl", PrivacyExample):
        assert isinstance(row, PrivacyExample)
        for span in row.spans:
            assert row.text[span.start : span.end].strip() == row.text[span.start : span.end] != ""


def test_each_ask_of_a_message_stands_in_its_text_or_subject() -> None:
    rows = [row for row in examples("asks/messages.jsonl", MessageExample) if isinstance(row, MessageExample)]
    assert len(rows) >= 300
    assert {row.kind for row in rows} == set(get_args(MessageKind))
    assert [row.id for row in rows for ask in row.asks if ask not in f"{row.text}\n{row.subject}"] == []


@pytest.mark.parametrize("file", ["r4", "r6"])
def test_every_reason_of_a_judging_message_is_known_and_about_half_have_one(file: str) -> None:
    rows = [row for row in examples(f"routes/{file}.jsonl", RouteExample) if isinstance(row, RouteExample)]
    labelled = [row.route for row in rows if row.route is not None]
    assert set(labelled) <= TEAMS.keys()
    assert 0.4 <= len(labelled) / len(rows) <= 0.6
