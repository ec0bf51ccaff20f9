"""The request to write a reply again because a source of its draft changed or was withdrawn."""

from typing import Literal

from pydantic import Field

from schemas.base import Id, Instant, Name, Record
from schemas.tickets import SourceKind

SourceChange = Literal["source_changed", "source_withdrawn"]
"""What happened to a source; also the counted reason for which its drafts were retired."""


class Redraft(Record):
    """One retired reply draft that must be written again, on `rapport.redrafts`.

    `draft_id` is the retired draft, `based_on` the customer's message that it answers. `title` names the
    source as the draft cited it. `attempt` counts the drafts of one message that sources retired in a row,
    from 1.
    """

    redraft_id: Id
    draft_id: Id
    ticket_id: Id
    account_id: Id
    based_on: Id
    reason: SourceChange
    source_kind: SourceKind
    title: Name
    attempt: int = Field(default=1, ge=1)
    requested_at: Instant
