"""Every page with records at their limits: optional fields are absent, empty or full, and no page fails."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import SQLModel

from responders.desk import create_desk
from schemas import Account, Anomaly, ChurnAlert, Decision, Draft, Incident, Sentiment, Ticket
from schemas.tables import (
    AccountRow,
    AlertChangeRow,
    AnomalyRow,
    ChurnAlertRow,
    DecisionRow,
    DraftRow,
    IncidentRow,
    SentimentRow,
    TicketEventRow,
)
from tests.extremes import records, texts
from tests.responders.support.desk_client import Browser, Tags
from tests.responders.support.desk_samples import NOW, event_row, mood_row, put
from tests.responders.support.shared_database import empty

IDS = {"ticket_id": "t", "account_id": "acme"}
DECIDED = ("sent", "edited", "dismissed")


@pytest.fixture(scope="module")
def desk(desk_database: Engine) -> Browser:
    desk_database.dispose()
    return Browser(create_desk(desk_database, now=lambda: NOW))


@st.composite
def tickets(draw: st.DrawFn) -> list[SQLModel]:
    """One ticket with its events, moods, drafts and decisions."""
    rows: list[SQLModel] = []
    count = draw(st.integers(1, 3))
    for number in range(count):
        ids = {**IDS, "event_id": f"e{number}", "occurred_at": NOW - timedelta(minutes=9 - number)}
        ticket = draw(records(Ticket, **ids))
        rows.append(event(ticket))
        if draw(st.booleans()):
            rows.append(mood(draw(records(Sentiment, **ids))))
    return [*rows, *draw(drafts("t", f"e{count - 1}", "d"))]


@st.composite
def drafts(draw: st.DrawFn, ticket_id: str | None, based_on: str, draft_id: str) -> list[SQLModel]:
    kind = "reply" if ticket_id else "outreach"
    known: dict[str, Any] = {"ticket_id": ticket_id, "account_id": "acme", "draft_id": draft_id, "kind": kind}
    draft = draw(records(Draft, **known, based_on=based_on))
    row = DraftRow(
        **known,
        based_on=based_on,
        state=draft.state,
        stale_reason=draw(st.none() | texts()) if draft.state == "stale" else None,
        record=draft.to_json(),
        created_at=NOW,
        updated_at=NOW,
    )
    if draft.state not in DECIDED:
        return [row]
    decision = draw(records(Decision, draft_id=draft_id, decision_id=f"c-{draft_id}", action=draft.state))
    fields: dict[str, Any] = {"decided_by": decision.decided_by, "record": decision.to_json()}
    made = DecisionRow(
        decision_id=decision.decision_id, draft_id=draft_id, action=draft.state, decided_at=NOW, **fields
    )
    return [row, made]


@st.composite
def accounts(draw: st.DrawFn) -> list[SQLModel]:
    """One account with an alert, an anomaly and an incident; its record and its history may be missing."""
    account = draw(records(Account, account_id="acme"))
    alert = draw(records(ChurnAlert, alert_id="al", account_id="acme"))
    anomaly = draw(records(Anomaly, anomaly_id="an", account_id="acme"))
    incident = draw(records(Incident, incident_id="in"))
    told = AccountRow(account_id="acme", name=account.name, record=account.to_json(), updated_at=NOW)
    state = draw(st.sampled_from(("new", "acknowledged", "snoozed", "resolved", "expired")))
    said: dict[str, Any] = {"changed_by": draw(texts(1)), "comment": draw(st.none() | texts())}
    change = AlertChangeRow(alert_id="al", state=state, changed_at=NOW, **said)
    rows: list[SQLModel] = [alert_row(alert, state), anomaly_row(anomaly), incident_row(incident)]
    return rows + draw(st.sampled_from(([], [told]))) + draw(st.sampled_from(([], [change])))


def event(ticket: Ticket) -> TicketEventRow:
    named = ticket.model_dump(include={"event_id", *IDS, "kind", "channel", "occurred_at"})
    return TicketEventRow(**named, record=ticket.to_json())


def mood(found: Sentiment) -> SentimentRow:
    named = found.model_dump(include={"event_id", *IDS, "label", "score", "abstained", "occurred_at"})
    return SentimentRow(**named, record=found.to_json(), scored_at=NOW)


def alert_row(alert: ChurnAlert, state: str) -> ChurnAlertRow:
    named = alert.model_dump(include={"alert_id", "dedup_key", "account_id", "cause", "severity", "score"})
    until = NOW + timedelta(days=1) if state == "snoozed" else None
    times: dict[str, Any] = dict.fromkeys(("detected_at", "evidence_at", "created_at", "updated_at"), NOW)
    return ChurnAlertRow(**named, **times, state=state, snoozed_until=until, record=alert.to_json())


def anomaly_row(anomaly: Anomaly) -> AnomalyRow:
    named = anomaly.model_dump(include={"anomaly_id", "account_id", "cause", "metric"})
    return AnomalyRow(**named, record=anomaly.to_json(), started_at=NOW, detected_at=NOW)


def incident_row(incident: Incident) -> IncidentRow:
    named = incident.model_dump(include={"incident_id", "cause"})
    return IncidentRow(**named, record=incident.to_json(), detected_at=NOW, created_at=NOW)


PATHS = (
    "/tickets",
    "/tickets?view=outreach",
    "/tickets?view=done",
    "/tickets/t",
    "/tickets/t?fragment=1&seen=x",
    "/drafts/out",
    "/drafts/out?fragment=1",
    "/accounts",
    "/accounts?view=snoozed",
    "/accounts?view=closed",
    "/accounts/acme",
)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # it hid what failed
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(tickets(), drafts(None, "an", "out"), accounts())
def test_every_page_shows_any_valid_record(
    desk_database: Engine,
    desk: Browser,
    ticket: list[SQLModel],
    outreach: list[SQLModel],
    account: list[SQLModel],
) -> None:
    empty(desk_database)
    rows = [*ticket, *outreach, *account]
    put(desk_database, *(row for row in rows if not isinstance(row, DecisionRow | AlertChangeRow)))
    put(desk_database, *(row for row in rows if isinstance(row, DecisionRow | AlertChangeRow)))
    for path in PATHS:
        page = desk.get(path)
        assert page.status_code == 200, path
        assert Tags(page.text).open == []


@pytest.mark.parametrize("subject", ["", " ", "\u200b", "\u202e"])
def test_a_ticket_without_a_visible_subject_is_called_no_subject(
    desk_database: Engine, desk: Browser, subject: str
) -> None:
    empty(desk_database)
    put(desk_database, event_row("t", subject=subject))
    for path in ("/tickets", "/tickets/t", "/accounts/acme"):
        page = desk.get(path)
        assert (page.status_code, "(no subject)" in page.text) == (200, True)


def test_a_ticket_has_the_subject_of_its_first_message_with_a_subject(
    desk_database: Engine, desk: Browser
) -> None:
    empty(desk_database)
    put(desk_database, event_row("t", subject=""), *(event_row("t", f"t-{n}", subject="") for n in (3, 4)))
    put(desk_database, event_row("t", "t-2", minutes_ago=20, subject="The export fails"))
    for path in ("/tickets", "/tickets/t", "/accounts/acme"):
        assert "The export fails" in desk.get(path).text


def test_a_ticket_of_five_hundred_messages_shows_the_newest_with_their_moods_only(
    desk_database: Engine, desk: Browser
) -> None:
    empty(desk_database)
    put(desk_database, *(event_row("t", f"e{n:03}", minutes_ago=500 - n, subject="") for n in range(500)))
    put(desk_database, *(mood_row("t", f"e{n:03}", minutes_ago=500 - n) for n in range(500)))
    page = desk.get("/tickets/t").text
    assert page.count('class="message ') == 200
    assert "Only the newest 200 are shown" in page


@pytest.mark.parametrize("odd", ["🙂" * 200, "a b\tc\nd", "שלום/x?y#z%41", "\u200b"])
def test_ids_at_their_limits_lead_to_their_pages_and_their_actions(
    desk_database: Engine, desk: Browser, odd: str
) -> None:
    empty(desk_database)
    put(desk_database, event_row(odd, "e-1", account_id=odd, subject=""))
    page = desk.get("/tickets").text
    links = [str(a["href"]) for tag, a in Tags(page).seen if tag == "a" and "data-item" in a]
    assert [desk.get(link).status_code for link in links] == [200]
    form = {"token": str(desk.cookies["rapport_desk"]), "text": "Mine", "answers": "e-1"}
    action = f"/tickets/{quote(odd)}/reply"
    assert action in desk.get(links[0]).text
    answer = desk.post(action, data=form)
    assert answer.status_code == 303
    assert "data-undo" in desk.get(answer.headers["location"]).text
    assert desk.get(f"/accounts/{quote(odd)}").status_code == 200
