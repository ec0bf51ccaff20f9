"""Tickets of Freshdesk as its API gives them with conversations, requester, company and stats."""

from typing import Final

from streams.ingest.columns import Cells
from streams.ingest.formats.threads import Author, Ending, Messages, Opening, People, Thread, marked

SOURCES: Final = {
    "1": "email",
    "2": "portal",
    "3": "phone",
    "5": "twitter",
    "6": "facebook",
    "7": "chat",
    "9": "feedback widget",
    "10": "outbound email",
    "13": "whatsapp",
}
"""The words for the numbers of a ticket's source."""


def _author(message: Cells, ticket: Cells, _people: People) -> Author:
    incoming = str(message.get("incoming")).lower()
    if incoming in {"true", "false"}:
        return "customer" if incoming == "true" else "staff"
    is_requester = message.get("user_id") is not None and message.get("user_id") == ticket.get("requester_id")
    return "customer" if is_requester else "staff"


def _opened_by(ticket: Cells) -> Author:
    return "staff" if str(ticket.get("source")) == "10" else "customer"


FRESHDESK: Final = Thread(
    name="freshdesk",
    ticket_id=("id", "display_id"),
    account_id=("company_id", "company.id", "company.name", "requester.company_id"),
    subject=("subject",),
    channel=("source", "source_name"),
    requester_name=("requester.name",),
    requester_email=("requester.email", "email"),
    messages=Messages(
        path="conversations",
        body=("body_text", "body"),
        public=marked("private", public=False),
        author=_author,
    ),
    opening=Opening(body=("description_text", "description"), author=_opened_by),
    ending=Ending(
        state=("status", "status_name"),
        kinds={"4": "closed", "5": "closed", "resolved": "closed", "closed": "closed"},
        at=("stats.resolved_at", "stats.closed_at", "updated_at"),
    ),
    channels=SOURCES,
)
