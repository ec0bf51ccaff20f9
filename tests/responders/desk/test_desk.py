"""The desk's pages over HTTP, without a browser."""

import re
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from schemas.tables import ChurnAlertRow
from tests.responders.support.desk_client import Browser, Tags, Watched, decisions, full_house, post, token
from tests.responders.support.desk_samples import (
    NOW,
    account_row,
    alert_row,
    citation,
    draft_of,
    draft_row,
    event_row,
    incident_row,
    put,
)


def test_every_page_of_an_empty_database_explains_itself(desk: Browser) -> None:
    for path, words in (
        ("/tickets", "Nobody is waiting"),
        ("/tickets?view=outreach", "No outreach"),
        ("/tickets?view=done", "Nothing decided"),
        ("/accounts", "No account needs you"),
        ("/accounts?view=snoozed", "Nothing is snoozed"),
        ("/accounts?view=closed", "Nothing closed"),
    ):
        page = desk.get(path)
        assert page.status_code == 200, path
        assert words in page.text
        assert Tags(page.text).open == []
    assert desk.get("/").headers["location"] == "/tickets"


def test_a_ticket_shows_its_draft_with_numbered_sources_and_the_reasons_of_its_mood(
    engine: Engine, desk: Browser
) -> None:
    full_house(engine)
    page = desk.get("/tickets/t").text
    assert 'href="#source-1"' in page
    assert 'href="https://help.example/kb-1" target="_blank" rel="noopener noreferrer"' in page
    assert "https://help.example/kb-2" not in page
    for words in ("internal: do not link", "third message", "90 %", "83 % likely", "Nothing leaves Rapport"):
        assert words in page
    queue = desk.get("/tickets").text
    assert queue.index("Subject of t") < queue.index("Can we help with labelling?")


def test_an_abstention_says_why_and_what_is_missing(engine: Engine, desk: Browser) -> None:
    draft = draft_of(
        "t", state="abstained", body="", abstained="no_support", missing="The invoice", question="Which?"
    )
    put(engine, event_row("t"), draft_row(draft))
    page = desk.get("/tickets/t").text
    for words in ("Rapport wrote no draft for this message.", "The invoice", "Which?", "Your reply"):
        assert words in page


