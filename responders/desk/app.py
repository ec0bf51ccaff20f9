"""The desk as one ASGI application: routes, error pages, and the task that listens to the database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from starlette.applications import Starlette
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from responders.desk.accounts import account_page, alerts_page, move
from responders.desk.door import Door
from responders.desk.events import Hub, listening, stream
from responders.desk.guard import SAFETY_HEADERS, Guard, Meter, RouteNames
from responders.desk.incidents import incident_page
from responders.desk.learning import learning_page
from responders.desk.mood_clicks import correct, take_back
from responders.desk.observer import DeskObserver
from responders.desk.pages import Desk, TrendOf, desk_of
from responders.desk.problems import DATABASE_AWAY, Problem
from responders.desk.replies import reply, undo_draft, undo_ticket
from responders.desk.tickets import decide, draft_page, insert, queue_page, ticket_page

MAX_BODY_BYTES: Final = 512 * 1024

_STATIC = Path(__file__).parent / "static"

_SAID: Final = {
    400: ("That request does not make sense", "Something in the address or the form could not be read."),
    403: (
        "Not accepted",
        "This form came from another site, or the page is too old. Go back, reload, try again.",
    ),
    404: ("Nothing here", "There is no such page, ticket, draft, alert or account, or it has been erased."),
    408: (
        "Too slow",
        "The form took too long to arrive, so nothing was recorded. Go back and send it again.",
    ),
    405: ("Not possible here", "This address does not take that kind of request."),
    413: ("Too long", "The text is longer than the desk accepts. Shorten it."),
    421: ("Wrong host", "The desk does not answer under this host name."),
    503: ("The database does not answer", "Nothing was lost. Wait a moment, then reload this page."),
}
_OTHERWISE: Final = (
    "Something went wrong",
    "The failure is in the log. Reload, or go back to the queue.",
)


class IdConvertor(PathConvertor):
    """Accepts any id, line breaks included: Starlette's convertor for paths stops at a line break."""

    regex = "(?s:.*)"


register_url_convertor("id", IdConvertor())


def create_desk(
    engine: Engine,
    *,
    now: Callable[[], datetime],
    observe: DeskObserver | None = None,
    decided_by: str = "agent",
    door: Door | None = None,
) -> Starlette:
    """Return the desk on a database of the service.

    Parameters
    ----------
    engine
        PostgreSQL through psycopg; the listener connects to the address of this engine.
    now
        Gives the aware UTC time from which ages, snoozes and decisions are computed.
    observe
        Hears of every request and decision; the desk knows no metrics library.
    decided_by
        The name that decisions are recorded under while there is no login.
    door
        The host names and the path prefix of the desk, and who may enter. The default: the names of this
        machine, the root path, and everyone.
    """
    door = door or Door()
    routes = _routes()
    observer = observe or _Unobserved()
    middleware = [
        Middleware(Meter, observe=observer, names=RouteNames(routes)),
        Middleware(Guard, door=door),
        Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES),
    ]
    app = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers=_handlers(),
        lifespan=_lifespan,
    )
    app.state.desk = Desk(engine=engine, now=now, observe=observer, decided_by=decided_by, prefix=door.prefix)
    app.state.hub = Hub()
    return app


def with_trend(app: Starlette, trend: TrendOf) -> Starlette:
    """Return the desk `app`, whose pages of an account and of a ticket now tell the trend of the mood."""
    app.state.desk = replace(app.state.desk, trend=trend)
    return app


class _Unobserved:
    def request(self, route: str, status: int, seconds: float) -> None:
        """Ignore the request."""

    def decision(self, action: str) -> None:
        """Ignore the decision."""

    def retired(self, drafts: int) -> None:
        """Ignore the drafts."""

    def correction(self, shown: str, given: str) -> None:
        """Ignore the mood."""


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    desk: Desk = app.state.desk
    async with listening(desk.engine, app.state.hub):
        yield


def _routes() -> list[Route | Mount]:
    return [
        Route("/", _home),
        Route("/tickets", queue_page),
        Route("/tickets/{ticket_id:id}/reply", reply, methods=["POST"]),
        Route("/tickets/{ticket_id:id}/insert", insert, methods=["POST"]),
        Route("/tickets/{ticket_id:id}/undo", undo_ticket, methods=["POST"]),
        Route("/tickets/{ticket_id:id}", ticket_page),
        Route("/drafts/{draft_id:id}/decision", decide, methods=["POST"]),
        Route("/drafts/{draft_id:id}/undo", undo_draft, methods=["POST"]),
        Route("/drafts/{draft_id:id}", draft_page),
        Route("/messages/{event_id:id}/mood/undo", take_back, methods=["POST"]),
        Route("/messages/{event_id:id}/mood", correct, methods=["POST"]),
        Route("/accounts", alerts_page),
        Route("/accounts/{account_id:id}", account_page),
        Route("/learning", learning_page),
        Route("/incidents/{incident_id:id}", incident_page),
        Route("/alerts/{alert_id:id}/move", move, methods=["POST"]),
        Route("/events", stream),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


async def _home(request: Request) -> Response:
    return desk_of(request).redirect("/tickets")


def _handlers() -> dict[Any, Any]:
    away = dict.fromkeys(DATABASE_AWAY, _database_away)
    return {
        HTTPException: _http_problem,
        Problem: _problem,
        ClientDisconnect: _gone,
        DataError: _unreadable,
        Exception: _bug,
        **away,
    }


def _http_problem(request: Request, problem: HTTPException) -> Response:
    return _error_page(request, problem.status_code)


def _problem(request: Request, problem: Problem) -> Response:
    page = desk_of(request).page(
        request,
        "error.html",
        status=problem.status,
        title=problem.title,
        said=problem.said,
        kept=problem.kept,
    )
    return _to_be_retried(page) if problem.status == 503 else page


def _gone(_request: Request, _failure: Exception) -> Response:
    """Answer a browser that left before its form arrived: nobody reads it. nginx also calls this 499."""
    return PlainTextResponse("", 499)


def _unreadable(request: Request, _failure: Exception) -> Response:
    return _error_page(request, 400)


def _database_away(request: Request, _failure: Exception) -> Response:
    return _to_be_retried(_error_page(request, 503))


def _to_be_retried(page: Response) -> Response:
    page.headers["Retry-After"] = "5"
    return page


def _bug(request: Request, _failure: Exception) -> Response:
    # Starlette sends this answer outside all middleware, so the headers are set here.
    page = _error_page(request, 500)
    page.headers.update(SAFETY_HEADERS)
    return page


def _error_page(request: Request, status: int) -> Response:
    title, said = _SAID.get(status, _OTHERWISE)
    return desk_of(request).page(request, "error.html", status=status, title=title, said=said, kept=None)
