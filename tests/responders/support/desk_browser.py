"""Debian's Chromium, headless, in front of a running desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from responders.store.notify import notify
from schemas.tables import ChurnAlertRow, DecisionRow
from tests.responders.support.desk_server import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request
    from playwright.sync_api._generated import LocatorAssertions

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="Chromium is not installed at /usr/bin/chromium"
)


def expect(place: "Locator") -> "LocatorAssertions":
    """Return Playwright's assertions; importing Playwright takes a second, so only a running test does."""
    from playwright.sync_api import expect as expected

    return expected(place)


@dataclass
class Diary:
    """The errors, warnings, dialogs and foreign requests of a page; a test expects none."""

    wrong: list[str] = field(default_factory=list)

    def console(self, message: "ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def request(self, request: "Request") -> None:
        if not request.url.startswith("http://localhost:"):
            self.wrong.append(f"request: {request.url}")


@dataclass
class House:
    """A running desk: its address, its database, and a page that is watched."""

    url: str
    engine: Engine
    page: "Page"
    browser: "Browser"
    diary: Diary

    def open(self, path: str) -> "Page":
        self.page.goto(self.url + path)
        return self.settled("h1", "")

    def settled(self, place: str, words: str) -> "Page":
        """Wait until a page with these words is loaded and live."""
        expect(self.page.locator(place)).to_contain_text(words)
        expect(self.page.locator("#link-word")).to_have_text("Live")
        return self.page

    def tell(self, kind: str, row_id: str) -> None:
        with Session(self.engine) as session, session.begin():
            notify(session, kind, row_id)

    def decisions(self) -> dict[str, tuple[str, str | None]]:
        with Session(self.engine) as session:
            rows = session.exec(select(DecisionRow)).all()
        return {row.draft_id: (row.action, row.record["final_text"]) for row in rows}

    def alert_states(self) -> dict[str, str]:
        with Session(self.engine) as session:
            return {row.alert_id: row.state for row in session.exec(select(ChurnAlertRow))}


@contextmanager
def launched() -> "Iterator[Browser]":
    """Give a running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def furnished(engine: Engine, browser: "Browser", *, reached: Engine | None = None) -> Iterator[House]:
    """Give a desk and a page on it; the desk reads `engine`, or the same database by `reached`."""
    diary = Diary()
    with served(reached or engine) as port:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('csp ' + e.violatedDirective))"
        )
        page.on("console", diary.console)
        page.on("pageerror", lambda error: diary.wrong.append(f"script: {error}"))
        page.on("dialog", lambda dialog: diary.wrong.append(f"dialog: {dialog.message}"))
        context.on("request", diary.request)
        yield House(f"http://localhost:{port}", engine, page, browser, diary)
        context.close()
