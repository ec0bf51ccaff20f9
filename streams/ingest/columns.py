"""Which column of the user's file becomes which field of a record, and how times are read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.ingest.rows import IngestError

JOINED_BY: Final = "/"
SMALLEST_EPOCH_SECONDS: Final = 100_000_000
SMALLEST_EPOCH_MILLISECONDS: Final = 100_000_000_000


@dataclass(frozen=True)
class Columns:
    """For each field of a record its columns (several are joined by a slash), or a constant."""

    sources: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)

    def pick(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that a row has; an empty cell is no field.

        >>> Columns({"account_id": ("org", "team"), "body": ("text",)}, {"channel": "chat"}).pick(
        ...     {"org": "acme", "team": 7, "text": ""}
        ... )
        {'channel': 'chat', 'account_id': 'acme/7'}
        """
        picked: dict[str, Any] = dict(self.constants)
        for name, columns in self.sources.items():
            value = cells.get(columns[0]) if len(columns) == 1 else _joined(cells, columns)
            if value is not None and value != "":
                picked[name] = value
        return picked

    def missing(self, required: Iterable[str], present: Sequence[str]) -> str | None:
        """Return what is wrong with these columns for a file that has `present`, or None."""
        named = {column for columns in self.sources.values() for column in columns}
        known = set(present)
        listed = ", ".join(present)
        for name in required:
            absent = [column for column in self.sources.get(name, (name,)) if column not in known]
            if absent and name not in self.constants:
                return (
                    f"The file has no column {absent[0]} for {name}; name one with --column {name}=COLUMN "
                    f"or a constant with --set {name}=VALUE (columns: {listed})."
                )
        unknown = sorted(named - known - set(self.sources))
        return f"The file has no column {unknown[0]} (columns: {listed})." if unknown else None


def _joined(cells: Mapping[str, Any], columns: tuple[str, ...]) -> str | None:
    values = [cells.get(column) for column in columns]
    if any(value is None or value == "" for value in values):
        return None
    return JOINED_BY.join(str(value) for value in values)


def parse_columns(fields: Sequence[str], columns: Iterable[str], constants: Iterable[str]) -> Columns:
    """Return the columns for `--column field=column[+column]` and `--set field=value`.

    A field that is not named is read from the column of its own name.

    >>> parse_columns(["body", "account_id"], ["body=text"], ["account_id=acme"])
    Columns(sources={'body': ('text',)}, constants={'account_id': 'acme'})
    """
    sources: dict[str, tuple[str, ...]] = {name: (name,) for name in fields}
    for name, column in (_pair(text, "--column", fields) for text in columns):
        sources[name] = tuple(part.strip() for part in column.split("+"))
    fixed = dict(_pair(text, "--set", fields) for text in constants)
    return Columns({name: source for name, source in sources.items() if name not in fixed}, fixed)


def _pair(text: str, option: str, fields: Sequence[str]) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and value and name in fields):
        raise IngestError(
            f"{option} {text} is not understood; write {option} FIELD=…, FIELD one of {', '.join(fields)}."
        )
    return name, value


class Instants:
    """Read times: ISO 8601, unix seconds or milliseconds, or, with a start, day numbers."""

    def __init__(self, *, start: datetime | None = None, zone: tzinfo = UTC) -> None:
        self.start = start
        self._zone = zone
        # A daily export repeats few texts very often.
        self.read = lru_cache(100_000)(self._read)

    def of_line(self, line: int) -> datetime | None:
        """Return the time of a row that has none: one second per line from the start, if there is one."""
        return self.start + timedelta(seconds=line) if self.start is not None else None

    def _read(self, value: str | float) -> datetime:
        """Return the instant in UTC; raise ValueError with a reason for a person."""
        number = _number(value)
        if number is not None and self.start is None and abs(number) < SMALLEST_EPOCH_SECONDS:
            raise ValueError("a day number needs --start")
        try:
            if number is not None:
                return self._from_number(number)
            moment = datetime.fromisoformat(str(value).strip())
        except (ValueError, OverflowError):
            raise ValueError("not a time in ISO 8601, unix seconds or day number") from None
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=self._zone)
        return aware.astimezone(UTC)

    def _from_number(self, number: float) -> datetime:
        if self.start is not None and abs(number) < SMALLEST_EPOCH_SECONDS:
            return self.start + timedelta(days=number)
        if number >= SMALLEST_EPOCH_MILLISECONDS:
            number /= 1_000
        return datetime.fromtimestamp(number, UTC)


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def parse_zone(name: str) -> tzinfo:
    """Return a time zone by its name, as in the IANA data base."""
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise IngestError(f"--timezone {name} is not known; write a name such as Europe/Berlin.") from error


def parse_start(text: str | None, zone: tzinfo) -> datetime | None:
    """Return the instant of `--start`, a date or a time in ISO 8601, in UTC.

    >>> parse_start("2013-10-01", UTC).isoformat()
    '2013-10-01T00:00:00+00:00'
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise IngestError(f"--start {text} is not a date or time such as 2026-01-31.") from error
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
