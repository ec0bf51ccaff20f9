"""The base of every record: frozen, validated, bounded, times in aware UTC.

A reader ignores unknown fields, so that an older reader accepts the records of a newer writer that added an
optional field. It refuses a newer `schema_version`, so that it never reads a record only in part.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

SCHEMA_VERSION: Final = 1
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_DAY: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""In exported files, this date and later dates mean "never"."""

_LINE_BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})
_DIRECTIONS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
OUTER_BLANKS: Final = "blanks at its beginning or end"


def to_utc(moment: datetime) -> datetime:
    """Return the same instant in UTC; raise ValueError if UTC has no such year.

    >>> from datetime import timedelta, timezone
    >>> to_utc(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))).isoformat()
    '2026-01-01T00:00:00+00:00'
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the instant is outside the years 1 to 9999 of UTC") from None


def refuse_number(moment: object) -> object:
    """Return a time unchanged; raise ValueError for a number, because seconds and milliseconds look alike.

    >>> refuse_number("2026-01-01T00:00:00Z")
    '2026-01-01T00:00:00Z'
    """
    if isinstance(moment, (int, float)) or (isinstance(moment, str) and ":" not in moment):
        raise ValueError("a time is a text in ISO 8601 with a zone")
    return moment


def refuse_unset_clock(moment: datetime) -> datetime:
    """Return an event's time; raise ValueError up to 1970, the value of an unset clock (0 s, or year 1)."""
    if moment <= EPOCH:
        raise ValueError("the time of an event must be after 1970-01-01")
    return moment


def refuse_never(moment: datetime) -> datetime:
    """Return a date; raise ValueError from 2200 on, because exports write 9999-12-31 for "no date"."""
    if moment >= LAST_DAY:
        raise ValueError("a date must be before 2200-01-01")
    return moment


def refuse_unstorable(identity: str) -> str:
    r"""Return an id unchanged; raise ValueError if `clean_text` would change it, so that two ids never merge.

    >>> refuse_unstorable("ticket-7")
    'ticket-7'
    """
    if not is_storable(identity):
        raise ValueError("an id must not have NUL or lone surrogates")
    return identity


def one_line(text: str) -> str:
    r"""Return a text on one line: runs of blanks, line ends and control characters become one blank.

    Marks of writing direction are dropped, because they would also turn the sentence around the text.

    >>> one_line(" Acme\t\x07 Ltd.\n"), one_line(" \u200b\u202e ")
    ('Acme Ltd.', '\u200b')
    """
    spaced = "".join(" " if unicodedata.category(char) in _LINE_BREAKING else char for char in text)
    return " ".join("".join(char for char in spaced if char not in _DIRECTIONS).split())


def is_storable(text: str) -> bool:
    r"""Return whether `clean_text` would leave a text as it is.

    >>> is_storable("ticket-7"), is_storable("a\x00b")
    (True, False)
    """
    return clean_text(text) == text


def clean_text(text: str) -> str:
    r"""Replace NUL and lone surrogates, which PostgreSQL and UTF-8 refuse, by U+FFFD.

    >>> clean_text("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    True
    """
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)
    return text


Instant = Annotated[AwareDatetime, BeforeValidator(refuse_number), AfterValidator(to_utc)]
EventTime = Annotated[Instant, AfterValidator(refuse_unset_clock)]
CalendarTime = Annotated[EventTime, AfterValidator(refuse_never)]
CleanText = Annotated[str, AfterValidator(clean_text)]
Id = Annotated[str, AfterValidator(refuse_unstorable), Field(min_length=1, max_length=200)]
Name = Annotated[CleanText, Field(min_length=1, max_length=300)]
OneLineText = Annotated[CleanText, AfterValidator(one_line), Field(min_length=1, max_length=300)]
ShortText = Annotated[CleanText, Field(max_length=1_000)]
Paragraph = Annotated[CleanText, Field(max_length=20_000)]
Body = Annotated[CleanText, Field(max_length=200_000)]
Url = Annotated[CleanText, Field(max_length=2_000)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Record(BaseModel):
    """A value on a topic or in a table: immutable, finite numbers only, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    schema_version: Literal[1] = SCHEMA_VERSION

    def to_bytes(self) -> bytes:
        """Return the record as UTF-8 JSON, as it is written to a topic."""
        return self.model_dump_json().encode()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON-ready values, as it is stored in a JSONB column."""
        return self.model_dump(mode="json")
