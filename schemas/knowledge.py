"""The operator's knowledge: accounts, articles, macros, solved tickets."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from schemas.base import (
    CalendarTime,
    CleanText,
    Id,
    Name,
    OneLineText,
    Paragraph,
    Record,
    ShortText,
    Url,
    one_line,
)

R = TypeVar("R", bound=Record)

MAX_SEATS: Final = 1_000_000_000
MAX_REVENUE: Final = 1e15
"""A greater value is an account number or a telephone number in the wrong column."""


def blank_as_unknown(value: object) -> object:
    """Return None for a blank text, else the value: exports write "" for unknown.

    >>> blank_as_unknown(" "), blank_as_unknown("Team"), blank_as_unknown(0)
    (None, 'Team', 0)
    """
    return None if isinstance(value, str) and not one_line(value) else value


def refuse_truth(value: object) -> object:
    """Return a value; raise ValueError for true and false, which Python reads as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not true or false")
    return value


def web_address(url: str) -> str:
    """Return the address of a page; raise ValueError if it is not http or https with a host.

    >>> web_address("https://help.example.com/a")
    'https://help.example.com/a'
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:  # brackets without an IP address; the message would quote the URL
        good = False
    if not good or any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("an address begins with https:// or http:// and a host")
    return url


OptionalOneLine = Annotated[OneLineText | None, BeforeValidator(blank_as_unknown)]
SeatCount = Annotated[int, BeforeValidator(refuse_truth), Field(ge=0, le=MAX_SEATS)]
Revenue = Annotated[float, BeforeValidator(refuse_truth), Field(ge=0, le=MAX_REVENUE)]
WebAddress = Annotated[Url, AfterValidator(web_address)]
Manual = Annotated[CleanText, Field(max_length=2_000_000)]


class Account(Record):
    """A paying customer; every commercial field may be unknown. `annual_revenue` is per year, at least 0."""

    account_id: Id
    name: OneLineText
    plan: OptionalOneLine = None
    seats: Annotated[SeatCount | None, BeforeValidator(blank_as_unknown)] = None
    annual_revenue: Annotated[Revenue | None, BeforeValidator(blank_as_unknown)] = None
    renewal_on: Annotated[CalendarTime | None, BeforeValidator(blank_as_unknown)] = None
    region: OptionalOneLine = None
    owner: OptionalOneLine = None


class KnowledgeArticle(Record):
    """One help article; `body` is Markdown with `## ` headings, or HTML. Links go only to `public` articles.

    A body of up to 2,000,000 characters is cut by its headings when it is indexed.
    """

    article_id: Id
    title: OneLineText
    body: Manual
    url: Annotated[WebAddress | None, BeforeValidator(blank_as_unknown)] = None
    tags: tuple[Name, ...] = Field(default=(), max_length=200)
    public: bool = True
    updated_at: CalendarTime


class Macro(Record):
    """A reply template of the support team; `{slot}` names are filled from checked facts only.

    `question` is the question that the macro answers, in a customer's words.
    """

    macro_id: Id
    title: OneLineText
    question: ShortText
    body: Paragraph
    tags: tuple[Name, ...] = Field(default=(), max_length=200)
    updated_at: CalendarTime


class SolvedTicket(Record):
    """An old ticket with the reply that solved it."""

    ticket_id: Id
    account_id: Id
    question: Paragraph
    answer: Paragraph
    tags: tuple[Name, ...] = Field(default=(), max_length=200)
    solved_at: CalendarTime


MAY_BE_UNKNOWN: Final[Mapping[type[Record], frozenset[str]]] = {
    Account: frozenset({"plan", "seats", "annual_revenue", "renewal_on", "region", "owner"}),
    KnowledgeArticle: frozenset({"url", "tags"}),
    Macro: frozenset({"tags"}),
    SolvedTicket: frozenset({"tags"}),
}
"""Fields that become unknown if their value is wrong. A wrong value in any other field refuses the record:
an article with a wrong `public` must not become public."""


def read_leniently(kind: type[R], row: Mapping[str, Any]) -> tuple[R, ValidationError | None]:
    """Return a record, and the error about the fields that were left unknown in it, or None.

    Raises ValidationError if a field that the record needs is wrong.

    >>> account, wrong = read_leniently(Account, {"account_id": "a", "name": "Acme", "seats": -1})
    >>> account.seats, wrong.errors()[0]["loc"]
    (None, ('seats',))
    """
    try:
        return kind.model_validate(row), None
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
        if not wrong or wrong - MAY_BE_UNKNOWN.get(kind, frozenset()):
            raise
        return kind.model_validate({name: row[name] for name in row if name not in wrong}), error


def account_at_rest(account_id: str, record: Mapping[str, Any] | None) -> Account:
    """Return a stored account, written by any build; without a record only its id is known.

    A field that would be refused today is unknown, never an error: a stored row must not stop a handler.

    >>> account_at_rest("a", {"account_id": "a", "name": "Acme", "seats": -1}).seats is None
    True
    >>> account_at_rest("a", None).name
    'a'
    """
    named = {"account_id": account_id, "name": one_line(account_id) or "unnamed"}
    try:
        return read_leniently(Account, {**(record or {}), "account_id": account_id})[0]
    except ValidationError:
        kept = {key: value for key, value in (record or {}).items() if key in MAY_BE_UNKNOWN[Account]}
        return read_leniently(Account, {**kept, **named})[0]
