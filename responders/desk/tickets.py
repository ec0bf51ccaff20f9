"""The support agent's pages: the queue, one ticket, one outreach draft, and the decision on a draft."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from responders.desk.charts import band
from responders.desk.explained import is_explained
from responders.desk.forms import TEXT_LENGTH, checked_form, field, typed_text
from responders.desk.helping import QUERY_LENGTH, Help, help_for, text_to_insert
from responders.desk.moods import mood_explanation, ticket_urgency
from responders.desk.pages import Desk, desk_of
from responders.desk.problems import DATABASE_AWAY, Problem, not_recorded
from responders.desk.sources import segments
from responders.store.desk.decisions import DeskChoice, closes, record_decision
from responders.store.desk.queue import (
    PAGE_SIZE,
    QueueCursor,
    decided_queue,
    open_queue,
    outreach_queue,
    queue_counts,
    with_outreach,
)
from responders.store.desk.refusals import DecisionRefused
from responders.store.desk.replies import newest_reply
from responders.store.desk.tickets import DraftView, TicketView, draft_view, ticket_view
from responders.store.heads import CLOSING_REASONS
from schemas.tickets import Decision

VIEWS: Final = {"open": open_queue, "outreach": outreach_queue, "done": decided_queue}
NOTICES: Final = {
    "sent": "Recorded as sent, unchanged.",
    "edited": "Recorded as sent with your changes.",
    "written": "Recorded as sent in your own words.",
    "replied": "Recorded as sent. The ticket is answered until the customer writes again.",
    "dismissed": "Draft dismissed. Thank you: your reason helps to make drafts better.",
    "settled": "Draft dismissed. No reply is needed, so the ticket has left the queue.",
    "mood": "Mood recorded. Thank you: the desk learns from it.",
    "mood_undone": "Taken back: the mood is the model's again.",
    "undone": "Taken back: everything is as it was before.",
}
REASONS: Final = {
    "wrong": "Something in it is wrong",
    "off_topic": "It does not answer the question",
    "tone": "The tone is wrong",
    "handled": "Already handled elsewhere",
    "not_needed": "No reply is needed",
    "other": "Another reason",
}
_NEWER: Final = {
    "newer_customer_message": "The customer has written again since this was drafted.",
    "newer_human_reply": "Someone has replied to this ticket since this was drafted.",
    "newer_merged": "This ticket has been merged into another since this was drafted.",
    "newer_closed": "This ticket has been closed since this was drafted.",
}
_TAKEN: Final = {
    "stale": "The ticket has moved on, so this draft is stale.",
    "sent": "Someone has sent it already.",
    "edited": "Someone has sent it already, with changes.",
    "dismissed": "Someone has dismissed it already.",
}


def queue_page(request: Request) -> Response:
    """Serve `GET /tickets`: `view`, `after` (a place in the list), `fragment`, `notice`, `undo`."""
    desk = desk_of(request)
    view = request.query_params.get("view", "open")
    if view not in VIEWS:
        raise HTTPException(404)
    after = read_cursor(request.query_params.get("after"))
    with desk.session() as session:
        rows = VIEWS[view](session, after=after)
        outreach = outreach_queue(session) if view == "open" and after is None else []
        counts = queue_counts(session)
        undo = _undo_target(session, request.query_params.get("undo", ""), desk.now())
    values: dict[str, Any] = {
        "view": view,
        "rows": with_outreach(rows, outreach) if outreach else rows,
        "counts": counts,
        "next": write_cursor(rows[-1].cursor) if len(rows) == PAGE_SIZE else None,
        "first_page": after is None,
        "self_url": _own_url(view, request.query_params.get("after")),
        "notice": _notice(request),
        "undo": undo,
    }
    name = "queue_list.html" if "fragment" in request.query_params else "queue.html"
    return desk.page(request, name, **values)


def ticket_page(request: Request) -> Response:
    """Serve `GET /tickets/{ticket_id}`: `q` is a search for passages.

    With `fragment`, only a part of the page: `help` is the help, any other value the changes since `seen`.
    """
    desk = desk_of(request)
    part = request.query_params.get("fragment")
    ticket, offered = _ticket_and_help(request, with_help=part in (None, "help"))
    if part == "help":
        return desk.page(request, "help.html", ticket=ticket, help=offered)
    if part is not None:
        return desk.page(request, "status.html", fragment=True, **_status_values(ticket, request))
    return _whole_page(request, ticket, offered, typed=None)


async def insert(request: Request) -> Response:
    """Serve `POST /tickets/{ticket_id}/insert`: the page with a passage or the question in the reply.

    This is the way without a script; nothing is recorded. 404 for a passage that must not be inserted.
    """
    form = await checked_form(request)
    typed = field(form, "text", max_length=2 * TEXT_LENGTH)
    wanted = field(form, "insert", max_length=200)
    return await run_in_threadpool(_with_inserted, request, typed, wanted)


def draft_page(request: Request) -> Response:
    """Serve `GET /drafts/{draft_id}`: an outreach; a reply's draft redirects to its ticket."""
    desk = desk_of(request)
    with desk.session() as session:
        view = draft_view(session, request.path_params["draft_id"])
    if view is None:
        raise HTTPException(404)
    if view.draft.ticket_id is not None:
        return desk.redirect(_ticket_url(view.draft.ticket_id, request))
    values: dict[str, Any] = {"ticket": None, "seen": view.draft.draft_id, **_draft_values(view)}
    values |= {"mood_why": None, "urgency": None, "help": None, "typed": None}
    undo = f"drafts/{view.draft.draft_id}" if view.can_be_undone(desk.now()) else None
    values |= {"standing": view.state, "sendable": view.live, "undo": undo, "notice": _notice(request)}
    fragment = "fragment" in request.query_params
    name = "status.html" if fragment else "ticket.html"
    return desk.page(request, name, outdated=False, fragment=fragment, **values)


