"""The hold-out: tickets whose drafts are not shown, so that the use of drafts can be measured. Pure."""

from typing import Final

from responders.drafting.choosing import is_chosen
from schemas.tickets import Draft

HELD_OUT: Final = "held_out"
"""The reason of an abstention that hides a draft."""


def held_out(draft: Draft, share: float) -> Draft:
    """Return a ready draft of a ticket in the hold-out as an abstention without text, any other unchanged.

    Only ready drafts are held out, so tickets with a draft and held-out ones differ by chance alone.
    """
    if draft.state != "ready" or draft.ticket_id is None:
        return draft
    if not is_chosen(draft.ticket_id, share, purpose="holdout"):
        return draft
    nothing = {"body": "", "claims": (), "citations": (), "facts": (), "question": None, "warnings": ()}
    return draft.model_copy(update={"state": "abstained", "abstained": HELD_OUT, **nothing})
