"""A client in this process for the desk's tests, and a database with a record of every kind."""

import asyncio
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.applications import Starlette

from schemas import Claim
from schemas.tables import DecisionRow
from tests.responders.support.desk_samples import (
    account_row,
    alert_row,
    angry,
    anomaly_row,
    chunk_row,
    citation,
    draft_of,
    draft_row,
    event_row,
    outreach_row,
    put,
)

VOID = {"meta", "link", "input", "br", "img", "rect", "path", "line", "polyline", "polygon", "circle"}


@dataclass
class Watched:
    """An observer that keeps the desk's requests and decisions."""

    requests: list[tuple[str, int]] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    corrections: list[tuple[str, str]] = field(default_factory=list)
    retirements: list[int] = field(default_factory=list)

    def request(self, route: str, status: int, seconds: float) -> None:
        assert seconds >= 0.0
        self.requests.append((route, status))

    def decision(self, action: str) -> None:
        self.decisions.append(action)

    def retired(self, drafts: int) -> None:
        self.retirements.append(drafts)

    def correction(self, shown: str, given: str) -> None:
        self.corrections.append((shown, given))


class Browser:
    """Sends requests to the desk in this process and keeps its cookies; follows no redirect."""

    def __init__(self, app: Starlette, *, address: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        self.cookies = self._client.cookies

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._client.get(path, headers=headers))

    def post(self, path: str, data: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._client.post(path, data=data, headers=headers))


class Tags(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def token(desk: Browser) -> str:
    desk.get("/tickets")
    return str(desk.cookies["rapport_desk"])


def post(desk: Browser, path: str, **form: str) -> tuple[int, str]:
    answer = desk.post(path, data={"token": token(desk), **form})
    return answer.status_code, answer.text


def decisions(engine: Engine) -> list[dict[str, object]]:
    with Session(engine) as session:
        return [row.record for row in session.exec(select(DecisionRow))]


def full_house(engine: Engine, text: str = "") -> None:
    words = text or "words"
    draft = draft_of(
        "t",
        subject=text or "Re",
        warnings=(words,),
        citations=(
            citation("kb-1", text or "Roles", words, public=True),
            citation("kb-2", text or "More", words, url="javascript:alert(1)"),
        ),
    )
    if text:
        claim = Claim(text=text, source_ids=("kb-1",), supported=False)
        draft = draft.model_copy(update={"body": text, "claims": (claim,)})
    put(engine, account_row(name=text or "Acme Robotics", plan=words, owner=words), chunk_row("kb-1"))
    put(engine, chunk_row("kb-2", "javascript:alert(1)"), anomaly_row(summary=words, metric=words))
    put(engine, event_row("t", subject=text or "Subject of t", body=words, requester_name=words))
    put(engine, angry("t", frustration_reasons=("third message", words)), draft_row(draft))
    put(engine, alert_row(sentence=words, next_action=words, contrary=(words,), chart_metric=words))
    put(engine, outreach_row(body=words) if text else outreach_row())
