"""Conversations of Chatwoot as its API gives them, each with its messages."""

from typing import Final

from streams.ingest.columns import Cells
from streams.ingest.formats.threads import Author, Ending, Messages, People, Thread, first_of, marked

TYPES: Final = {"0": "incoming", "1": "outgoing", "2": "activity", "3": "template"}


def _type(message: Cells) -> str:
    said = str(message.get("message_type"))
    return TYPES.get(said, said)


def _author(message: Cells, _ticket: Cells, _people: People) -> Author:
    sender = str(first_of(message, ("sender.type", "sender_type"))).lower()
    if _type(message) == "template" or "bot" in sender:
        return "machine"
    return "customer" if _type(message) == "incoming" else "staff"


CHATWOOT: Final = Thread(
    name="chatwoot",
    ticket_id=("id", "display_id"),
    # `account_id` of Chatwoot is the help desk's own tenant, not a customer.
    account_id=(
        "meta.sender.custom_attributes.account_id",
        "meta.sender.additional_attributes.company_name",
        "contact.additional_attributes.company_name",
    ),
    subject=("additional_attributes.mail_subject",),
    channel=("meta.channel", "channel", "inbox.channel_type"),
    requester_name=("meta.sender.name", "contact.name"),
    requester_email=("meta.sender.email", "contact.email"),
    messages=Messages(
        path="messages",
        body=("content", "processed_message_content"),
        public=marked("private", public=False),
        author=_author,
        is_message=lambda message: _type(message) != "activity",
    ),
    ending=Ending(
        state=("status",), kinds={"resolved": "closed"}, at=("resolved_at", "last_activity_at", "updated_at")
    ),
)
