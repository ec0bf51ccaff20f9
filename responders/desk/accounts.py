"""The success manager's pages: the churn alerts with their evidence, and the page of one account."""

from typing import Any, Final, get_args

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from responders.desk.charts import band, mood_trend
from responders.desk.forms import checked_form, field
from responders.desk.pages import Desk, desk_of
from responders.desk.problems import DATABASE_AWAY, Problem, not_recorded
from responders.store.desk.accounts import account_view
from responders.store.desk.alerts import (
    ALERT_PAGE_SIZE,
    OUTCOMES,
    SNOOZE_DAYS,
    AlertMove,
    AlertRefused,
    AlertView,
    alert_counts,
    list_alerts,
    move_alert,
    shown_incidents,
)
from responders.store.rules import load_standings
from schemas.churn import OPEN_STATES

VIEWS: Final[tuple[AlertView, ...]] = get_args(AlertView)
MAX_PAGE: Final = 10_000
NOTICES: Final = {
    "acknowledged": "Acknowledged: the case stays here until it is resolved, recovers or expires.",
    "snoozed": "Snoozed: the case comes back by itself, unless the account recovers before.",
    "resolved": "Resolved. The outcome counts towards the precision of its rules; the daily risk learns it.",
}
_REFUSED: Final = {
    "closed": "It has been resolved or has expired in the meantime.",
    "same": "Someone has acknowledged it already.",
}


def alerts_page(request: Request) -> Response:
    """Serve `GET /accounts`: `view`, `page`, `fragment`, `notice`."""
    desk = desk_of(request)
    view = next((known for known in VIEWS if known == request.query_params.get("view", "open")), None)
    page = _page_number(request.query_params.get("page", "1"))
    if view is None:
        raise HTTPException(404)
    now = desk.now()
    with desk.session() as session:
        alerts = list_alerts(session, view, now=now, page=page)
        counts = alert_counts(session, now=now)
        incidents = shown_incidents(session, now=now)
        standings = load_standings(session)
    values: dict[str, Any] = {
        "view": view,
        "alerts": alerts,
        "counts": counts,
        "incidents": incidents,
        "rules": standings,
        "page": page,
        "next_page": page + 1 if len(alerts) == ALERT_PAGE_SIZE else None,
        "notice": NOTICES.get(request.query_params.get("notice", "")),
    }
    name = "alert_list.html" if "fragment" in request.query_params else "alerts.html"
    return desk.page(request, name, **values, **_alert_values())


def account_page(request: Request) -> Response:
    """Serve `GET /accounts/{account_id}`."""
    desk = desk_of(request)
    now = desk.now()
    with desk.session() as session:
        view = account_view(session, request.path_params["account_id"], now=now)
    if view is None:
        raise HTTPException(404)
    name = "account_body.html" if "fragment" in request.query_params else "account.html"
    values = {"trend": mood_trend(view.moods), "standing": desk.mood_trend(view.moods), **_alert_values()}
    return desk.page(request, name, account=view, **values)


async def move(request: Request) -> Response:
    """Serve `POST /alerts/{alert_id}/move`: record it and go back to the list; 409 if it comes too late."""
    form = await checked_form(request)
    desk = desk_of(request)
    chosen = _move(form, desk.decided_by)
    await run_in_threadpool(_apply, desk, request.path_params["alert_id"], chosen)
    return desk.redirect(f"/accounts?notice={chosen.state}")


def _alert_values() -> dict[str, Any]:
    return {"band": band, "open_states": OPEN_STATES, "outcomes": OUTCOMES, "snooze_days": SNOOZE_DAYS}


def _page_number(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= 5):
        raise HTTPException(400)
    return min(max(int(written), 1), MAX_PAGE)


def _move(form: FormData, changed_by: str) -> AlertMove:
    comment = field(form, "comment", max_length=900)
    match field(form, "action", max_length=20):
        case "acknowledge":
            return AlertMove("acknowledged", changed_by, comment=comment)
        case "snooze":
            return AlertMove("snoozed", changed_by, days=_days(form), comment=comment)
        case "resolve":
            return AlertMove("resolved", changed_by, outcome=_outcome(form), comment=comment)
    raise HTTPException(400)


def _days(form: FormData) -> int:
    written = field(form, "days", max_length=3)
    days = next((known for known in SNOOZE_DAYS if str(known) == written), None)
    if days is None:
        raise HTTPException(400)
    return days


def _outcome(form: FormData) -> Any:
    chosen = field(form, "outcome", max_length=20)
    if chosen not in OUTCOMES:
        raise Problem(
            422, "An outcome is needed", "Say how it ended: saved, lost, false alarm or already known."
        )
    return chosen


def _apply(desk: Desk, alert_id: str, chosen: AlertMove) -> None:
    try:
        with desk.session() as session:
            move_alert(session, alert_id, chosen, now=desk.now())
    except AlertRefused as refusal:
        if refusal.reason == "unknown":
            raise HTTPException(404) from refusal
        said = f"{_REFUSED[refusal.reason]} Nothing was recorded."
        raise Problem(409, "This alert cannot be moved", said, kept=chosen.comment or None) from refusal
    except DATABASE_AWAY as error:
        raise not_recorded(chosen.comment) from error
