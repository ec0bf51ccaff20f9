"""Rules that every intake shares: bodies by kind, names of usage, accounts; and the reasons of refusals."""

import json
from typing import Any

import pytest

from schemas import Ticket
from streams.consume import InvalidRecord
from tests.streams.consume.test_decode import (
    TICKET_FIELDS,
    USAGE_FIELDS,
    reason_of,
    ticket_of,
    usage_of,
    with_text,
)


@pytest.mark.parametrize(
    "kind",
    ["$pageview", "$$heatmap", "export:pdf", "Order Completed", "[Amplitude] Page Viewed", "Größe", "注文"],
)
def test_event_names_of_product_analytics_are_valid_kinds(kind: str) -> None:
    assert usage_of(with_text(USAGE_FIELDS, "kind", json.dumps(kind))).kind == kind


@pytest.mark.parametrize("kind", ["merged", "closed"])
@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": None}])
def test_an_event_without_a_message_needs_no_body(kind: str, body: dict[str, Any]) -> None:
    fields = {name: value for name, value in TICKET_FIELDS.items() if name != "body"}
    ticket = ticket_of(json.dumps({**fields, "kind": kind, **body}).encode())
    assert ticket.body == ""
    assert Ticket.model_validate_json(ticket.to_bytes()) == ticket


@pytest.mark.parametrize("kind", ["customer_message", "human_reply", None])
@pytest.mark.parametrize("body", [{}, {"body": None}])
def test_a_message_without_a_body_is_invalid_and_the_reason_names_the_body(
    kind: str | None, body: dict[str, Any]
) -> None:
    fields = {name: value for name, value in TICKET_FIELDS.items() if name != "body"}
    more = {"kind": kind} if kind is not None else {}
    with pytest.raises(InvalidRecord) as raised:
        ticket_of(json.dumps({**fields, **more, **body}).encode())
    assert raised.value.error == "body: missing"


def test_an_empty_body_counts_in_the_content_hash_as_it_did_when_every_event_had_one() -> None:
    ticket = ticket_of(json.dumps({**TICKET_FIELDS, "kind": "closed", "body": ""}).encode())
    said = ticket.model_dump_json(exclude={"schema_version"}, exclude_defaults=True)
    assert '"body":""' in said


@pytest.mark.parametrize("kind", ["ticket", "usage"])
@pytest.mark.parametrize("account_id", [" a1", "a1 ", "\ta1", "\u00a0a1"])
def test_an_account_with_blanks_around_it_is_no_second_account(kind: str, account_id: str) -> None:
    fields = TICKET_FIELDS if kind == "ticket" else USAGE_FIELDS
    value = json.dumps({**fields, "account_id": account_id}).encode()
    assert reason_of(kind, value, account_id.encode()) == "invalid_record"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("channel", '"telepathy"', "channel: not one of 'email', 'web', 'chat' or 'forum'"),
        ("kind", '"note"', "kind: not one of 'customer_message', 'human_reply', 'merged' or 'closed'"),
        ("occurred_at", '"2026-01-01T00:00:00"', "occurred_at: Input should have timezone info"),
        ("occurred_at", '"1767571200"', "occurred_at: a time is a text in ISO 8601 with a zone"),
        (
            "occurred_at",
            '"1969-01-01T00:00:00Z"',
            "occurred_at: the time of an event must be after 1970-01-01",
        ),
        ("occurred_at", '"2026-13-01T00:00:00Z"', "occurred_at: Input should be a valid datetime"),
        ("subject", json.dumps("x" * 1_001), "subject: longer than 1,000"),
    ],
)
def test_the_reason_of_a_bad_ticket_names_the_allowed_values(name: str, text: str, reason: str) -> None:
    with pytest.raises(InvalidRecord) as raised:
        ticket_of(with_text(TICKET_FIELDS, name, text))
    assert raised.value.error.startswith(reason)
