"""Tickets of Zendesk: its JSON export, and its API with comments, users and organizations."""

from typing import Final

from streams.ingest.columns import Cells
from streams.ingest.formats.threads import Author, Ending, Messages, Opening, People, Thread, first_of, marked


def _author(comment: Cells, ticket: Cells, people: People) -> Author:
    ident = first_of(comment, ("author_id", "author.id"))
    known = people[ident]
    role = first_of(comment, ("author.role",))
    if role is not None:
        return "customer" if role == "end-user" else "staff"
    if ident == first_of(ticket, ("requester_id", "requester.id")):
        return "customer"
    return known.author if known is not None else "staff"


ZENDESK: Final = Thread(
    name="zendesk",
    ticket_id=("id", "ticket_id"),
    account_id=("organization_id", "organization.id", "organization.name"),
    subject=("subject", "raw_subject"),
    channel=("via.channel", "channel"),
    requester_name=("requester.name", "via.source.from.name"),
    requester_email=("requester.email", "via.source.from.address"),
    messages=Messages(
        path="comments",
        body=("plain_body", "body", "html_body"),
        public=marked("public", public=True),
        author=_author,
    ),
    opening=Opening(body=("description",), alone=True),
    ending=Ending(
        state=("status",),
        kinds={"solved": "closed", "closed": "closed"},
        at=("metric_set.solved_at", "solved_at", "closed_at", "updated_at"),
    ),
)
