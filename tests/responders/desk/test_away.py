"""The desk while its database is away: the page says so, and no decision is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine

from responders.desk.events import Hub
from tests.faults.proxy import Proxy
from tests.responders.support.desk_browser import House, expect, furnished, needs_chromium
from tests.responders.support.desk_samples import account_row, alert_row, draft_of, draft_row, event_row, put

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_chromium


@pytest.fixture
def wire(engine: Engine) -> Iterator[Proxy]:
    """Give the connection between the desk and its database, which a test can cut."""
    folder = engine.url.query["host"]
    proxy = Proxy(Path(str(folder)) / ".s.PGSQL.5432").start()
    yield proxy
    proxy.stop()


@pytest.fixture
def house(engine: Engine, chromium: "Browser", wire: Proxy) -> Iterator[House]:
    address = f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{engine.url.database}"
    through = create_engine(address, pool_pre_ping=True)
    with furnished(engine, chromium, reached=through) as house:
        yield house
    through.dispose()


def demand_banner(page: "Page") -> None:
    expect(page.locator("#away")).to_be_visible(timeout=15_000)
    expect(page.locator("#away")).to_contain_text("the database does not answer")
    expect(page.locator("#link-word")).to_have_text("Waiting for the database")


def test_an_open_page_says_that_it_is_not_live_and_keeps_a_decision_until_it_is_live_again(
    house: House, wire: Proxy
) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")))
    page = house.open("/tickets/t")
    expect(page.locator("#away")).to_be_hidden()
    page.keyboard.press("e")
    page.locator("#reply").fill("My own words")
    wire.cut()
    demand_banner(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#away-refused")).to_be_visible()
    expect(page.locator("#reply")).to_have_value("My own words")
    assert house.decisions() == {}
    wire.heal()
    expect(page.locator("#away")).to_be_hidden(timeout=15_000)
    expect(page.locator("#link-word")).to_have_text("Live")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice")).to_contain_text("with your changes")
    assert house.decisions() == {"draft-t": ("edited", "My own words")}


def test_a_decision_that_reaches_a_desk_without_database_is_given_back(house: House, wire: Proxy) -> None:
    put(house.engine, event_row("t"), draft_row(draft_of("t")), account_row(), alert_row("alert-1"))
    context = house.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(house.url + "/tickets/t")
    page.locator("#reply").fill("Plain words")
    wire.cut()
    page.locator("button[value=send]").click()
    expect(page.locator("h1")).to_have_text("The database does not answer")
    expect(page.locator("main")).to_contain_text("could not be recorded")
    expect(page.locator("#kept")).to_have_value("Plain words")
    wire.heal()
    page.goto(house.url + "/accounts")
    page.locator("[data-resolve] summary").click()
    page.locator("select[name=outcome]").select_option("saved")
    page.locator("input[name=comment]").fill("they called back")
    wire.cut()
    page.locator("button[value=resolve]").click()
    expect(page.locator("#kept")).to_have_value("they called back")
    context.close()
    assert (house.decisions(), house.alert_states()) == ({}, {"alert-1": "new"})


def test_the_greeting_tells_pages_that_open_while_the_database_is_away() -> None:
    hub = Hub()
    assert "event: away" not in hub.greeting()
    hub.away()
    assert hub.greeting().endswith("event: away\ndata: \n\n")
    hub.back()
    assert "event: away" not in hub.greeting()
