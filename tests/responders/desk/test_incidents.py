"""The page of an incident, and its reply on the pages of the tickets that it explains."""

from sqlalchemy import Engine

from tests.responders.desk.test_help import inserted
from tests.responders.support.desk_client import Browser, token
from tests.responders.support.desk_samples import event_row, incident_row, put

FAILED = {
    "subject": "Training",
    "body": "Our training runs fail since this morning.",
    "requester_name": "Ada Byron",
}


def outage(engine: Engine) -> None:
    put(
        engine,
        incident_row(),
        event_row("hit", account_id="account-1", **FAILED),  # type: ignore[arg-type]
        event_row("invoice", account_id="account-2", subject="Invoice", body="The invoice is wrong."),
        event_row("other", account_id="elsewhere", **FAILED),  # type: ignore[arg-type]
    )


def test_an_incident_lists_the_waiting_tickets_that_it_explains_and_one_text_for_them(
    engine: Engine, desk: Browser
) -> None:
    outage(engine)
    assert "/incidents/incident-1" in desk.get("/accounts").text
    page = desk.get("/incidents/incident-1").text
    assert "/tickets/hit" in page
    assert "/tickets/invoice" not in page
    assert "/tickets/other" not in page
    assert "Since 11:20 UTC there has been a problem on our side" in page
    assert "data-follow-up" not in page


def test_the_follow_up_appears_with_the_end_that_a_person_tells(engine: Engine, desk: Browser) -> None:
    outage(engine)
    page = desk.get("/incidents/incident-1?ended=2026-03-10T11:55").text
    assert "it began at 11:20 UTC and ended at 11:55 UTC" in page


def test_an_incident_that_is_over_is_still_listed_and_its_end_is_proposed(
    engine: Engine, desk: Browser
) -> None:
    row = incident_row()
    row.record, row.state = row.record | {"ended_at": "2026-03-10T11:55:00Z"}, "ended"
    put(engine, row)
    listed = desk.get("/accounts").text
    assert "/incidents/incident-1" in listed
    assert "over since" in listed
    page = desk.get("/incidents/incident-1").text
    assert 'value="2026-03-10T11:55"' in page
    assert "data-follow-up" not in page
    assert "ended at 11:50 UTC" in desk.get("/incidents/incident-1?ended=2026-03-10T11:50").text


def test_an_unknown_incident_and_an_impossible_end_are_refused(engine: Engine, desk: Browser) -> None:
    outage(engine)
    assert desk.get("/incidents/none").status_code == 404
    for ended in ("soon", "2026-03-10T11:00"):
        assert desk.get(f"/incidents/incident-1?ended={ended}").status_code == 400


def test_the_page_of_an_explained_ticket_offers_the_holding_reply_by_name(
    engine: Engine, desk: Browser
) -> None:
    outage(engine)
    page = desk.get("/tickets/hit").text
    assert "An open incident explains this ticket." in page
    assert inserted(page)["incident"].startswith("Hello Ada,")
    assert "An open incident" not in desk.get("/tickets/invoice").text
    form = {"token": token(desk), "text": "", "insert": "incident"}
    assert "Hello Ada," in desk.post("/tickets/hit/insert", data=form).text
    assert desk.post("/tickets/invoice/insert", data=form).status_code == 404
