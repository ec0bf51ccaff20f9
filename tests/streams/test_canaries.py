"""A secret in every free-text field of what customers send stays where the message itself is kept."""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from prometheus_client import generate_latest
from rich.console import Console
from sqlalchemy import Engine
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from responders.drafting import Drafter
from responders.store import knowledge, letters
from responders.store.knowledge import SqlKnowledge
from schemas import SolvedTicket, Ticket, UsageEvent
from streams.cli.letter_views import letter_summary, letters_table
from streams.consume import InvalidRecord
from streams.drafting import DraftingHandler, Models
from streams.process.metrics import Metrics
from streams.sentiment import SentimentHandler
from streams.usage.handler import UsageHandler
from tests.responders.support.drafting_samples import ACCOUNT, NOW, SOURCES, HashingEmbedder
from tests.responders.support.scripted_model import ScriptedModel, answers, generator
from tests.streams.support.letter_samples import letter
from tests.streams.support.samples import TOLERANCE, Raw, rows, work_off

QUESTION: Final = "How do I add more seats for new colleagues to our plan?"
SUBJECT: Final = {"a password": "Quartz!Heron-41", "a phone number": "+44 7700 900733"}
BODY: Final = {
    "an e-mail address": "wilma.canary@harbour.example",
    "an IBAN": "GB33BUKB20201555555555",
    "a key in a log": "kz4_9vQmT2xLw8RbN0yJc6Hd",
    "a name": "Ottoline Brackenbury",
    "an address": "14 Lanternfish Row, Grimsby DN31 2QQ",
    "a birth date": "17.11.1983",
    "a card": "4000056655665556",
}
NAME: Final = {"a surname": "Zarneckova"}
MAIL: Final = {"a mailbox": "zq.canary@harbour.example"}
REPLY: Final = {"a code in our reply": "773911", "a phone in our reply": "+49 151 23456780"}
OLD: Final = {
    "a password in an old question": "Violet?Mango77",
    "a name in an old question": "Leopold Quastenbeck",
    "an e-mail in an old answer": "old.canary@harbour.example",
}
CANARIES: Final[Mapping[str, str]] = {**SUBJECT, **BODY, **NAME, **MAIL, **REPLY, **OLD}

MESSAGE: Final = f"""Hello,

{QUESTION} My colleague {BODY["a name"]} ({BODY["an e-mail address"]}) needs one.
She lives at {BODY["an address"]} and was born on {BODY["a birth date"]}.
Please take it from {BODY["an IBAN"]} or from card {BODY["a card"]}.
The log says api_key={BODY["a key in a log"]} status=401.

Kind regards
Nadia {NAME["a surname"]}"""


def ticket(number: int, **changes: object) -> Ticket:
    fields = {
        "event_id": f"e{number}",
        "ticket_id": "t1",
        "account_id": "acme",
        "subject": f"Seats, password is {SUBJECT['a password']}, call {SUBJECT['a phone number']}",
        "body": MESSAGE,
        "requester_name": f"Nadia {NAME['a surname']}",
        "requester_email": MAIL["a mailbox"],
        "occurred_at": NOW + timedelta(minutes=number),
    }
    return Ticket.model_validate({**fields, **changes})


OUR_REPLY = f"Your code is {REPLY['a code in our reply']}. Call me on {REPLY['a phone in our reply']}."
EVENTS = (
    ticket(1),
    ticket(2, kind="human_reply", body=OUR_REPLY),
    ticket(3, body=f"Thanks. And again: {MESSAGE}"),
    ticket(4, ticket_id="t2", channel="forum"),
    ticket(5, ticket_id="t3", subject=f"Re: {QUESTION}", body="Does the aquarium sing at night?"),
)
SOLVED = SolvedTicket(
    ticket_id="old-1",
    account_id="acme",
    question=f"My password is {OLD['a password in an old question']}. How do I add seats?\n\nThanks\n"
    f"{OLD['a name in an old question']}",
    answer=f"Open Settings and choose Seats. Write to {OLD['an e-mail in an old answer']} if it fails.",
    solved_at=NOW - timedelta(days=30),
)


