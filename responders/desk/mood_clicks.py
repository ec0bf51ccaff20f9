"""A click on the mood of a message: a person corrects or confirms it, or takes the correction back."""

from collections.abc import Callable
from typing import TypeVar, get_args
from urllib.parse import quote

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from responders.desk.forms import checked_form, field
from responders.desk.pages import Desk, desk_of
from responders.desk.problems import DATABASE_AWAY, Problem, not_recorded
from responders.store.desk.mood_clicks import correct_mood, undo_mood
from responders.store.desk.refusals import DecisionRefused
from schemas.tickets import Mood

Written = TypeVar("Written")


async def correct(request: Request) -> Response:
    """Serve `POST /messages/{event_id}/mood`: record the mood in `mood`, and go back to the ticket."""
    form = await checked_form(request)
    desk, event_id = desk_of(request), request.path_params["event_id"]
    mood = _mood(field(form, "mood", max_length=20))

    def write(session: Session) -> tuple[str, Mood | None]:
        return correct_mood(session, event_id, mood, corrected_by=desk.decided_by, now=desk.now())

    ticket_id, shown = await run_in_threadpool(_written, desk, write)
    desk.observe.correction(shown or "none", mood)
    return desk.redirect(f"/tickets/{quote(ticket_id)}?notice=mood")


async def take_back(request: Request) -> Response:
    """Serve `POST /messages/{event_id}/mood/undo`: the model's mood counts again; 409 if it does already."""
    await checked_form(request)
    desk, event_id = desk_of(request), request.path_params["event_id"]

    def write(session: Session) -> str:
        return undo_mood(session, event_id, undone_by=desk.decided_by, now=desk.now())

    ticket_id = await run_in_threadpool(_written, desk, write)
    return desk.redirect(f"/tickets/{quote(ticket_id)}?notice=mood_undone")


def _mood(value: str) -> Mood:
    known: tuple[Mood, ...] = get_args(Mood)
    for mood in known:
        if mood == value:
            return mood
    raise HTTPException(400)


def _written(desk: Desk, write: Callable[[Session], Written]) -> Written:
    try:
        with desk.session() as session:
            return write(session)
    except DecisionRefused as refusal:
        if refusal.reason == "unknown":
            raise HTTPException(404) from refusal
        raise Problem(409, "This cannot be undone", "Someone has taken it back already.") from refusal
    except DATABASE_AWAY as error:
        raise not_recorded(None) from error
