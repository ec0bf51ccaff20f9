"""Tickets of Zammad as its API gives them with `expand=true`, each with its articles."""

from typing import Final

from streams.ingest.columns import Cells
from streams.ingest.formats.threads import Author, Ending, Messages, People, Thread, first_of, marked

SENDERS: Final[dict[str, Author]] = {
    "customer": "customer",
    "agent": "staff",
    "system": "machine",
    "1": "staff",
    "2": "customer",
    "3": "machine",
}
"""The author of an article by the sender's name, and by the ids of a fresh Zammad."""


def _author(article: Cells, _ticket: Cells, _people: People) -> Author:
    return SENDERS.get(str(first_of(article, ("sender", "sender_id"))).lower(), "staff")


ZAMMAD: Final = Thread(
    name="zammad",
    ticket_id=("id", "ticket_id"),
    account_id=("organization_id", "organization.id", "organization.name", "organization"),
    subject=("title",),
    channel=("create_article_type", "articles.0.type"),
    requester_name=("customer.name", "articles.0.from"),
    requester_email=("customer.email", "customer"),
    messages=Messages(
        path="articles", body=("body",), public=marked("internal", public=False), author=_author
    ),
    ending=Ending(
        state=("state", "state.name", "state_id"),
        kinds={"closed": "closed", "4": "closed", "merged": "merged", "5": "merged"},
        at=("close_at", "last_close_at", "updated_at"),
    ),
)