class Service:
    """The handlers of the text groups over one database, and all that they tell the outside."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.metrics = engine, Metrics()
        self.model = ScriptedModel(answers([("Open Settings and choose Seats.", ["S1"])]))
        drafter = Drafter(SqlKnowledge(engine), generator(self.model))
        models = Models(LexiconSentiment(), HashingEmbedder())
        self.drafting = DraftingHandler(engine, drafter, models, metrics=self.metrics, tolerance=TOLERANCE)
        self.scoring = SentimentHandler(
            LexiconSentiment(), metrics=self.metrics, max_tokens=4_096, tolerance=TOLERANCE
        )
        self.counting = UsageHandler(metrics=self.metrics, tolerance=TOLERANCE)

    def run(self) -> None:
        with Session(self.engine) as session, session.begin():
            knowledge.save_account(session, ACCOUNT, now=NOW)
            knowledge.save_sources(session, [*SOURCES, SOLVED], HashingEmbedder(), now=NOW)
        for event in EVENTS:
            work_off(self.engine, self.drafting, [event])
            work_off(self.engine, self.scoring, [event])

    def told(self) -> dict[str, str]:
        """Return what each place outside the stored messages says."""
        return {
            "metrics": generate_latest(self.metrics.registry).decode(),
            "prompts": "\n".join(repr(prompt) for prompt in self.model.asked),
            "index": repr(rows(self.engine, "SELECT * FROM chunks")),
            "outbox": repr(rows(self.engine, "SELECT convert_from(value, 'UTF8'), headers, key FROM outbox")),
        }


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that anything logs, to the last detail."""
    found = io.StringIO()
    handler, root = logging.StreamHandler(found), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(handler)
    root.setLevel(level)


def leaks(told: Mapping[str, str], canaries: Mapping[str, str]) -> list[str]:
    return [
        f"{field} in {place}"
        for place, text in told.items()
        for field, canary in canaries.items()
        if canary in text
    ]


def test_no_value_of_a_ticket_reaches_a_log_a_metric_a_prompt_the_index_or_the_outbox(
    tables: Engine, log: io.StringIO
) -> None:
    service = Service(tables)
    service.run()
    told = service.told()
    assert "Nadia" in told["outbox"]
    assert service.model.asked
    assert "Seats" in told["index"]
    assert leaks({**told, "log": log.getvalue()}, CANARIES) == []


USAGE: Final[Mapping[str, Any]] = {
    "event_id": "u1",
    "account_id": "acme",
    "kind": "task.labelled",
    "occurred_at": "2026-03-03T12:00:00Z",
    "quantity": 2.0,
}
CANARY: Final = "canary 7f3a@harbour.example\x07"
"""No id, kind, time or number; the decoders refuse it in most fields."""


def refused(service: Service) -> Iterator[tuple[str, bytes, InvalidRecord]]:
    """Yield each field, the record with the canary in it, and what the decoder said against it."""
    kinds: tuple[tuple[Any, Mapping[str, Any]], ...] = (
        (service.counting, USAGE),
        (service.scoring, EVENTS[0].model_dump(mode="json")),
        (service.drafting, EVENTS[0].model_dump(mode="json")),
    )
    for handler, fields in kinds:
        for name in (*fields, "an unknown field"):
            value = json.dumps({**fields, name: CANARY, "occurred_at": CANARY}).encode()
            for broken in (value, value[:-1]):
                with pytest.raises(InvalidRecord) as raised:
                    handler.decode(Raw(b"acme", broken))
                yield name, broken, raised.value


def test_no_value_of_a_refused_record_is_listed_logged_or_counted(tables: Engine, log: io.StringIO) -> None:
    service = Service(tables)
    buried = [
        letter("t", number, value=value, reason=invalid.reason, error=invalid.error, letter_id=f"l{number}")
        for number, (_, value, invalid) in enumerate(refused(service))
    ]
    assert len(buried) > len(USAGE)
    with Session(tables) as session, session.begin():
        letters.save_letters(session, buried)
    shown = io.StringIO()
    with Session(tables) as session:
        listed = list(letters.list_letters(session, limit=len(buried)))
        Console(file=shown, width=240).print(letters_table(listed))
        summaries = repr([letter_summary(row) for row in listed])
    assert len(listed) == len(buried)
    told = {"list": shown.getvalue(), "summaries": summaries, "log": log.getvalue(), **service.told()}
    assert [place for place, text in told.items() if "7f3a" in text] == []


def test_a_usage_event_reaches_the_database_and_nothing_that_is_read_by_others(
    tables: Engine, log: io.StringIO
) -> None:
    service = Service(tables)
    event = UsageEvent(
        event_id="canary-7f3a",
        account_id="acme",
        kind="canary-7f3b",
        occurred_at=NOW,
        quantity=2.0,
    )
    with Session(tables) as session:
        service.counting.restore(session, 0)
    work_off(tables, service.counting, [event])
    told = {**service.told(), "log": log.getvalue()}
    assert [place for place, text in told.items() if "7f3" in text] == []
