"""Any JSON value at any place of a row or an export: the row is read or refused, nothing raises."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from schemas import Account, KnowledgeArticle, Macro, Record, SolvedTicket
from streams.ingest import TICKET_KIND, USAGE_KIND, RecordKind, RejectedRow
from streams.ingest.knowledge import knowledge_rows
from tests.streams.ingest.test_ingest import read, source
from tests.streams.support.export_files import read_export

ODD: Final[tuple[Any, ...]] = (
    None,
    "",
    " ",
    "x",
    True,
    0,
    -1,
    1.5,
    1e308,
    10**25,
    [],
    {},
    ["x"],
    {"x": 1},
    [{"id": []}],
    [[]],
)
AT: Final = "2026-01-05T09:00:00Z"
EXPORTS: Final[dict[str, dict[str, Any]]] = {
    "zendesk": {
        "tickets": [
            {
                "id": 1,
                "subject": "S",
                "description": "D",
                "status": "solved",
                "via": {
                    "channel": "email",
                    "source": {"from": {"name": "Ada", "address": "ada@example.test"}},
                },
                "requester_id": 5,
                "organization_id": 3,
                "metric_set": {"solved_at": AT},
                "comments": [
                    {
                        "id": 2,
                        "author_id": 5,
                        "author": {"role": "agent"},
                        "public": True,
                        "body": "B",
                        "created_at": AT,
                    }
                ],
            }
        ],
        "users": [
            {"id": 5, "name": "Ada", "email": "a@example.test", "role": "end-user", "organization_id": 3}
        ],
        "organizations": [{"id": 3, "name": "ACME", "external_id": "acme"}],
    },
    "zammad": {
        "tickets": [
            {
                "id": 1,
                "title": "T",
                "state": "closed",
                "organization": "ACME",
                "customer": "ada@example.test",
                "create_article_type": "email",
                "close_at": AT,
                "articles": [
                    {"id": 1, "sender": "Customer", "internal": False, "body": "B", "created_at": AT}
                ],
            }
        ]
    },
    "chatwoot": {
        "conversations": [
            {
                "id": 1,
                "status": "resolved",
                "last_activity_at": 1767261600,
                "meta": {
                    "channel": "Channel::Email",
                    "sender": {"name": "Ada", "custom_attributes": {"account_id": "acme"}},
                },
                "messages": [
                    {
                        "id": 1,
                        "content": "B",
                        "message_type": 0,
                        "private": False,
                        "sender": {"type": "contact"},
                        "created_at": 1767261600,
                    }
                ],
            }
        ]
    },
    "freshdesk": {
        "tickets": [
            {
                "id": 1,
                "subject": "S",
                "description_text": "D",
                "source": 1,
                "status": 5,
                "company_id": 3,
                "created_at": AT,
                "stats": {"resolved_at": AT},
                "conversations": [
                    {"id": 1, "body_text": "B", "incoming": True, "private": False, "created_at": AT}
                ],
            }
        ]
    },
    "intercom": {
        "conversations": [
            {
                "id": "1",
                "state": "closed",
                "created_at": 1767261600,
                "source": {"type": "email", "body": "B", "author": {"type": "user", "name": "Ada"}},
                "company": {"company_id": "acme"},
                "statistics": {"last_close_at": 1767261600},
                "conversation_parts": {
                    "conversation_parts": [
                        {
                            "id": "2",
                            "part_type": "comment",
                            "body": "B",
                            "author": {"type": "admin"},
                            "created_at": 1767261600,
                        }
                    ]
                },
            }
        ]
    },
}
ROWS: Final[dict[str, tuple[RecordKind, dict[str, Any]]]] = {
    "tickets": (
        TICKET_KIND,
        {
            "event_id": "e",
            "ticket_id": "t",
            "account_id": "acme",
            "kind": "closed",
            "channel": "email",
            "subject": "S",
            "body": "B",
            "requester_name": "Ada",
            "requester_email": "a@example.test",
            "occurred_at": AT,
        },
    ),
    "usage": (
        USAGE_KIND,
        {
            "event_id": "e",
            "account_id": "acme",
            "kind": "login",
            "occurred_at": AT,
            "quantity": 1,
            "failed": False,
        },
    ),
}
RECORDS: Final[dict[type[Record], dict[str, Any]]] = {
    Account: {"account_id": "a", "name": "A", "plan": "P", "seats": 3, "renewal_on": AT},
    KnowledgeArticle: {
        "article_id": "a",
        "title": "T",
        "body": "B",
        "url": "https://x.test",
        "updated_at": AT,
    },
    Macro: {"macro_id": "m", "title": "T", "question": "Q", "body": "B", "tags": ["t"], "updated_at": AT},
    SolvedTicket: {"ticket_id": "t", "account_id": "a", "question": "Q", "answer": "A", "solved_at": AT},
}


def changed(value: Any) -> Iterator[Any]:
    """Yield the value with each odd value at each of its places, one change at a time."""
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, inner in places:
        for other in (*ODD, *changed(inner)):
            whole = copy.copy(value)
            whole[place] = other
            yield whole


@pytest.mark.parametrize("form", EXPORTS)
def test_an_odd_value_anywhere_in_an_export_stops_nothing(tmp_path: Path, form: str) -> None:
    path = tmp_path / "export.jsonl"
    whole = [EXPORTS[form], *changed(EXPORTS[form])]
    path.write_text("".join(json.dumps(ticket) + "\n" for ticket in whole))
    tickets, wrong, count = read_export(path, form)
    assert len(tickets) + len(wrong) == count.rows > 100
    assert tickets


@pytest.mark.parametrize("name", ROWS)
def test_an_odd_value_in_a_row_refuses_only_that_row(tmp_path: Path, name: str) -> None:
    kind, row = ROWS[name]
    path = tmp_path / "rows.jsonl"
    rows = list(changed(row))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    records, wrong = read(kind, source(path, kind))
    assert len(records) + len(wrong) == len(rows)
    assert records
    assert wrong


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_an_odd_value_in_a_record_of_knowledge_stops_nothing(tmp_path: Path, kind: type[Record]) -> None:
    path = tmp_path / "records.jsonl"
    records = list(changed(RECORDS[kind]))
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    rows = list(knowledge_rows(path, kind))
    assert len(rows) == len(records)
    assert not all(isinstance(row, RejectedRow) for row in rows)
