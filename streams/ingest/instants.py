"""Read the times of exports: unambiguous times as they are, others by a format that the user names."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.ingest.texts import IngestError

EARLIEST_SECONDS: Final = 946_684_800
"""2000-01-01. From then to 2100, seconds, milliseconds and microseconds have no number in common."""

LATEST_SECONDS: Final = 4_102_444_800
"""2100-01-01."""

DAY_NUMBERS_BELOW: Final = 100_000_000
"""Smaller numbers are days after `--start`."""

_UNITS: Final = (1, 1_000, 1_000_000)

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_COMPACT_DATE: Final = re.compile(r"[0-9]{8}\Z")
_ISO: Final = re.compile(r"[0-9]{4}-?(?:[0-9]{2}|W[0-9]{2})[0-9-]*(?:[T ][0-9:.,]+)?(?:Z|[+-][0-9:]+)?\Z")
_ZONE_NAME: Final = re.compile(r" ?(?:UTC|GMT|Z)\Z")
_BLANK_OFFSET: Final = re.compile(r" (?=[+-][0-9]{2}:?[0-9]{2}\Z)")
_MONTHS: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MAIL: Final = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?[0-9]{{1,2}} (?:{_MONTHS}) [0-9]{{4}} [0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}})?"
    r"(?: (?:[+-][0-9]{4}|GMT|UTC|UT|Z))?(?: \([^)]*\))?\Z"
)
_CTIME: Final = re.compile(
    rf"(?P<day>[A-Z][a-z]{{2}}) (?P<date>(?:{_MONTHS}) +[0-9]{{1,2}}) (?P<time>[0-9:]{{8}})"
    r"(?: (?P<zone>[+-][0-9]{4}|UTC|GMT))? (?P<year>[0-9]{4})\Z"
)
_BY_FIGURES: Final = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}")

UNKNOWN: Final = "not a time in ISO 8601, unix seconds or day number"


class Instants:
    """Read times as instants in UTC.

    Without options these are understood: ISO 8601 (also with " UTC", with a blank before the offset, or a
    date alone, which means midnight), dates of mail ("Thu, 01 Jan 2026 10:00:00 +0000"), dates of Twitter
    ("Thu Jan 01 10:00:00 +0000 2026"), and numbers of seconds, milliseconds or microseconds since 1970,
    between 2000 and 2100. With `start`, small numbers are days after it. With `formats` (as for `strptime`),
    a text must have one of them. A time without a zone is wall-clock time in `zone`.
    """

    def __init__(
        self, *, start: datetime | None = None, zone: tzinfo = UTC, formats: Iterable[str] = ()
    ) -> None:
        self.start = start
        self._zone = zone
        self._formats = tuple(formats)
        # The times of a daily export are few texts, repeated very often.
        self.read = lru_cache(100_000)(self._read)

    def of_line(self, line: int) -> datetime | None:
        """Return the time of a row without a time: one second per line after `start`, if there is one."""
        return self.start + timedelta(seconds=line) if self.start is not None else None

    def reads(self, value: object) -> bool:
        """Return whether a value is a time."""
        try:
            return isinstance(value, (str, int, float)) and bool(self.read(value))
        except ValueError:
            return False

    def _read(self, value: str | float) -> datetime:
        """Return the instant in UTC; raise ValueError with the reason in words.

        >>> Instants().read("2026-01-01 10:00:00 UTC").isoformat()
        '2026-01-01T10:00:00+00:00'
        """
        if isinstance(value, bool):
            raise ValueError(UNKNOWN)
        text = str(value).strip()
        if self._formats:
            return self._to_utc(self._by_format(text))
        if not isinstance(value, str) or _NUMBER.match(text):
            return self._from_number(text, value)
        return self._to_utc(_from_text(text))

    def _by_format(self, text: str) -> datetime:
        for form in self._formats:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - a time without a zone gets one later
            except ValueError:
                continue
        raise ValueError("not in the form of --time-format")

    def _from_number(self, text: str, value: str | float) -> datetime:
        try:
            number = float(value)
        except OverflowError:
            raise ValueError(UNKNOWN) from None
        if self.start is not None and abs(number) < DAY_NUMBERS_BELOW:
            return _days_after(self.start, number)
        for unit in _UNITS:
            if EARLIEST_SECONDS * unit <= number < LATEST_SECONDS * unit:
                return datetime.fromtimestamp(number / unit, UTC)
        if isinstance(value, str) and _COMPACT_DATE.match(text):
            return self._to_utc(_from_text(text))
        if abs(number) < DAY_NUMBERS_BELOW:
            raise ValueError("a day number needs --start")
        raise ValueError(UNKNOWN)

    def _to_utc(self, moment: datetime) -> datetime:
        try:
            return _placed(moment, self._zone).astimezone(UTC)
        except OverflowError:
            raise ValueError("the instant is outside the years 1 to 9999") from None


def _days_after(start: datetime, days: float) -> datetime:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise ValueError("the day number is too large for a time") from None


def _from_text(text: str) -> datetime:
    plain = _BLANK_OFFSET.sub("", text)
    if _ZONE_NAME.search(plain):
        plain = _ZONE_NAME.sub("+00:00", plain)
    try:
        if _ISO.match(plain):
            return datetime.fromisoformat(plain)
        if _MAIL.match(text):
            return _checked_day(parsedate_to_datetime(text), text.partition(",")[0] if "," in text else None)
        if (found := _CTIME.match(text)) is not None:
            return _of_ctime(found)
    except ValueError:
        raise ValueError("no such date, or no such time of day") from None
    if _BY_FIGURES.match(text):
        raise ValueError(
            "the form of this date is ambiguous; name it, such as --time-format '%d.%m.%Y %H:%M'"
        )
    raise ValueError(f"{UNKNOWN}; name its form with --time-format")


def _of_ctime(found: re.Match[str]) -> datetime:
    said = f"{found['date']} {found['year']} {found['time']} {found['zone'] or ''}".strip()
    said = said.replace("UTC", "+0000").replace("GMT", "+0000")
    form = "%b %d %Y %H:%M:%S %z" if found["zone"] else "%b %d %Y %H:%M:%S"
    return _checked_day(datetime.strptime(said, form), found["day"])  # noqa: DTZ007 - the zone may follow later


def _checked_day(moment: datetime, day: str | None) -> datetime:
    if day is not None and moment.strftime("%a") != day:
        raise ValueError("the day of the week does not match the date")
    return moment


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    """Return a wall-clock time with its zone; raise ValueError if the clock skips it or shows it twice."""
    if moment.tzinfo is not None:
        return moment
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise ValueError("the clock of the zone skips this hour")
    raise ValueError("the clock of the zone shows this hour twice; it needs an offset such as +02:00")


def parse_zone(name: str) -> tzinfo:
    """Return a time zone by its name in the IANA database; raise IngestError if it is unknown."""
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise IngestError(f"--time-zone {name} is not known; write a name such as Europe/Berlin.") from error


def parse_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats of `--time-format` after checking each; raise IngestError for a wrong one.

    >>> parse_formats(["%d.%m.%Y %H:%M"])
    ('%d.%m.%Y %H:%M',)
    """
    for form in formats:
        try:
            datetime.strptime(datetime(2026, 1, 31, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
        except ValueError as error:
            raise IngestError(
                f"--time-format {form} is not understood; write one such as %d.%m.%Y %H:%M."
            ) from error
    return tuple(formats)


def parse_start(text: str | None, zone: tzinfo) -> datetime | None:
    """Return the instant of `--start` (a date or a time in ISO 8601) in UTC, or None without it.

    >>> parse_start("2013-10-01", UTC).isoformat()
    '2013-10-01T00:00:00+00:00'
    """
    if text is None:
        return None
    try:
        return Instants(zone=zone).read(text)
    except ValueError as error:
        raise IngestError(f"--start {text} is not a date or time such as 2026-01-31.") from error
