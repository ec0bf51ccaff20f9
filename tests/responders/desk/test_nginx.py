"""The desk behind a real nginx: with nginx's defaults, below a path with TLS, and with a hidden host name."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import Engine

from responders.desk.door import Door
from responders.web import LOOPBACK_HOSTS, Proxies
from streams.process.ports import free_port
from tests.responders.support.desk_browser import expect, needs_chromium
from tests.responders.support.desk_client import decisions
from tests.responders.support.desk_samples import draft_of, draft_row, event_row, put
from tests.responders.support.desk_server import NGINX, nginx, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

TOKEN = "correct-horse-battery-staple"
HERE = Proxies(["127.0.0.1"])
FORWARDED = """
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
"""


@pytest.fixture
def engine(engine: Engine) -> Engine:
    """Engine on a database with one ticket and its draft."""
    put(engine, event_row("t"), draft_row(draft_of("t")))
    return engine


class Before:
    """Starts desks, each behind an nginx; everything ends with the test."""

    def __init__(self, engine: Engine, folder: Path, stack: ExitStack) -> None:
        self._engine, self._folder, self._stack = engine, folder, stack

    def start(self, door: Door, location: str, *, tls: bool = False) -> str:
        """Return the address at which nginx serves the desk; `location` holds `PORT` for the desk's."""
        inner, outer = self._stack.enter_context(served(self._engine, door)), free_port()
        lines = f"listen 127.0.0.1:{outer};"
        if tls:
            lines = f"listen 127.0.0.1:{outer} ssl; {self._certificate()}"
        block = lines + location.replace("PORT", str(inner))
        self._stack.enter_context(nginx(self._folder, outer, block))
        return f"{'https' if tls else 'http'}://localhost:{outer}"

    def _certificate(self) -> str:
        key, certificate = self._folder / "key.pem", self._folder / "certificate.pem"
        command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout {key}"
        subprocess.run([*command.split(), "-out", str(certificate)], check=True, capture_output=True)
        return f"ssl_certificate {certificate}; ssl_certificate_key {key};"


@pytest.fixture
def before(engine: Engine, tmp_path: Path) -> Iterator[Before]:
    with ExitStack() as stack:
        yield Before(engine, tmp_path, stack)


def decide(page: "Page") -> None:
    page.locator("[data-item]").first.click()
    expect(page.locator("#reply")).to_be_attached()
    expect(page.locator("#link-word")).to_have_text("Live")
    page.keyboard.press("e")
    page.locator("#reply").fill("My own words")
    page.keyboard.press("Control+Enter")


def test_a_plain_reverse_proxy_does_not_open_the_desk_to_the_world(before: Before) -> None:
    url = before.start(Door(token=TOKEN), "location / { proxy_pass http://127.0.0.1:PORT; }")
    for path in ("/", "/tickets", "/tickets/t", "/events"):
        answer = httpx.get(url + path, headers={"Host": "support.example"})
        assert (answer.status_code, "start link" in answer.text) == (403, True)


def test_a_proxy_with_forwarded_headers_is_refused_until_it_is_trusted(before: Before) -> None:
    location = f"location / {{ proxy_pass http://127.0.0.1:PORT; {FORWARDED} }}"
    answer = httpx.get(before.start(Door(), location) + "/tickets")
    assert (answer.status_code, "RAPPORT_TRUSTED_PROXIES" in answer.text) == (403, True)


@needs_chromium
@needs_openssl
@pytest.mark.parametrize("slash", ["/", ""], ids=["prefix stripped", "prefix passed on"])
def test_below_a_path_with_tls_a_person_reads_and_decides_on_a_live_page(
    before: Before, engine: Engine, chromium: "Browser", slash: str
) -> None:
    door = Door((*LOOPBACK_HOSTS, "desk.example"), "/rapport", HERE)
    location = f"""
      location /rapport/ {{
        proxy_pass http://127.0.0.1:PORT{slash}; proxy_set_header Host $http_host; {FORWARDED}
      }}
    """
    url = before.start(door, location, tls=True)
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{url}/rapport/")
    expect(page.locator("#link-word")).to_have_text("Live")
    assert page.url == f"{url}/rapport/tickets"
    decide(page)
    expect(page.locator(".notice")).to_contain_text("with your changes")
    assert page.url == f"{url}/rapport/tickets?notice=edited&undo=drafts/draft-t"
    assert len(decisions(engine)) == 1
    (cookie,) = context.cookies()
    assert (cookie["secure"], cookie["path"]) == (True, "/rapport")
    # The keys work once the page's script runs, which the answer to a form loads again.
    expect(page.locator("#link-word")).to_have_text("Live")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.locator("h1")).to_contain_text("Accounts")
    assert page.url.startswith(f"{url}/rapport/accounts")
    context.close()


@needs_chromium
def test_the_start_link_opens_the_desk_in_a_browser(
    before: Before, engine: Engine, chromium: "Browser"
) -> None:
    with served(engine, Door(token=TOKEN)) as port:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"http://localhost:{port}/?token={TOKEN}")
        expect(page.locator("#link-word")).to_have_text("Live")
        assert page.url == f"http://localhost:{port}/tickets"
        decide(page)
        expect(page.locator(".notice")).to_contain_text("with your changes")
        context.close()
    assert len(decisions(engine)) == 1


@needs_chromium
def test_if_nginx_hides_the_host_name_the_refusal_names_the_remedy(
    before: Before, engine: Engine, chromium: "Browser"
) -> None:
    url = before.start(Door(), "location / { proxy_pass http://127.0.0.1:PORT; }")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{url}/tickets")
    decide(page)
    expect(page.locator("main")).to_contain_text("proxy_set_header Host")
    expect(page.locator("main")).to_contain_text("RAPPORT_TRUSTED_PROXIES")
    assert decisions(engine) == []
    context.close()
