"""The requests and texts that the desk refuses, escapes and survives, over HTTP without a browser."""

from sqlalchemy import Engine, create_engine

from responders.desk import create_desk
from responders.desk.guard import CONTENT_SECURITY_POLICY
from tests.responders.support.desk_client import Browser, Tags, Watched, decisions, full_house, post, token
from tests.responders.support.desk_payloads import PAYLOADS
from tests.responders.support.desk_samples import (
    NOW,
    draft_of,
    draft_row,
    event_row,
    put,
)


def test_every_answer_has_the_safety_headers(desk: Browser) -> None:
    for path in ("/tickets", "/tickets/none", "/static/base.css", "/nowhere", "/accounts?page=x"):
        headers = desk.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert desk.get("/tickets").headers["cache-control"] == "no-store"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_pages_have_no_inline_script_or_style_and_load_nothing_from_other_hosts(
    engine: Engine, desk: Browser
) -> None:
    full_house(engine)
    for path in ("/tickets", "/tickets/t", "/accounts", "/accounts/acme", "/drafts/outreach-1"):
        page = desk.get(path)
        assert page.status_code == 200, path
        for tag, attributes in Tags(page.text).seen:
            assert tag != "style"
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
            loaded = [attributes.get(name) for name in ("src", "srcset", "action") if attributes.get(name)]
            loaded += [attributes["href"]] if tag == "link" else []
            assert all(address and address.startswith("/") for address in loaded)


def test_a_form_without_our_token_or_from_another_site_changes_nothing(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    good = {"action": "send", "text": "x", "token": token(desk)}
    url = "/drafts/draft-t/decision"
    assert desk.post(url, data=good | {"token": "guess"}).status_code == 403
    assert desk.post(url, data={"action": "send", "text": "x"}).status_code == 403
    assert desk.post(url, data=good, headers={"Origin": "http://evil.example"}).status_code == 403
    assert desk.post(url, data=good, headers={"Origin": "null"}).status_code == 403
    assert desk.post(url, data=good, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    desk.cookies.clear()
    assert desk.post(url, data=good | {"token": ""}).status_code == 403
    assert decisions(engine) == []


def test_the_token_cookie_is_kept_from_scripts_and_other_sites(desk: Browser) -> None:
    cookie = desk.get("/tickets").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "set-cookie" not in desk.get("/tickets").headers


def test_other_host_names_are_refused(desk: Browser) -> None:
    assert desk.get("/tickets", headers={"Host": "evil.example"}).status_code == 421
    for host in ("127.0.0.1:8080", "[::1]:8080", "LOCALHOST"):
        assert desk.get("/tickets", headers={"Host": host}).status_code == 200


def test_nonsense_is_answered_with_a_plain_page(desk: Browser) -> None:
    for path, status in {
        "/tickets/none": 404,
        "/tickets/%00": 400,
        "/drafts/none": 404,
        "/accounts/none": 404,
        "/tickets?view=nonsense": 404,
        "/accounts?view=nonsense": 404,
        "/tickets?after=nonsense": 400,
        "/tickets?after=1~2026-01-01T00:00:00~x": 400,
        "/tickets?after=1~2026-01-01T00:00:00Z~%00": 400,
        "/accounts?page=-1": 400,
        "/accounts?page=²": 400,
        "/static/../app.py": 404,
        "/nowhere": 404,
        "/events/x": 404,
        "/drafts/x/decision": 404,
    }.items():
        answer = desk.get(path)
        assert (path, answer.status_code) == (path, status)
        assert "Traceback" not in answer.text
        assert "nothing is ever sent by itself" in answer.text


def test_forms_that_make_no_sense_change_nothing(engine: Engine, desk: Browser) -> None:
    put(engine, event_row("t"), draft_row(draft_of("t")))
    forms: list[tuple[int, dict[str, str]]] = [
        (422, {"action": "send", "text": "  "}),
        (422, {"action": "send"}),
        (413, {"action": "send", "text": "x" * 20_001}),
        (413, {"action": "send", "text": "x" * 600_000}),
        (422, {"action": "dismiss"}),
        (422, {"action": "dismiss", "reason": "nonsense"}),
        (400, {"action": "explode"}),
    ]
    for status, form in forms:
        assert post(desk, "/drafts/draft-t/decision", **form)[0] == status
    assert decisions(engine) == []


def test_hostile_text_is_shown_as_text_everywhere(engine: Engine, desk: Browser) -> None:
    full_house(engine, "".join(PAYLOADS[:3]))
    put(engine, *(event_row("t", f"p{n}", subject=text, body=text) for n, text in enumerate(PAYLOADS)))
    put(engine, *(event_row(f"p{n}", f"q{n}", subject=text, body=text) for n, text in enumerate(PAYLOADS)))
    for path in ("/tickets", "/tickets/t", "/accounts", "/accounts/acme", "/drafts/outreach-1"):
        tags = Tags(desk.get(path).text)
        assert tags.open == []
        names = {tag for tag, _ in tags.seen}
        assert names.isdisjoint({"iframe", "img", "style", "base", "video", "marquee", "math"}), path
        assert all(attributes["src"] for tag, attributes in tags.seen if tag == "script")
        links = [attributes.get("href") or "" for tag, attributes in tags.seen if tag == "a"]
        assert not [link for link in links if "javascript:" in link.lower() or link.startswith("//")]


def test_an_absent_database_is_one_plain_sentence(watched: Watched) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    app = create_desk(away, now=lambda: NOW, observe=watched)
    answer = Browser(app).get("/tickets")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "The database does not answer" in answer.text
    assert "127.0.0.1" not in answer.text
    away.dispose()


def test_a_bug_is_one_plain_page_with_all_headers(engine: Engine, watched: Watched) -> None:
    put(engine, event_row("t"))
    without_zone = NOW.replace(tzinfo=None)
    answer = Browser(create_desk(engine, now=lambda: without_zone, observe=watched)).get("/tickets")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert watched.requests == [("/tickets", 500)]
