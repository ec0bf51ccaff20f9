"""Replies without a draft, and the undo of a decision."""

from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from responders.desk.forms import checked_form, field, typed_text
from responders.desk.pages import Desk, desk_of
from responders.desk.problems import DATABASE_AWAY, Problem, not_recorded
from responders.store.desk.decisions import undo_decision
from responders.store.desk.desk_reply import UNDO_SECONDS
from responders.store.desk.refusals import DecisionRefused
from responders.store.desk.replies import OwnReply, record_reply, undo_reply

_NEWER: Final = {
    "newer_customer_message": "The customer has written again in the meantime.",
    "newer_human_reply": "Someone has replied to this ticket in the meantime.",
    "newer_merged": "This ticket has been merged into another in the meantime.",
    "newer_closed": "This ticket has been closed in the meantime.",
}
_STANDS: Final = {
    "too_late": f"A reply can be taken back for {UNDO_SECONDS} seconds. The decision stays.",
    "moved_on": "The ticket has moved on since. The decision stays.",
}


class TakeBack(Protocol):
    """Undoes the decision on a draft, or a reply without a draft. Raises DecisionRefused."""

    def __call__(self, session: Session, item_id: str, /, *, now: datetime) -> None:
        """Take back the decision or reply about the item."""


async def reply(request: Request) -> Response:
    """Serve `POST /tickets/{ticket_id}/reply`: record a reply without a draft; 409 if it comes too late."""
    form = await checked_form(request)
    desk = desk_of(request)
    ticket_id = request.path_params["ticket_id"]
    answers = field(form, "answers", max_length=200)
    own = OwnReply(ticket_id, answers, typed_text(form), desk.decided_by)
    desk.observe.retired(await run_in_threadpool(_record, desk, own))
    return desk_of(request).redirect(f"/tickets?notice=replied&undo=tickets/{quote(ticket_id)}")


async def undo_draft(request: Request) -> Response:
    """Serve `POST /drafts/{draft_id}/undo`: the draft waits for a decision again; 409 if it is too late."""
    draft_id = request.path_params["draft_id"]
    answer = await _undo(request, undo_decision, draft_id, f"/drafts/{quote(draft_id)}")
    desk_of(request).observe.decision("undone")
    return answer


async def undo_ticket(request: Request) -> Response:
    """Serve `POST /tickets/{ticket_id}/undo`: take back a reply without a draft; 409 if it comes too late."""
    ticket_id = request.path_params["ticket_id"]
    return await _undo(request, undo_reply, ticket_id, f"/tickets/{quote(ticket_id)}")


def _record(desk: Desk, own: OwnReply) -> int:
    """Record the reply; return how many live drafts it retired."""
    try:
        with desk.session() as session:
            return record_reply(session, own, now=desk.now())
    except DecisionRefused as refusal:
        if refusal.reason == "unknown":
            raise HTTPException(404) from refusal
        said = f"{_NEWER[refusal.reason]} Nothing was recorded. Open the ticket again to see its state."
        raise Problem(409, "This reply comes too late", said, kept=own.body) from refusal
    except DATABASE_AWAY as error:
        raise not_recorded(own.body) from error


async def _undo(request: Request, take_back: TakeBack, item_id: str, page: str) -> Response:
    """Take back a draft's decision or a ticket's reply, and go to the item's page."""
    await checked_form(request)
    desk = desk_of(request)
    await run_in_threadpool(_take_back, desk, take_back, item_id)
    return desk.redirect(f"{page}?notice=undone")


def _take_back(desk: Desk, take_back: TakeBack, item_id: str) -> None:
    try:
        with desk.session() as session:
            take_back(session, item_id, now=desk.now())
    except DecisionRefused as refusal:
        if refusal.reason == "unknown":
            raise HTTPException(404) from refusal
        said = _STANDS.get(refusal.reason, "Someone has taken it back already.")
        raise Problem(409, "This cannot be undone", said) from refusal
    except DATABASE_AWAY as error:
        raise not_recorded(None) from error
