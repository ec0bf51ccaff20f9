"""The help on a ticket without a draft in a real browser: one key inserts, the search keeps typed text."""

from tests.responders.support.desk_browser import House, expect, needs_chromium
from tests.responders.support.desk_samples import draft_of, draft_row, event_row, put
from tests.responders.support.help_samples import abstained, shelf

pytestmark = needs_chromium


def test_keys_insert_the_question_and_a_passage_and_the_search_keeps_what_was_typed(house: House) -> None:
    shelf(house.engine)
    abstained(house.engine, nearest=("article:runbook#0", "article:seats#0"))
    page = house.open("/tickets/t")
    page.locator("#reply").fill("Good morning,")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#reply")).to_have_value("Good morning,")
    page.keyboard.press("q")
    expect(page.locator("#reply")).to_have_value(
        "Good morning,\n\nCould you tell me what you want to achieve, and what you have tried so far?"
    )
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("invoices")
    page.keyboard.press("Enter")
    expect(page.locator("#help-passages .source-title")).to_have_text(["Invoices"])
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#said")).to_have_text("Inserted: Invoices")
    expect(page.locator("#reply")).to_have_value(
        "Good morning,\n\nCould you tell me what you want to achieve, and what you have tried so far?"
        "\n\nInvoices come on the first day."
    )
    page.locator("#reply").fill("")


def test_a_passage_is_added_to_a_ready_draft_by_a_click_and_the_draft_counts_as_edited(house: House) -> None:
    shelf(house.engine)
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    page = house.open("/tickets/t?q=invoices")
    page.locator("[data-insert]").click()
    expect(page.locator("[data-send-label]")).to_have_text("Send edited")
    page.keyboard.press("Control+Enter")
    house.settled(".notice", "with your changes")
    action, text = house.decisions()["draft-t"]
    assert action == "edited"
    assert text is not None
    assert text.endswith("Kind regards\n\nInvoices come on the first day.")
