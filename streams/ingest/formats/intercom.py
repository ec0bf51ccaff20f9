"""Conversations of Intercom as its API gives them, each with its parts."""

from typing import Any, Final

from streams.ingest.columns import Cells
from streams.ingest.formats.threads import Author, Ending, Messages, Opening, People, Thread, first_of

PUBLIC_PARTS: Final = frozenset({"comment", "close", "open"})
"""Parts whose text the customer sees; the text of all others (`note`, `assignment`) is for the staff only."""


def _by(kind: Any) -> Author:
    if str(kind) in {"user", "lead", "contact"}:
        return "customer"
    return "machine" if kind == "bot" else "staff"


def _author(part: Cells, _ticket: Cells, _people: People) -> Author:
    return _by(first_of(part, ("author.type",)))


def _opened_by(ticket: Cells) -> Author:
    return _by(first_of(ticket, ("source.author.type",)))


INTERCOM: Final = Thread(
    name="intercom",
    ticket_id=("id",),
    account_id=("company.company_id", "company.id", "company.name", "company"),
    subject=("source.subject", "title"),
    channel=("source.type",),
    requester_name=("source.author.name",),
    requester_email=("source.author.email",),
    messages=Messages(
        path="conversation_parts.conversation_parts",
        body=("body",),
        public=lambda part: str(part.get("part_type")) in PUBLIC_PARTS,
        author=_author,
        is_message=lambda part: part.get("part_type") == "note" or first_of(part, ("body",)) is not None,
    ),
    opening=Opening(body=("source.body",), author=_opened_by),
    ending=Ending(
        state=("state",),
        kinds={"closed": "closed"},
        at=("statistics.last_close_at", "updated_at"),
    ),
)
