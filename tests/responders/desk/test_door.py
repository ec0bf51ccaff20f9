"""The ways into the desk: below a path, through proxies, by its start link."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from responders.desk import create_desk
from responders.desk.door import Door
from responders.web import LOOPBACK_HOSTS, Proxies
from tests.responders.support.desk_client import Browser, Tags, decisions, full_house, token
from tests.responders.support.desk_samples import NOW, draft_of, draft_row, event_row, put

TOKEN = "correct-horse-battery-staple"
FORWARDED: list[dict[str, str]] = [
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-Host": "desk.example"},
    {"X-Forwarded-Proto": "https"},
    {"X-Real-IP": "203.0.113.9"},
    {"Forwarded": "for=203.0.113.9;proto=https"},
    {"Via": "1.1 edge"},
]
Knock = Callable[..., Browser]


@pytest.fixture
def knock(engine: Engine) -> Knock:
    """Return a function that gives a browser in front of a desk with a given door."""

    def at(*, address: str = "127.0.0.1", **door: Any) -> Browser:
        return Browser(create_desk(engine, now=lambda: NOW, door=Door(**door)), address=address)

    return at


@pytest.mark.parametrize("prefix", ["/rapport", "/a/b-1", "/tickets.old"])
def test_every_link_form_script_and_cookie_is_below_the_prefix(
    engine: Engine, knock: Knock, prefix: str
) -> None:
    full_house(engine)
    desk = knock(prefix=prefix)
    pages: tuple[str, ...] = (
        "/tickets",
        "/tickets/t",
        "/accounts",
        "/accounts/acme",
        "/drafts/outreach-1",
        "/nowhere",
    )
    pages += ("/tickets?view=done", "/accounts?view=closed", "/tickets?after=nonsense", "/static/none")
    for page in pages:
        answer = desk.get(prefix + page)
        tags = Tags(answer.text).seen
        places = [
            value
            for _, attributes in tags
            for name, value in attributes.items()
            if name in {"href", "src", "action", "data-live"} and value and not value.startswith("#")
        ]
        assert len(places) > 10
        assert {place for place in places if not place.startswith((f"{prefix}/", "https://"))} == set(), page
        assert f'data-root="{prefix}"' in answer.text
        assert all(cookie.path == prefix for cookie in desk.cookies.jar)
    for script in set(re.findall(r'src="([^"]+)"', desk.get(f"{prefix}/tickets").text)):
        assert desk.get(script).status_code == 200
    assert desk.get(f"{prefix}/").headers["location"] == f"{prefix}/tickets"
    assert desk.get(prefix).headers["location"] == f"{prefix}/tickets"


def test_a_proxy_may_strip_the_prefix(engine: Engine, knock: Knock) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    desk = knock(prefix="/rapport")
    assert 'href="/rapport/tickets/t"' in desk.get("/tickets").text
    assert desk.get("/").headers["location"] == "/rapport/tickets"
    assert desk.get("/static/base.css").headers["cache-control"] == "no-cache"


def test_a_decision_below_the_prefix_leads_back_below_it(engine: Engine, knock: Knock) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    desk = knock(prefix="/rapport")
    desk.get("/rapport/tickets")
    form = {"token": str(desk.cookies["rapport_desk"]), "action": "send", "text": "Hello"}
    answer = desk.post("/rapport/drafts/draft-t/decision", form)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/rapport/tickets?notice=edited&undo=drafts/draft-t",
    )
    assert len(decisions(engine)) == 1


def test_the_start_link_opens_the_desk_with_one_click_and_leaves_no_secret_in_the_address(
    engine: Engine, knock: Knock
) -> None:
    put(engine, event_row("t"))
    desk = knock(token=TOKEN)
    for path in ("/tickets", "/tickets/t", "/events", "/static/base.css", "/tickets?token=wrong", "/?token="):
        answer = desk.get(path)
        assert (answer.status_code, "start link" in answer.text) == (403, True), path
    opened = desk.get(f"/tickets?view=done&token={TOKEN}")
    assert (opened.status_code, opened.headers["location"]) == (303, "/tickets?view=done")
    assert TOKEN not in opened.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax"} <= set(opened.headers["set-cookie"].split("; "))
    assert desk.get("/tickets?view=done").status_code == 200
    assert desk.get("/tickets/t").status_code == 200


def test_a_program_opens_the_desk_by_a_bearer_token_and_a_forged_cookie_does_not(knock: Knock) -> None:
    desk = knock(token=TOKEN)
    assert desk.get("/tickets", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert desk.get("/tickets", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 403
    other = knock(token=TOKEN + "2")
    other.get(f"/?token={TOKEN}2")
    (cookie,) = other.cookies.jar
    for value in (str(cookie.value), TOKEN, ""):
        desk = knock(token=TOKEN)
        desk.cookies.set(cookie.name, value)
        assert desk.get("/tickets").status_code == 403


def test_a_decision_needs_the_start_link_too(engine: Engine, knock: Knock) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    desk = knock(token=TOKEN)
    desk.cookies.set("rapport_desk", "x" * 43)
    form = {"token": "x" * 43, "action": "send", "text": "Hello"}
    assert desk.post(f"/drafts/draft-t/decision?token={TOKEN}", form).status_code == 403
    assert decisions(engine) == []


@pytest.mark.parametrize("headers", FORWARDED, ids=lambda headers: next(iter(headers)))
def test_an_untrusted_proxy_on_this_machine_is_refused_with_an_explanation(
    knock: Knock, headers: dict[str, str]
) -> None:
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        answer = knock(address=address).get("/tickets", headers=headers)
        assert (answer.status_code, "RAPPORT_TRUSTED_PROXIES" in answer.text) == (403, True)
    assert knock(address="10.0.0.7").get("/tickets", headers=headers).status_code == 200


def test_forwarded_headers_from_elsewhere_change_nothing(knock: Knock) -> None:
    desk = knock(address="10.0.0.7", proxies=Proxies(["10.0.0.8"]))
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil"}
    answer = desk.get("/tickets", headers=headers)
    assert answer.status_code == 200
    assert "Secure" not in answer.headers["set-cookie"]
    assert desk.get("/tickets", headers={"Host": "evil", "X-Forwarded-Host": "localhost"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "desk.example:8443", "X-Forwarded-Proto": "https"},
        {"Forwarded": 'for=203.0.113.9;proto=https;host="desk.example:8443"'},
        {"Host": "desk.example:8443", "X-Forwarded-Proto": "https"},
    ],
    ids=["X-Forwarded", "Forwarded", "Host passed on"],
)
def test_behind_a_trusted_proxy_with_tls_decisions_count_and_cookies_are_secure(
    engine: Engine, knock: Knock, headers: dict[str, str]
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    hosts = (*LOOPBACK_HOSTS, "desk.example")
    desk = knock(address="10.0.0.8", proxies=Proxies(["10.0.0.0/24"]), hosts=hosts)
    headers = {"Host": "127.0.0.1:8765", **headers}
    page = desk.get("/tickets", headers=headers)
    assert "Secure" in page.headers["set-cookie"]
    secret = page.cookies["rapport_desk"]
    form = {"token": secret, "action": "send", "text": "Hello"}
    sent = {"Origin": "https://desk.example:8443", "Cookie": f"rapport_desk={secret}", **headers}
    assert desk.post("/drafts/draft-t/decision", form, headers=sent).status_code == 303
    assert len(decisions(engine)) == 1
    assert knock(address="10.0.0.8", proxies=Proxies(["10.0.0.8"])).get(
        "/tickets", headers={"X-Forwarded-Host": "evil.example"}
    ).status_code == 421  # fmt: skip


def test_a_form_is_refused_with_the_remedy_if_the_proxy_hides_the_host_name(
    engine: Engine, knock: Knock
) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    desk = knock()
    form = {"token": token(desk), "action": "send", "text": "Hello"}
    for origin in ("https://desk.example", "http://localhost:81", "http://[::1]"):
        sent = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        answer = desk.post("/drafts/draft-t/decision", form, headers=sent)
        assert answer.status_code == 403
        assert "proxy_set_header Host" in answer.text
        assert "RAPPORT_TRUSTED_PROXIES" in answer.text
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = desk.post("/drafts/draft-t/decision", form, headers=header)
        assert (answer.status_code, "came from another site" in answer.text) == (403, True)
    assert decisions(engine) == []
