"""Dismissal, reply and undo in a real browser: by keyboard, with a second person, on a phone."""

from typing import TYPE_CHECKING

from sqlmodel import Session

from responders.store.desk import open_queue
from tests.responders.support.desk_browser import House, expect, needs_chromium
from tests.responders.support.desk_samples import angry, draft_of, draft_row, event_row, put

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_chromium


def waiting(house: House) -> set[str]:
    with Session(house.engine) as session:
        return {row.item_id for row in open_queue(session)}


def second_page(house: House, path: str) -> "Page":
    page = house.page.context.new_page()
    page.goto(house.url + path)
    expect(page.locator("#link-word")).to_have_text("Live")
    return page


def dismiss(house: House) -> None:
    """Dismiss the draft on the page by the keyboard, with a reason from the list."""
    house.page.keyboard.press("d")
    house.page.keyboard.press("ArrowDown")
    house.page.keyboard.press("Enter")
    house.settled("#standing", "draft dismissed")


def test_a_dismissed_draft_leaves_an_empty_box_for_a_reply_by_keyboard_and_can_be_undone(
    house: House,
) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    page = house.open("/tickets/t")
    dismiss(house)
    expect(page.locator("#reply")).to_have_value("")
    expect(page.locator("#reply")).to_be_focused()
    expect(page.locator("[data-banner=decided]")).to_contain_text("off topic")
    assert waiting(house) == {"t"}
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    house.settled("#standing", "draft ready")
    dismiss(house)
    page.keyboard.type("In my own words.")
    page.keyboard.press("Control+Enter")
    house.settled(".notice", "Recorded as sent")
    expect(page.locator("[data-item]")).to_have_count(0)
    house.open("/tickets/t")
    expect(page.locator(".from-us .said")).to_have_text("In my own words.")
    expect(page.locator("#standing")).to_have_text("answered")
    expect(page.locator("#reply")).to_have_count(0)
    page.keyboard.press("z")
    house.settled("#standing", "draft dismissed")
    assert waiting(house) == {"t"}


def test_a_later_visit_to_a_dismissed_ticket_leaves_the_keys_to_the_page(house: House) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    page = house.open("/tickets/t")
    dismiss(house)
    page = house.open("/tickets/t")
    expect(page.locator("#reply")).not_to_be_focused()
    page.keyboard.press("z")
    house.settled("#standing", "draft ready")


def test_a_second_person_sees_that_a_ticket_is_answered_and_that_the_answer_is_undone(house: House) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    other = second_page(house, "/tickets/t")
    page = house.open("/tickets/t")
    page.keyboard.press("Control+Enter")
    house.settled(".notice", "as sent, unchanged")
    expect(other.locator("#standing")).to_have_text("answered")
    expect(other.locator("[data-as-is]")).to_be_hidden()
    expect(other.locator("#dismiss")).to_be_hidden()
    expect(other.locator("[data-banner=decided]")).to_contain_text("by kim")
    page.locator("[data-undo]").click()
    house.settled("#standing", "draft ready")
    expect(other.locator("#standing")).to_have_text("draft ready")
    expect(other.locator("[data-as-is]")).to_be_visible()


def test_a_draft_that_arrives_while_a_person_writes_is_announced_and_keeps_the_typed_words(
    house: House,
) -> None:
    put(house.engine, event_row("t"))
    page = house.open("/tickets/t")
    page.keyboard.press("e")
    page.keyboard.type("I am writing")
    put(house.engine, draft_row(draft_of("t")))
    house.tell("draft", "draft-t")
    expect(page.locator("[data-banner=new]")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("I am writing")
    page.keyboard.press("Control+Enter")
    house.settled(".notice", "Recorded as sent")
    assert waiting(house) == set()


def test_a_phone_shows_the_urgent_mark_and_no_keys(house: House) -> None:
    put(house.engine, event_row("t"), angry("t"), draft_row(draft_of("t")))
    house.page.set_viewport_size({"width": 390, "height": 844})
    expect(house.open("/tickets").locator(".row .flags .pill")).to_be_visible()
    page = house.open("/tickets/t")
    expect(page.locator("[data-as-is]")).to_be_visible()
    expect(page.locator(".actions kbd >> visible=true")).to_have_count(0)


def test_a_mood_is_corrected_and_taken_back_by_keyboard(house: House) -> None:
    put(house.engine, event_row("t"), angry("t"))
    page = house.open("/tickets/t")
    expect(page.locator(".ticket-head .mood")).to_have_text("negative")
    page.locator(".mood-click summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    house.settled(".notice", "Mood recorded")
    expect(page.locator(".ticket-head .mood")).to_have_text("neutral")
    expect(page.locator(".mood-click")).to_contain_text("corrected by")
    page.locator(".mood-click [data-undo]").focus()
    page.keyboard.press("Enter")
    house.settled(".notice", "Taken back")
    expect(page.locator(".ticket-head .mood")).to_have_text("negative")
