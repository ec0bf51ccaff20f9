"""A program: `python -m tests.screenshots LINK` takes the two pictures of the README from a running demo.

LINK is the start link that `rapport demo` prints. Chromium must be installed at /usr/bin/chromium.
"""

from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / ".docs"
CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT = 1_400, 900
MARGIN = 12
TICKET = "Rate of the second stage"
"""A ticket of the sample company whose draft cites its sources."""


def main(link: Annotated[str, typer.Argument(help="The start link of the desk.")]) -> None:
    """Open the desk and write `.docs/draft.png` and `.docs/alert.png`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(link)
        page.locator("a", has_text=TICKET).first.click()
        page.locator("h1", has_text=TICKET).wait_for()
        page.screenshot(path=FOLDER / "draft.png")
        page.get_by_role("link", name="Accounts", exact=True).click()
        alert = page.locator("article.alert").first.bounding_box()
        assert alert is not None, "the page of the accounts shows no alert"
        bottom = alert["y"] + alert["height"] + MARGIN
        page.screenshot(path=FOLDER / "alert.png", clip={"x": 0, "y": 0, "width": WIDTH, "height": bottom})
        browser.close()


if __name__ == "__main__":
    typer.run(main)