async def decide(request: Request) -> Response:
    """Serve `POST /drafts/{draft_id}/decision`: record the decision; 409 if it comes too late.

    Redirects to the queue, or to the ticket if it still waits for a person's own words.
    """
    form = await checked_form(request)
    desk = desk_of(request)
    choice = _choice(form, desk.decided_by)
    draft_id = request.path_params["draft_id"]
    decision, drafted = await run_in_threadpool(_decide, desk, draft_id, choice)
    desk.observe.decision(decision.action)
    return desk.redirect(_after(decision, drafted=drafted))


def read_cursor(written: str | None) -> QueueCursor | None:
    """Return the place in the queue that an address names; raises HTTPException 400 if it names none.

    >>> place = QueueCursor(datetime.fromisoformat("2026-01-01T00:00:00+00:00"), "a~b")
    >>> read_cursor(write_cursor(place)) == place
    True
    """
    if not written:
        return None
    try:
        moment, item_id = written.split("~", 1)
        place = QueueCursor(datetime.fromisoformat(moment), item_id)
    except ValueError as error:
        raise HTTPException(400) from error
    if place.at.tzinfo is None or "\x00" in item_id:
        raise HTTPException(400)
    return place


def write_cursor(place: QueueCursor) -> str:
    """Return a place in the queue in the form of an address."""
    return f"{place.at.isoformat()}~{place.item_id}"


def _after(decision: Decision, *, drafted: bool) -> str:
    undo = f"undo=drafts/{quote(decision.draft_id)}"
    if decision.action == "edited" and not drafted:
        return f"/tickets?notice=written&{undo}"
    if decision.action != "dismissed":
        return f"/tickets?notice={decision.action}&{undo}"
    if closes(decision.reason):
        return f"/tickets?notice=settled&{undo}"
    return f"/drafts/{quote(decision.draft_id)}?notice=dismissed"


def _ticket_and_help(request: Request, *, with_help: bool = True) -> tuple[TicketView, Help | None]:
    desk = desk_of(request)
    query = request.query_params.get("q", "").strip()[:QUERY_LENGTH]
    with desk.session() as session:
        ticket = ticket_view(session, request.path_params["ticket_id"])
        if ticket is None:
            raise HTTPException(404)
        return ticket, help_for(
            session, ticket, query, explains=is_explained, now=desk.now()
        ) if with_help else None


def _with_inserted(request: Request, typed: str, wanted: str) -> Response:
    desk = desk_of(request)
    ticket, offered = _ticket_and_help(request)
    with desk.session() as session:
        text = text_to_insert(session, ticket, wanted, explains=is_explained, now=desk.now())
    return _whole_page(request, ticket, offered, typed=f"{typed}\n\n{text}".strip())


