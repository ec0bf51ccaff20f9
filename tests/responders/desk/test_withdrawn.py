"""The desk's words about changed sources, and drafts of an older build with tags in them."""

from sqlalchemy import Engine

from schemas import Claim
from tests.responders.support.desk_client import Browser, decisions, post
from tests.responders.support.desk_samples import (
    account_row,
    alert_row,
    citation,
    draft_of,
    draft_row,
    event_row,
    put,
)


def test_a_draft_that_was_written_again_says_what_changed(engine: Engine, desk: Browser) -> None:
    told = "Drafted again: the article “Roles” changed."
    put(engine, event_row("t"), draft_row(draft_of("t", again=told)))
    assert f'<p class="hint" data-again>{told}</p>' in desk.get("/tickets/t").text


def test_a_ticket_whose_draft_lost_its_source_says_why_and_that_a_new_draft_is_on_its_way(
    engine: Engine, desk: Browser
) -> None:
    draft = draft_of("t")
    row = draft_row(draft)
    row.state, row.stale_reason = "stale", "source changed"
    put(engine, event_row("t"), row)
    page = desk.get(f"/tickets/t?fragment=1&seen={draft.draft_id}").text
    assert "This draft is stale: source changed." in page
    assert "A new one is on its way." in page
    whole = desk.get("/tickets/t").text
    assert "A draft is on its way" in whole
    assert "The draft that was not sent" in whole


def test_a_draft_of_an_older_build_is_shown_and_sent_without_tags(engine: Engine, desk: Browser) -> None:
    body = "<p>Open <b>Roles</b>.</p>\n\nUse <your-key>."
    draft = draft_of(
        "t",
        subject="Re: <i>Roles</i>",
        citations=(citation("kb-1", "<b>Roles</b>", "<ol><li>Open <em>Roles</em>.</li></ol>"),),
    )
    claim = Claim(text="<p>Open <b>Roles</b>.</p>", source_ids=("kb-1",), supported=True)
    old = draft.model_copy(update={"body": body, "claims": (claim,)})
    put(engine, event_row("t"), draft_row(old))
    page = desk.get("/tickets/t").text
    assert "&lt;b&gt;" not in page
    assert "&lt;em&gt;" not in page
    assert "1. Open Roles." in page
    assert "Use &lt;your-key&gt;." in page
    shown = "Open Roles.\n\nUse <your-key>."
    post(desk, f"/drafts/{old.draft_id}/decision", action="send", text=shown)
    (decision,) = decisions(engine)
    assert (decision["action"], decision["final_text"]) == ("sent", shown)


def test_the_desk_promises_no_figure_that_it_does_not_show(engine: Engine, desk: Browser) -> None:
    put(engine, account_row(), alert_row())
    status, _ = post(desk, "/alerts/alert-1/move", action="resolve", outcome="saved")
    assert status == 303
    for path in ("/accounts?view=closed", "/accounts", "/tickets"):
        page = desk.get(path).text.lower()
        assert "right in" not in page
        assert "trusted" not in page
    told = "Resolved. The outcome counts towards the precision of its rules; the daily risk learns it."
    assert told in desk.get("/accounts?notice=resolved").text
