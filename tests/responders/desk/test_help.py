"""The help on a ticket without a draft: nearest passages, search, the question, what is never inserted."""

import re

import pytest
from sqlalchemy import Engine

from tests.responders.support.desk_client import Browser, token
from tests.responders.support.desk_samples import account_row, draft_of, draft_row, event_row, put
from tests.responders.support.help_samples import abstained, passage, shelf


def shown(page: str) -> list[str]:
    """Return the titles of the passages on a page, in order."""
    return re.findall(r'<li class="source">\s*<p class="source-title"><strong>(.*?)</strong>', page)


def inserted(page: str) -> dict[str, str]:
    """Return the texts that the buttons of a page insert, by the value of the button."""
    return dict(re.findall(r'name="insert" value="([^"]*)" data-insert="([^"]*)"', page))


def test_a_ticket_without_a_draft_shows_the_passages_that_share_words_with_it(
    engine: Engine, desk: Browser
) -> None:
    shelf(engine)
    abstained(engine)
    page = desk.get("/tickets/t").text
    assert set(shown(page)) == {"Add seats", "Seats runbook", "Seats told", "Seats asked"}
    assert "Nobody has written down an answer to “How do I get more seats?” yet" in page
    assert "no_source" not in page
    assert "no source" not in page


def test_the_passages_that_the_drafter_found_go_first_and_withdrawn_ones_are_left_out(
    engine: Engine, desk: Browser
) -> None:
    shelf(engine)
    abstained(engine, nearest=("article:billing#0", "article:gone#0", "article:seats#0"))
    assert shown(desk.get("/tickets/t").text) == ["Invoices", "Add seats"]


def test_internal_passages_and_replies_to_other_customers_are_shown_and_never_inserted(
    engine: Engine, desk: Browser
) -> None:
    shelf(engine)
    abstained(engine)
    page = desk.get("/tickets/t").text
    assert set(inserted(page)) == {"article:seats#0", "macro:seats#0", "question"}
    assert "Internal: for your eyes only." in page
    form = {"token": token(desk), "text": "", "insert": "article:runbook#0"}
    assert desk.post("/tickets/t/insert", data=form).status_code == 404
    assert desk.post("/tickets/t/insert", data=form | {"insert": "solved_ticket:1#0"}).status_code == 404


def test_an_inserted_passage_is_plain_text_with_its_slots_filled_and_its_link(
    engine: Engine, desk: Browser
) -> None:
    shelf(engine)
    abstained(engine)
    texts = inserted(desk.get("/tickets/t").text)
    assert texts["macro:seats#0"] == "Hello Ada, your Team plan has 12 seats."
    assert texts["article:seats#0"] == "Open Members and add a seat.\n\nRead more: https://h.example/s"


def test_in_a_forum_a_macro_is_inserted_without_facts_of_the_account(engine: Engine, desk: Browser) -> None:
    shelf(engine)
    put(engine, account_row(plan="Team"), event_row("f", subject="Seats", channel="forum"))
    assert "{plan}" in inserted(desk.get("/tickets/f").text)["macro:seats#0"]


def test_without_a_script_a_button_adds_the_passage_to_the_typed_text(engine: Engine, desk: Browser) -> None:
    shelf(engine)
    abstained(engine)
    form = {"token": token(desk), "text": "Good morning,", "insert": "article:billing#0"}
    answer = desk.post("/tickets/t/insert", data=form)
    box = re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert box is not None
    assert box[1].strip() == "Good morning,\n\nInvoices come on the first day."
    assert "/tickets/t?fragment=1" in answer.text
    asked = desk.post("/tickets/t/insert", data=form | {"insert": "question"}).text
    assert "what you have tried so far?</textarea>" in asked


def test_a_search_finds_passages_by_words_also_beside_a_ready_draft(engine: Engine, desk: Browser) -> None:
    shelf(engine)
    put(engine, event_row("t"), draft_row(draft_of("t")))
    assert shown(desk.get("/tickets/t").text) == []
    assert shown(desk.get("/tickets/t?q=invoice+day").text) == ["Invoices"]
    part = desk.get("/tickets/t?fragment=help&q=invoices").text
    assert shown(part) == ["Invoices"]
    assert "<html" not in part
    assert "Nothing has these words" in desk.get("/tickets/t?q=zzzz").text


def test_a_search_is_masked_before_it_is_compared_with_stored_words(engine: Engine, desk: Browser) -> None:
    put(engine, *passage("macro:mail", "Write to ada@example.com", title="Write"))
    put(engine, event_row("t", requester_name="Ada Byron"))
    assert shown(desk.get("/tickets/t?q=ada@example.com").text) == []


def test_an_answered_ticket_offers_no_help(engine: Engine, desk: Browser) -> None:
    shelf(engine)
    put(engine, event_row("t"), event_row("t", "t-2", kind="human_reply", minutes_ago=5))
    page = desk.get("/tickets/t?q=seats").text
    assert "data-insert" not in page
    assert shown(page) == []


@pytest.mark.parametrize("wanted", ["", "article:none#0", "question"])
def test_an_unknown_passage_is_not_inserted(engine: Engine, desk: Browser, wanted: str) -> None:
    put(engine, event_row("t"))
    form = {"token": token(desk), "text": "", "insert": wanted}
    assert desk.post("/tickets/t/insert", data=form).status_code == 404
    assert desk.post("/tickets/none/insert", data=form).status_code == 404


def test_inserting_needs_the_token_of_the_page(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"))
    assert desk.post("/tickets/t/insert", data={"insert": "question"}).status_code == 403