def _whole_page(request: Request, ticket: TicketView, offered: Help | None, *, typed: str | None) -> Response:
    desk = desk_of(request)
    values = {**_status_values(ticket, request), "help": offered, "typed": typed, "sendable": True}
    values |= {"seen": ticket.draft.draft.draft_id if ticket.draft else ""}
    values |= {"path": f"{desk.prefix}/tickets/{ticket.ticket_id}"}
    values |= {"mood_why": mood_explanation(ticket.mood)}
    values |= {"urgency": ticket_urgency(ticket.plea, ticket.due_at, now=desk.now())}
    values |= {"just_dismissed": request.query_params.get("notice") == "dismissed"}
    values |= {"trend": desk.mood_trend(list(ticket.moods.values()))}
    return desk.page(request, "ticket.html", fragment=False, **values)


def _status_values(ticket: TicketView, request: Request) -> dict[str, Any]:
    desk = desk_of(request)
    values: dict[str, Any] = {"ticket": ticket, **_draft_values(ticket.draft)}
    values |= {"outdated": ticket.outdated, "undo": _ticket_undo_target(ticket, desk.now())}
    values |= {"standing": ticket.standing, "notice": _notice(request)}
    return values | {"seen": request.query_params.get("seen", ""), "sendable": _sendable(ticket, request)}


def _ticket_url(ticket_id: str, request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/tickets/{quote(ticket_id)}{query}"


def _notice(request: Request) -> str | None:
    return NOTICES.get(request.query_params.get("notice", ""))


def _sendable(ticket: TicketView, request: Request) -> bool:
    """Tell whether an open page may still send: `at` is its newest event, `by` the draft of its form."""
    at, by = request.query_params.get("at", ""), request.query_params.get("by", "")
    live = ticket.draft.draft.draft_id if ticket.draft and ticket.draft.live else ""
    return ticket.waits and ticket.events[-1].event_id == at and by in ("", live)


def _own_url(view: str, after: str | None) -> dict[str, str]:
    return {"view": view, **({"after": after} if after else {}), "fragment": "1"}


def _draft_values(view: DraftView | None) -> dict[str, Any]:
    return {
        "view": view,
        "segments": segments(view.draft) if view else (),
        "reasons": REASONS,
        "closing_reasons": CLOSING_REASONS,
        "text_length": TEXT_LENGTH,
        "band": band,
    }


def _choice(form: FormData, decided_by: str) -> DeskChoice:
    action = field(form, "action", max_length=20)
    if action == "dismiss":
        return DeskChoice(None, _reason(form), decided_by)
    if action != "send":
        raise HTTPException(400)
    return DeskChoice(typed_text(form), None, decided_by)


def _reason(form: FormData) -> str:
    chosen = field(form, "reason", max_length=20)
    if chosen not in REASONS:
        raise Problem(
            422, "A reason is needed", "Choose a reason for the dismissal: it helps to make drafts better."
        )
    said = field(form, "reason_text", max_length=500)
    return f"{chosen}: {said}" if said else chosen


def _decide(desk: Desk, draft_id: str, choice: DeskChoice) -> tuple[Decision, bool]:
    """Record the decision; also return whether the draft has a text."""
    try:
        with desk.session() as session:
            decision = record_decision(session, draft_id, choice, now=desk.now())
            view = draft_view(session, draft_id)
            return decision, view is not None and bool(view.draft.body)
    except DecisionRefused as refusal:
        raise _refused(refusal, choice) from refusal
    except DATABASE_AWAY as error:
        raise not_recorded(choice.final_text or choice.reason) from error


def _refused(refusal: DecisionRefused, choice: DeskChoice) -> Exception:
    if refusal.reason == "unknown":
        return HTTPException(404)
    why = _NEWER.get(refusal.reason) or _TAKEN.get(refusal.reason, "It is no longer waiting.")
    said = f"{why} Nothing was recorded. Open the ticket again to see its state."
    return Problem(409, "This draft can no longer be decided on", said, kept=choice.final_text)


def _undo_target(session: Session, written: str, now: datetime) -> str | None:
    """Return the path that names the item of the last decision, or None if it cannot be taken back."""
    kind, _, item_id = written.replace("\x00", "").partition("/")
    if kind == "drafts":
        view = draft_view(session, item_id)
        return written if view and view.can_be_undone(now) else None
    known = newest_reply(session, item_id) if kind == "tickets" else None
    return written if known and known.draft_id is None and known.can_be_undone(now) else None


def _ticket_undo_target(ticket: TicketView, now: datetime) -> str | None:
    """Return the path that names the decision or reply that a ticket's page can take back, or None."""
    match ticket.undoable(now):
        case "draft" if ticket.draft is not None:
            return f"drafts/{ticket.draft.draft.draft_id}"
        case "reply":
            return f"tickets/{ticket.ticket_id}"
    return None