def test_a_redraft_says_that_the_customer_wrote_again_and_when(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t", minutes_ago=90), event_row("t", "t-2", minutes_ago=20))
    put(engine, draft_row(draft_of("t"), state="stale"))
    put(engine, draft_row(draft_of("t", "again", based_on="t-2")))
    page = " ".join(desk.get("/tickets/t").text.split())
    assert "Written again because the customer wrote at <time" in page
    assert ">11:40 UTC</time>" in page


def test_a_draft_after_our_reply_is_not_called_written_again(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t", minutes_ago=90), event_row("t", "t-3", minutes_ago=20))
    put(engine, event_row("t", "t-2", kind="human_reply", minutes_ago=50))
    put(engine, draft_row(draft_of("t"), state="stale"))
    put(engine, draft_row(draft_of("t", "again", based_on="t-3")))
    assert "Written again" not in desk.get("/tickets/t").text


def test_a_reply_to_an_abstention_is_not_called_an_edited_draft(engine: Engine, desk: Browser) -> None:
    draft = draft_of("t", state="abstained", body="", abstained="no_support")
    put(engine, event_row("t"), draft_row(draft))
    assert "Drafted" not in desk.get("/tickets/t").text
    form = {"token": token(desk), "action": "send", "text": "Mine"}
    place = desk.post("/drafts/draft-t/decision", data=form).headers["location"]
    assert "Recorded as sent in your own words" in desk.get(place).text
    page = desk.get("/tickets/t").text
    assert "Recorded as sent, in your own words" in page
    assert "with changes" not in page
    assert "like the draft" not in page


def test_a_quote_is_shown_without_the_marks_of_markdown(engine: Engine, desk: Browser) -> None:
    quote = "## Roles\n1. Open **Settings > Roles**.\n2. Choose `admin`; see [roles](https://help.example/r)."
    put(engine, event_row("t"), draft_row(draft_of("t", citations=(citation("kb-1", "Roles", quote),))))
    page = desk.get("/tickets/t").text
    assert "1. Open Settings &gt; Roles.\n2. Choose admin; see roles (https://help.example/r)." in page


def test_sending_editing_and_dismissing_are_recorded(engine: Engine, desk: Browser, watched: Watched) -> None:
    put(engine, *(event_row(t) for t in "abc"), *(draft_row(draft_of(t)) for t in "abc"))
    body = draft_of("a").body
    assert post(desk, "/drafts/draft-a/decision", action="send", text=body.replace("\n", "\r\n"))[0] == 303
    assert post(desk, "/drafts/draft-b/decision", action="send", text="Mine")[0] == 303
    reason = {"action": "dismiss", "reason": "tone", "reason_text": "too cold"}
    assert post(desk, "/drafts/draft-c/decision", **reason)[0] == 303
    recorded = {record["draft_id"]: record for record in decisions(engine)}
    assert (
        [recorded[f"draft-{t}"]["action"] for t in "abc"]
        == ["sent", "edited", "dismissed"]
        == watched.decisions
    )
    assert recorded["draft-b"]["final_text"] == "Mine"
    assert recorded["draft-c"]["reason"] == "tone: too cold"
    assert {record["decided_by"] for record in recorded.values()} == {"kim"}
    assert "Recorded as sent with changes" in desk.get("/tickets/b").text
    assert "Recorded as sent with your changes" in desk.get("/tickets?notice=edited").text


def test_a_persons_reason_for_a_dismissal_is_shown_unchanged(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    said = "see v1.2 of new_guide, e.g. its end"
    reason = {"action": "dismiss", "reason": "off_topic", "reason_text": said}
    assert post(desk, "/drafts/draft-t/decision", **reason)[0] == 303
    for path in ("/tickets", "/tickets/t"):
        assert f"off topic: {said}" in desk.get(path).text


def test_a_stale_draft_is_refused_and_the_typed_text_given_back(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t"), state="stale"))
    status, page = post(desk, "/drafts/draft-t/decision", action="send", text="My careful words")
    assert status == 409
    assert "My careful words" in page
    assert "stale" in page
    assert decisions(engine) == []


def test_a_second_decision_and_a_second_resolution_are_refused(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")), alert_row())
    assert post(desk, "/drafts/draft-t/decision", action="send", text="One")[0] == 303
    assert post(desk, "/drafts/draft-t/decision", action="send", text="Two")[0] == 409
    assert post(desk, "/alerts/alert-1/move", action="resolve", outcome="saved")[0] == 303
    assert post(desk, "/alerts/alert-1/move", action="acknowledge")[0] == 409
    assert len(decisions(engine)) == 1


def test_alerts_are_acknowledged_snoozed_and_resolved(engine: Engine, desk: Browser) -> None:
    put(engine, account_row(), incident_row(), *(alert_row(f"alert-{n}") for n in range(3)))
    page = desk.get("/accounts").text
    for words in (
        "One shared cause",
        "17 accounts",
        "their alerts are held",
        "Logins are as usual",
        "84,000",
    ):
        assert words in page
    assert post(desk, "/alerts/alert-0/move", action="acknowledge")[0] == 303
    assert post(desk, "/alerts/alert-1/move", action="snooze", days="7")[0] == 303
    assert (
        post(desk, "/alerts/alert-2/move", action="resolve", outcome="false alarm", comment="holiday")[0]
        == 303
    )
    assert post(desk, "/alerts/alert-0/move", action="snooze", days="3")[0] == 400
    assert post(desk, "/alerts/alert-0/move", action="resolve", outcome="bored")[0] == 422
    assert post(desk, "/alerts/none/move", action="acknowledge")[0] == 404
    with Session(engine) as session:
        rows = {row.alert_id: (row.state, row.snoozed_until) for row in session.exec(select(ChurnAlertRow))}
    assert rows["alert-0"] == ("acknowledged", None)
    assert rows["alert-1"] == ("snoozed", NOW + timedelta(days=7))
    assert rows["alert-2"] == ("resolved", None)
    assert "false alarm: holiday" in desk.get("/accounts?view=closed").text
    assert "until 17 Mar" in desk.get("/accounts?view=snoozed").text


def test_odd_ids_lead_to_their_own_pages(engine: Engine, desk: Browser) -> None:
    for ticket_id in ("a/b?c#d", "ü ~ %41", "x/decision", "'\"<&>"):
        put(engine, event_row(ticket_id, f"e-{ticket_id}"))
    page = desk.get("/tickets").text
    links = [str(a["href"]) for tag, a in Tags(page).seen if tag == "a" and "data-item" in a]
    assert len(links) == 4
    for link in links:
        assert desk.get(link).status_code == 200


def test_long_queues_come_in_pages(engine: Engine, desk: Browser) -> None:
    put(engine, *(event_row(f"t{n:03}", minutes_ago=n) for n in range(130)))
    first = desk.get("/tickets").text
    assert first.count("data-item") == 100
    following = next(
        str(a["href"]) for tag, a in Tags(first).seen if tag == "a" and "after=" in str(a.get("href"))
    )
    second = desk.get(following).text
    assert second.count("data-item") == 30
    items = re.findall(r'data-key="item-(t\d+)"', first + second)
    assert len(set(items)) == 130


def test_a_fragment_tells_what_changed_since_the_page_was_opened(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t", "old"), state="stale"))
    stale = desk.get("/tickets/t?fragment=1&seen=old").text
    assert 'data-banner="stale"' in stale
    assert "<html" not in stale
    put(engine, event_row("t", "t-2", minutes_ago=1), draft_row(draft_of("t", "new", based_on="t-2")))
    assert 'data-banner="new"' in desk.get("/tickets/t?fragment=1&seen=old").text
    assert "data-banner" not in desk.get("/tickets/t?fragment=1&seen=new").text
    assert "<html" not in desk.get("/tickets?fragment=1").text


def test_the_observer_hears_path_templates_only(engine: Engine, desk: Browser, watched: Watched) -> None:
    put(engine, event_row("t"))
    for path in ("/tickets/t", "/tickets/none", "/static/base.css", "/wp-admin.php", "/accounts/x/y"):
        desk.get(path)
    assert watched.requests == [
        ("/tickets/{ticket_id}", 200),
        ("/tickets/{ticket_id}", 404),
        ("/static", 200),
        ("unmatched", 404),
        ("/accounts/{account_id}", 404),
    ]
