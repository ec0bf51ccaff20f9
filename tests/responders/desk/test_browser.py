"""The desk in a real browser: Debian's Chromium, headless, against a real server and database."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, update

from responders.markup import has_tags
from schemas.tables import DraftRow
from tests.responders.support.desk_browser import House, expect, needs_chromium
from tests.responders.support.desk_payloads import PAYLOADS
from tests.responders.support.desk_samples import (
    account_row,
    alert_row,
    angry,
    draft_of,
    draft_row,
    event_row,
    put,
)
from tests.responders.support.desk_server import served

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = needs_chromium


def test_a_new_draft_appears_without_reload_and_the_focus_stays(house: House) -> None:
    put(house.engine, event_row("first", subject="The first"))
    page = house.open("/tickets")
    page.keyboard.press("j")
    expect(page.locator("[data-item]:focus")).to_contain_text("The first")
    page.evaluate("window.kept = true")
    put(
        house.engine, event_row("angry", subject="An angry one"), angry("angry"), draft_row(draft_of("angry"))
    )
    house.tell("draft", "draft-angry")
    expect(page.locator("[data-item]")).to_have_count(2)
    expect(page.locator("[data-item]").first).to_contain_text("An angry one")
    expect(page.locator("[data-item]:focus")).to_contain_text("The first")
    assert page.evaluate("window.kept") is True


def test_a_draft_is_edited_sent_and_dismissed_by_keyboard_alone(house: House) -> None:
    put(house.engine, *(event_row(t, minutes_ago=m) for t, m in (("a", 30), ("b", 20), ("c", 10))))
    put(house.engine, *(draft_row(draft_of(t)) for t in "abc"))
    page = house.open("/tickets")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    house.settled("h1", "Subject of a")
    expect(page.locator("#reply")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    house.settled(".notice", "as sent, unchanged")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    house.settled("h1", "Subject of b")
    page.keyboard.press("e")
    page.locator("#reply").press_sequentially("Dear you. ")
    expect(page.locator("[data-send-label]")).to_have_text("Send edited")
    page.keyboard.press("Control+Enter")
    house.settled(".notice", "with your changes")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    house.settled("h1", "Subject of c")
    page.keyboard.press("d")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("dismissed")
    expect(page.locator("[data-item]")).to_have_count(0)
    decided = house.decisions()
    assert [decided[f"draft-{t}"][0] for t in "abc"] == ["sent", "edited", "dismissed"]
    assert "Dear you. " in str(decided["draft-b"][1])


def test_a_page_says_live_only_when_its_keys_work(house: House) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    held: list[Route] = []

    def hold(route: "Route") -> None:
        held.append(route)

    house.page.route("**/static/keys.js", hold)
    house.page.goto(f"{house.url}/tickets/t", wait_until="commit")
    house.page.wait_for_timeout(1_000)
    expect(house.page.locator("#link-word")).to_have_text("Reload to update")
    held[0].continue_()
    house.settled("h1", "Subject of t").keyboard.press("e")
    expect(house.page.locator("#reply")).to_be_focused()


def test_typed_text_is_kept_when_the_ticket_moves_on(house: House) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    page = house.open("/tickets/t")
    page.keyboard.press("e")
    page.locator("#reply").fill("My own words")
    _mark_stale(house.engine, "draft-t")
    house.tell("draft", "draft-t")
    expect(page.locator("[data-banner=stale]")).to_be_visible()
    put(house.engine, event_row("t", "t-2", minutes_ago=1), draft_row(draft_of("t", "newer", based_on="t-2")))
    house.tell("draft", "newer")
    expect(page.locator("[data-banner=new]")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("My own words")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("can no longer be decided on")
    expect(page.locator("#kept")).to_have_value("My own words")
    assert house.decisions() == {}
    # The browser itself reports a refused form on its console; this report is expected.
    assert [line for line in house.diary.wrong if "409" not in line] == []
    house.diary.wrong.clear()


def test_a_ticket_opened_before_its_draft_loads_it(house: House) -> None:
    put(house.engine, event_row("t"))
    page = house.open("/tickets/t")
    expect(page.locator(".pane.draft")).to_contain_text("on its way")
    put(house.engine, draft_row(draft_of("t")))
    house.tell("draft", "draft-t")
    expect(page.locator("#reading")).to_contain_text("The export needs the admin role.")
    page.locator("#reading a.marker").first.click()
    expect(page.locator("#source-1:target")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#copy")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == draft_of("t").body


def test_alerts_arrive_live_and_are_acknowledged_snoozed_and_resolved_by_keyboard(house: House) -> None:
    page = house.open("/accounts")
    expect(page.locator(".empty")).to_contain_text("No account needs you")
    put(house.engine, account_row(), *(alert_row(f"alert-{n}", score=0.9 - n / 10) for n in range(3)))
    house.tell("alert", "alert-0")
    expect(page.locator("[data-alert]")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("a")
    house.settled(".notice", "Acknowledged")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("s")
    house.settled(".notice", "Snoozed")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.locator("[data-key=alert-alert-2] select").select_option("false alarm")
    page.locator("[data-key=alert-alert-2] input[name=comment]").fill("public holiday")
    put(house.engine, alert_row("alert-9"))
    house.tell("alert", "alert-9")
    page.wait_for_timeout(400)
    expect(page.locator("[data-key=alert-alert-2] input[name=comment]")).to_have_value("public holiday")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("Resolved")
    expect(page.locator("[data-alert]")).to_have_count(2)
    states = {"alert-0": "acknowledged", "alert-1": "snoozed", "alert-2": "resolved", "alert-9": "new"}
    assert house.alert_states() == states


def test_hostile_text_does_not_run(house: House) -> None:
    evil = "".join(PAYLOADS)
    put(house.engine, account_row(name=evil[:290], plan=evil[:290]), alert_row(sentence=evil[:900]))
    put(house.engine, event_row("t", subject=evil[:900], body=evil, requester_name=evil[-900:]), angry("t"))
    put(house.engine, draft_row(draft_of("t", body=evil, subject=evil[:900])))
    put(house.engine, *(event_row(f"p{n}", subject=text, body=text) for n, text in enumerate(PAYLOADS)))
    assert len(PAYLOADS) >= 60
    for path in ("/tickets", "/tickets/t", "/accounts", "/accounts/acme"):
        page = house.open(path)
        house.tell("draft", "draft-t")
        house.tell("alert", "alert-1")
        page.wait_for_timeout(250)
        assert page.evaluate("window.pwned") is None
        assert page.url == house.url + path
    page = house.open("/tickets/t")
    reply = page.locator("#reply").input_value()
    assert not has_tags(reply)
    assert "{{" in reply


def test_quoted_text_is_unfolded_by_the_keyboard(house: House) -> None:
    body = "It fails.\n\nOn Mon, 5 Jan 2026, Help <h@x.example> wrote:\n> Does <that> work?"
    put(house.engine, event_row("t", body=body))
    page = house.open("/tickets/t")
    quoted = page.locator(".folded .said")
    expect(quoted).to_be_hidden()
    page.locator(".folded summary").focus()
    page.keyboard.press("Enter")
    expect(quoted).to_be_visible()
    expect(quoted).to_contain_text("Does <that> work?")


def test_the_desk_comes_back_after_the_database_dropped_its_listener(house: House) -> None:
    page = house.open("/tickets")
    with house.engine.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        )
    put(house.engine, event_row("t"))
    expect(page.locator("[data-item]")).to_have_count(1)
    expect(page.locator("#link-word")).to_have_text("Live")


def test_everything_works_without_scripts(house: House) -> None:
    put(house.engine, event_row("a"), event_row("b"), draft_row(draft_of("a")), draft_row(draft_of("b")))
    put(house.engine, account_row(), alert_row())
    context = house.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(house.url + "/tickets/a")
    page.locator("#reply").fill("Plain words")
    page.locator("button[value=send]").click()
    expect(page.locator(".notice")).to_contain_text("with your changes")
    page.goto(house.url + "/tickets/b")
    page.locator("#dismiss summary").click()
    page.locator("input[value=tone]").check()
    page.locator("button[value=dismiss]").click()
    page.goto(house.url + "/accounts")
    page.locator("[data-resolve] summary").click()
    page.locator("select[name=outcome]").select_option("saved")
    page.locator("button[value=resolve]").click()
    expect(page.locator(".notice")).to_contain_text("Resolved")
    context.close()
    assert {name: action for name, (action, _) in house.decisions().items()} == {
        "draft-a": "edited",
        "draft-b": "dismissed",
    }
    assert house.alert_states() == {"alert-1": "resolved"}


def test_no_page_is_wider_than_the_window(house: House) -> None:
    long = "unbroken" * 60
    put(
        house.engine,
        account_row(name=long[:290]),
        alert_row(sentence=long, contrary=(long,), next_action=long),
    )
    put(house.engine, event_row("t", subject=long, body=long * 5), angry("t"))
    put(house.engine, draft_row(draft_of("t", subject=long, body=long, warnings=(long,))))
    for width in (380, 800, 1100, 1440):
        house.page.set_viewport_size({"width": width, "height": 800})
        for path in ("/tickets", "/tickets/t", "/accounts", "/accounts/acme"):
            page = house.open(path)
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert (path, width, wide) == (path, width, 0)


def test_the_server_stops_while_pages_are_open_without_waiting_for_their_streams(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    context = house.browser.new_context()
    page = context.new_page()
    with served(house.engine) as port:
        page.goto(f"http://localhost:{port}/tickets")
        expect(page.locator("#link-word")).to_have_text("Live")
    context.close()
    assert [record.message for record in caplog.records if "graceful" in record.message] == []


def _mark_stale(engine: Engine, draft_id: str) -> None:
    with Session(engine) as session, session.begin():
        chosen = update(DraftRow).where(col(DraftRow.draft_id) == draft_id)
        session.exec(chosen.values(state="stale", stale_reason="newer_message"))
