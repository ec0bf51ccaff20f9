"""A small knowledge base and a ticket without a draft, for the tests of the help at the desk."""

from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import SQLModel

from schemas.tables import ChunkRow, SourceRow
from tests.responders.support.desk_samples import NOW, account_row, draft_of, draft_row, event_row, put

MEMBERS: Final = "Open **Members** and add a seat."
TOLD: Final = "Hello {requester_name}, your {plan} plan has {seats} seats."


def passage(source_id: str, body: str, **fields: Any) -> tuple[SQLModel, ...]:
    """Return the rows of a source with one passage."""
    kind = source_id.partition(":")[0]
    owner = {"account_id": fields.pop("account_id")} if "account_id" in fields else {}
    known: dict[str, Any] = {"title": "A title", "heading": "", "public": kind == "article", "tags": []}
    chunk = ChunkRow(
        chunk_id=f"{source_id}#0",
        source_id=source_id,
        source_kind=kind,
        body=body,
        position=0,
        updated_at=NOW,
        embedding=[0.0] * 384,
        **(known | fields),
    )
    source = SourceRow(source_id=source_id, source_kind=kind, content_hash=b"h", record=owner, updated_at=NOW)
    return (source, chunk)


def shelf(engine: Engine) -> None:
    put(
        engine,
        *passage("article:seats", MEMBERS, title="Add seats", url="https://h.example/s"),
        *passage("article:runbook", "Seats are raised inside.", title="Seats runbook", public=False),
        *passage("macro:seats", TOLD, title="Seats told"),
        *passage("solved_ticket:1", "We gave you five seats.", title="Seats asked", account_id="other"),
        *passage("article:billing", "Invoices come on the first day.", title="Invoices"),
    )


def abstained(engine: Engine, reason: str = "no_source", **fields: Any) -> None:
    draft = draft_of("t", state="abstained", body="", claims=(), citations=(), abstained=reason, **fields)
    asked: dict[str, Any] = {
        "subject": "Seats",
        "body": "How do I get more seats?",
        "requester_name": "Ada Byron",
    }
    put(
        engine,
        account_row(plan="Team", seats=12, owner="Maya Rao"),
        event_row("t", **asked),
        draft_row(draft),
    )
