"""The page of an incident: the tickets that it explains, and one text for all of them. Nothing is sent."""

from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from responders.desk.explained import is_explained
from responders.desk.pages import desk_of
from responders.drafting.incident_texts import follow_up_text, holding_text
from responders.store.desk.account_lookup import account_names
from responders.store.desk.incidents import find_incident, waiting_messages


def incident_page(request: Request) -> Response:
    """Serve `GET /incidents/{incident_id}`: `ended` is the end as a person knows it, in UTC.

    The end that was found is only proposed: some accounts may still be down. 400 for an end that is no time
    or not after the start; 404 for an unknown incident.
    """
    desk = desk_of(request)
    told = _moment(request.query_params.get("ended", ""))
    with desk.session() as session:
        incident = find_incident(session, request.path_params["incident_id"])
        if incident is None:
            raise HTTPException(404)
        ended_at = told or incident.ended_at
        waiting = waiting_messages(session, incident)
        tickets = [message for message in waiting if is_explained(incident, message, ended_at=ended_at)]
        names = account_names(session, (ticket.account_id for ticket in tickets))
    now = desk.now()
    try:
        after = follow_up_text(incident, ended_at=told, now=now) if told else None
    except ValueError as error:
        raise HTTPException(400) from error
    values: dict[str, Any] = {"incident": incident, "tickets": tickets, "names": names, "ended_at": ended_at}
    values |= {"holding": holding_text(incident, now=now), "follow_up": after}
    return desk.page(request, "incident.html", **values)


def _moment(written: str) -> datetime | None:
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise HTTPException(400) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
