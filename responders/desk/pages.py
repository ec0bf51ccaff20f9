"""The parts that every page needs: database, time, templates, form token and text filters."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from unicodedata import category

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from responders.desk.forms import TOKEN_COOKIE
from responders.desk.observer import DeskObserver
from responders.drafting.usage_words import clock
from responders.generation.passages import plain
from responders.store.desk.queue import COUNTED_MOST
from responders.urgency import span
from schemas.reading.reader import read
from schemas.tickets import Sentiment
from schemas.trend import Trend

TrendOf = Callable[[Sequence[Sentiment]], Trend | None]
"""Tells the trend of the sentiments of one account or ticket, in any order; None without a scored one."""

TOKEN_LENGTH: Final = 43


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that every endpoint uses, made once by `create_desk`. Without `trend` no page tells one."""

    engine: Engine
    now: Callable[[], datetime]
    observe: DeskObserver
    decided_by: str
    prefix: str = ""
    trend: TrendOf | None = None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session in one transaction: committed at the end, rolled back on any failure."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template; set the cookie of the form token if the browser has none."""
        known = request.cookies.get(TOKEN_COOKIE, "")
        token = known if len(known) == TOKEN_LENGTH else secrets.token_urlsafe(32)
        path = request.url.path
        own = {"root": self.prefix, "path": path, "place": path.removeprefix(self.prefix), **values}
        body = _TEMPLATES.get_template(template).render(now=self.now(), token=token, **own)
        response = HTMLResponse(body, status_code=status)
        if token != known:
            options: dict[str, Any] = {"path": self.prefix or "/", "secure": request.url.scheme == "https"}
            response.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="strict", **options)
        return response

    def mood_trend(self, moods: Sequence[Sentiment]) -> Trend | None:
        """Return the trend of two or more sentiments; None if there are fewer or the desk tells no trend."""
        found = self.trend(moods) if self.trend else None
        return found if found and found.texts > 1 else None

    def redirect(self, path: str) -> RedirectResponse:
        """Send the browser to another page of the desk by GET; `path` is without the prefix."""
        return RedirectResponse(self.prefix + path, status_code=303)


def desk_of(request: Request) -> Desk:
    """Return the desk that serves this request."""
    return cast(Desk, request.app.state.desk)


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago the moment was, or how far ahead it is.

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> ago(noon.replace(hour=9), noon), ago(noon.replace(hour=14), noon), ago(noon, noon)
    ('3 h ago', 'in 2 h', 'just now')
    """
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 10:
        return "just now"
    return f"{span(seconds)} ago" if seconds > 0 else f"in {span(seconds)}"


def at(moment: datetime, now: datetime) -> str:
    """Return the time of day in UTC, with the day unless it is today.

    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> at(noon, noon), at(noon, noon.replace(day=2))
    ('12:00 UTC', '12:00 UTC on 1 January')
    """
    return clock(moment.astimezone(UTC), now=now)


def percent(share: float) -> str:
    """Return a share of 0..1 in percent.

    >>> percent(0.256)
    '26 %'
    """
    return f"{share * 100:.0f} %"


def number(value: float) -> str:
    """Return a number in a short form: one decimal below 100, else none.

    >>> [number(v) for v in (0, 3.14159, 12.0, 135.8, -135.8, 1234.5, 2_500_000)]
    ['0', '3.1', '12', '136', '-136', '1,234', '2,500,000']
    """
    return f"{value:.1f}" if abs(value) < 100 and value != int(value) else f"{round(value):,}"


def stamp(moment: datetime) -> str:
    """Return date and time in UTC to the minute.

    >>> stamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2 Jan 2026, 03:04 UTC'
    """
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def counted(count: int) -> str:
    """Return a count for a person; counting stops at COUNTED_MOST, so a greater count ends in "+".

    >>> [counted(n) for n in (0, 10_000, 10_001)]
    ['0', '10,000', '10,000+']
    """
    return f"{COUNTED_MOST:,}+" if count > COUNTED_MOST else f"{count:,}"


def shown(text: str | None, otherwise: str) -> str:
    r"""Return a text without blank edges, or `otherwise` if no character of the text is visible.

    >>> shown(" Hi ", "(no subject)"), shown(None, "-"), shown("\u200b \u202e", "-")
    ('Hi', '-', '-')
    """
    visible = any(category(char)[0] not in "CZ" for char in text or "")
    return (text or "").strip() if visible else otherwise


def as_words(name: str) -> str:
    """Return an identifier as words.

    >>> as_words("error_surge")
    'error surge'
    """
    return name.replace("_", " ").replace(".", " ")


def because(reason: str) -> str:
    """Return the reason of a dismissal: the chosen reason as words, then a person's own words unchanged.

    >>> because("not_needed: see v1.2 of new_guide"), because("off_topic")
    ('not needed: see v1.2 of new_guide', 'off topic')
    """
    chosen, colon, said = reason.partition(":")
    return as_words(chosen) + colon + said


def unmarked(quote: str) -> str:
    r"""Return a quote of a source without the marks of Markdown, line by line.

    >>> unmarked("1. Open **Settings**.\n2. Save.")
    '1. Open Settings.\n2. Save.'
    """
    return "\n".join(plain(line) for line in quote.split("\n"))


def _environment() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["reading"] = read
    environment.filters.update(
        ago=ago, at=at, percent=percent, number=number, stamp=stamp, words=as_words, span=span
    )
    environment.filters.update(counted=counted, shown=shown, because=because, unmarked=unmarked)
    return environment


_TEMPLATES: Final = _environment()
