"""Exports of help desks become ticket events: messages of customers and staff, never private notes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.streams.support.export_files import SECRET, said
from tests.streams.support.export_files import read_export as read


def zendesk_ticket(**changes: Any) -> dict[str, Any]:
    comments = [
        {"id": 11, "author_id": 5, "public": True, "body": "It fails.", "created_at": "2026-01-05T09:00:00Z"},
        {"id": 12, "author_id": 9, "public": False, "body": SECRET, "created_at": "2026-01-05T09:30:00Z"},
        {
            "id": 13,
            "author_id": 9,
            "public": True,
            "body": "Try again.",
            "created_at": "2026-01-05T10:00:00Z",
        },
        {"id": 14, "author_id": 6, "public": True, "body": "Me too.", "created_at": "2026-01-05T11:00:00Z"},
        {"id": 15, "author_id": 9, "body": SECRET, "created_at": "2026-01-05T12:00:00Z"},
    ]
    ticket = {
        "id": 35,
        "url": "https://x.example.test/api/v2/tickets/35.json",
        "subject": "Export",
        "description": "It fails.",
        "status": "solved",
        "via": {"channel": "mobile_sdk", "source": {"from": {}, "to": {}, "rel": None}},
        "requester_id": 5,
        "submitter_id": 5,
        "organization_id": 77,
        "tags": ["a"],
        "comments": comments,
        "metric_set": {"solved_at": "2026-01-06T08:00:00Z"},
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-07T09:00:00Z",
    }
    return {**ticket, **changes}


ZENDESK_BESIDE = {
    "users": [
        {"id": 5, "name": "Ada", "email": "ada@example.test", "role": "end-user", "organization_id": 77},
        {"id": 6, "name": "Bea", "email": "bea@example.test", "role": "end-user", "organization_id": 77},
        {"id": 9, "name": "Max", "email": "max@example.test", "role": "agent", "organization_id": None},
    ],
    "organizations": [{"id": 77, "name": "ACME", "external_id": "c-77"}],
}
ZENDESK_SAID = [
    ("customer_message", "It fails.", "2026-01-05T09:00"),
    ("human_reply", "Try again.", "2026-01-05T10:00"),
    ("customer_message", "Me too.", "2026-01-05T11:00"),
    ("closed", "", "2026-01-06T08:00"),
]


@pytest.mark.parametrize("turned", [False, True])
def test_zendesk_with_users_before_or_after_the_tickets(tmp_path: Path, turned: bool) -> None:
    whole = {"tickets": [zendesk_ticket()], **ZENDESK_BESIDE, "count": 1, "next_page": None}
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps(dict(reversed(whole.items())) if turned else whole, indent=1))
    tickets, wrong, count = read(path, "zendesk", "account_id=organization.name")
    assert (said(tickets), wrong) == (ZENDESK_SAID, [])
    assert {(ticket.account_id, ticket.ticket_id, ticket.channel, ticket.subject) for ticket in tickets} == {
        ("ACME", "zendesk-35", "chat", "Export")
    }
    assert tickets[0].requester_email == "ada@example.test"
    assert tickets[0].event_id == "zendesk-35-11"
    assert count.tickets == 1
    assert dict(count.left_out) == {"private notes": 1, "messages without a mark that they are public": 1}


def test_zendesk_as_lines_with_its_users_in_other_files(tmp_path: Path) -> None:
    path = tmp_path / "tickets.jsonl"
    path.write_text("\n".join(json.dumps(zendesk_ticket(id=number)) for number in (1, 2)))
    users, organizations = tmp_path / "users.jsonl", tmp_path / "organizations.jsonl"
    users.write_text("\n".join(json.dumps(user) for user in ZENDESK_BESIDE["users"]))
    organizations.write_text("\n".join(json.dumps(company) for company in ZENDESK_BESIDE["organizations"]))
    tickets, wrong, _ = read(path, "zendesk", "account_id=organization.name", beside=[users, organizations])
    assert (said(tickets), wrong) == (ZENDESK_SAID * 2, [])
    assert {ticket.account_id for ticket in tickets} == {"ACME"}


def test_a_zendesk_ticket_without_comments_is_its_description(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([zendesk_ticket(comments=[], status="open")]))
    tickets, _, _ = read(path, "zendesk")
    assert said(tickets) == [("customer_message", "It fails.", "2026-01-05T09:00")]
    assert tickets[0].account_id == "77"


def test_the_same_export_gives_the_same_ids_and_a_longer_one_only_adds(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([zendesk_ticket()]))
    before = [ticket.to_bytes() for ticket in read(path, "zendesk")[0]]
    comments = [
        *zendesk_ticket()["comments"],
        {**zendesk_ticket()["comments"][0], "id": 99, "body": "Again."},
    ]
    path.write_text(json.dumps({"tickets": [zendesk_ticket(id=1), zendesk_ticket(comments=comments)]}))
    after = [ticket.to_bytes() for ticket in read(path, "zendesk")[0]]
    assert set(before) < set(after)
    assert len(after) == 2 * len(before) + 1


def test_a_ticket_without_an_account_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([zendesk_ticket(organization_id=None, id=1), zendesk_ticket(id=2), 7]))
    tickets, wrong, count = read(path, "zendesk")
    assert {ticket.ticket_id for ticket in tickets} == {"zendesk-2"}
    assert {(row.unit, row.line, row.reason) for row in wrong} == {
        ("item", 1, "account_id: missing"),
        ("item", 3, "not a JSON object"),
    }
    assert count.tickets == 3


def test_an_entry_that_is_no_ticket_is_refused_and_one_that_is_no_comment_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "tickets.json"
    ticket = zendesk_ticket(comments=["a text", *zendesk_ticket()["comments"][:1], None], status="open")
    path.write_text(json.dumps([zendesk_ticket(id=None), {"name": "x"}, ticket]))
    tickets, wrong, count = read(path, "zendesk")
    assert [ticket.event_id for ticket in tickets] == ["zendesk-35-11"]
    assert [(row.line, row.reason) for row in wrong] == [
        (number, "id: missing, so this is no ticket of zendesk") for number in (1, 2)
    ]
    assert dict(count.left_out) == {"entries that are no message": 2}


def test_zammad_with_its_articles(tmp_path: Path) -> None:
    article = {"ticket_id": 3, "content_type": "text/html", "internal": False, "type": "email"}
    ticket = {
        "id": 3,
        "number": "31003",
        "title": "Login",
        "state": "closed",
        "organization": "ACME",
        "organization_id": 4,
        "customer": "ada@example.test",
        "customer_id": 7,
        "create_article_type": "phone",
        "created_at": "2026-02-01T08:00:00.000Z",
        "close_at": "2026-02-02T08:00:00.000Z",
        "articles": [
            {
                **article,
                "id": 1,
                "sender": "Customer",
                "body": "Hi",
                "created_at": "2026-02-01T08:00:00.000Z",
            },
            {**article, "id": 2, "sender": "Agent", "body": "Yes", "created_at": "2026-02-01T09:00:00.000Z"},
            {
                **article,
                "id": 3,
                "sender": "Agent",
                "body": SECRET,
                "internal": True,
                "created_at": "2026-02-01",
            },
            {
                **article,
                "id": 4,
                "sender": "System",
                "body": SECRET,
                "created_at": "2026-02-01T09:01:00.000Z",
            },
        ],
    }
    merged = {
        **ticket,
        "id": 4,
        "state": "merged",
        "articles": [],
        "close_at": None,
        "updated_at": "2026-02-03",
    }
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([ticket, merged]))
    tickets, wrong, count = read(path, "zammad", "account_id=organization")
    assert (said(tickets), wrong) == (
        [
            ("customer_message", "Hi", "2026-02-01T08:00"),
            ("human_reply", "Yes", "2026-02-01T09:00"),
            ("closed", "", "2026-02-02T08:00"),
            ("merged", "", "2026-02-03T00:00"),
        ],
        [],
    )
    assert {(ticket.account_id, ticket.channel, ticket.requester_email) for ticket in tickets} == {
        ("ACME", "chat", "ada@example.test")
    }
    assert dict(count.left_out) == {"private notes": 1, "messages of the system or of a bot": 1}


def test_chatwoot_with_its_messages_and_never_the_tenant_as_the_account(tmp_path: Path) -> None:
    message = {"private": False, "content_type": "text", "sender": {"type": "user"}}
    conversation = {
        "id": 8,
        "account_id": 1,
        "inbox_id": 2,
        "status": "resolved",
        "messages": [
            {**message, "id": 1, "message_type": 0, "content": "Hi", "created_at": 1770000000},
            {**message, "id": 2, "message_type": 1, "content": "Yes", "created_at": 1770000060},
            {
                **message,
                "id": 3,
                "message_type": 1,
                "content": SECRET,
                "created_at": 1770000061,
                "private": True,
            },
            {**message, "id": 4, "message_type": 2, "content": SECRET, "created_at": 1770000062},
            {**message, "id": 5, "message_type": 3, "content": SECRET, "created_at": 1770000063},
            {**message, "id": 6, "message_type": 1, "content": None, "created_at": 1770000064},
        ],
        "meta": {
            "sender": {"name": "Ada", "email": "a@x.test", "additional_attributes": {"company_name": "ACME"}},
            "channel": "Channel::WebWidget",
        },
        "last_activity_at": 1770000100,
    }
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps({"data": {"meta": {"all_count": 1}, "payload": [conversation]}}))
    tickets, wrong, count = read(path, "chatwoot")
    assert [(ticket.kind, ticket.body) for ticket in tickets] == [
        ("customer_message", "Hi"),
        ("human_reply", "Yes"),
        ("closed", ""),
    ]
    assert ({ticket.account_id for ticket in tickets}, {ticket.channel for ticket in tickets}, wrong) == (
        {"ACME"},
        {"chat"},
        [],
    )
    assert sum(count.left_out.values()) == 4
    conversation["meta"]["sender"]["additional_attributes"] = {}  # type: ignore[index]
    path.write_text(json.dumps([conversation]))
    tickets, wrong, _ = read(path, "chatwoot")
    assert (tickets, {row.reason for row in wrong}) == ([], {"account_id: missing"})


def test_freshdesk_with_its_conversations(tmp_path: Path) -> None:
    entry = {"private": False, "incoming": False, "user_id": 9, "source": 0}
    ticket = {
        "id": 20,
        "subject": "Invoice",
        "description": "<div>Where is it?</div>",
        "description_text": "Where is it?",
        "status": 5,
        "source": 2,
        "requester_id": 5,
        "company_id": 11,
        "company": {"id": 11, "name": "ACME"},
        "requester": {"id": 5, "name": "Ada", "email": "ada@example.test"},
        "stats": {"resolved_at": "2026-03-02T09:00:00Z", "closed_at": "2026-03-03T09:00:00Z"},
        "created_at": "2026-03-01T09:00:00Z",
        "conversations": [
            {**entry, "id": 1, "body_text": "Here.", "created_at": "2026-03-01T10:00:00Z"},
            {
                **entry,
                "id": 2,
                "body_text": "Ta.",
                "incoming": True,
                "created_at": "2026-03-01T11:00:00+00:00",
            },
            {**entry, "id": 3, "body_text": SECRET, "private": True, "created_at": "2026-03-01T12:00:00Z"},
        ],
    }
    path = tmp_path / "tickets.jsonl"
    path.write_text(json.dumps(ticket) + "\n" + json.dumps({**ticket, "id": 21, "source": 1, "status": 2}))
    tickets, wrong, _ = read(path, "freshdesk")
    messages = [
        ("customer_message", "Where is it?", "2026-03-01T09:00"),
        ("human_reply", "Here.", "2026-03-01T10:00"),
        ("customer_message", "Ta.", "2026-03-01T11:00"),
    ]
    assert (said(tickets), wrong) == ([*messages, ("closed", "", "2026-03-02T09:00"), *messages], [])
    assert [ticket.channel for ticket in tickets] == ["web"] * 4 + ["email"] * 3


def test_intercom_with_its_parts(tmp_path: Path) -> None:
    def part(ident: int, kind: str, author: str, body: str | None) -> dict[str, Any]:
        return {
            "type": "conversation_part",
            "id": str(ident),
            "part_type": kind,
            "body": body,
            "created_at": 1770000000 + ident,
            "author": {"type": author, "id": "1", "name": "A"},
        }

    parts = [
        part(1, "comment", "admin", "<p>Yes</p>"),
        part(2, "note", "admin", SECRET),
        part(3, "assignment", "admin", SECRET),
        part(4, "comment", "bot", SECRET),
        part(5, "comment", "user", "Thanks"),
        part(6, "close", "admin", None),
    ]
    conversation = {
        "type": "conversation",
        "id": "147",
        "created_at": 1770000000,
        "title": None,
        "state": "closed",
        "source": {
            "type": "conversation",
            "subject": "",
            "body": "<p>Hi</p>",
            "author": {"type": "user", "id": "5", "name": "Ada", "email": "ada@example.test"},
        },
        "company": {"id": "c1", "company_id": "acme", "name": "ACME"},
        "statistics": {"last_close_at": 1770000006},
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": parts,
            "total_count": 6,
        },
    }
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps({"type": "conversation.list", "conversations": [conversation]}))
    tickets, wrong, _ = read(path, "intercom")
    assert [(ticket.kind, ticket.body) for ticket in tickets] == [
        ("customer_message", "<p>Hi</p>"),
        ("human_reply", "<p>Yes</p>"),
        ("customer_message", "Thanks"),
        ("closed", ""),
    ]
    assert (wrong, {ticket.account_id for ticket in tickets}, tickets[0].channel) == ([], {"acme"}, "chat")


@pytest.mark.parametrize("form", ["zammad", "chatwoot", "freshdesk", "intercom"])
def test_tickets_that_give_no_event_are_counted(tmp_path: Path, form: str) -> None:
    """Most often the file comes from another product."""
    file = tmp_path / "export.json"
    comments = [{"id": 1, "public": True, "body": "words"}]
    file.write_text(json.dumps([{"id": number, "comments": comments} for number in (1, 2)]))
    tickets, wrong, count = read(file, form)
    assert (tickets, wrong) == ([], [])
    assert count.left_out["tickets without any event"] == 2
