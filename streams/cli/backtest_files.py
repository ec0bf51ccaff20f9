"""The files of `rapport backtest` and `rapport recommend`: use, tickets, accounts and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from schemas.knowledge import Account
from schemas.tickets import Ticket
from streams.backtest.outcomes import KnownOutcomes
from streams.backtest.records import ReplaySpan
from streams.cli.knowledge_files import read_records
from streams.cli.terminal import errors, fail, say
from streams.evaluate.account_days import MissingColumnError, named_columns
from streams.ingest.columns import parse_columns
from streams.ingest.documents import RejectedRow
from streams.ingest.formats.exports import FORMATS
from streams.ingest.instants import Instants, parse_start, parse_zone
from streams.ingest.records import TICKET_KIND, USAGE_KIND, Present, RecordKind
from streams.ingest.rows import open_rows
from streams.ingest.source import SourceFile, read_into
from streams.ingest.spool import Spool

SHOWN_WRONG_ROWS: Final = 20
"""Wrong rows of each file that are printed; --json has all of them."""

_OUTCOME_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "account": ("account_id", "account"),
    "left": ("left_on", "left", "date"),
}


@dataclass(frozen=True)
class HistoryPaths:
    """The files of a company's history; only that of the use is needed."""

    use: Path
    tickets: Path | None = None
    accounts: Path | None = None
    outcomes: Path | None = None


@dataclass(frozen=True)
class HistoryLayout:
    """How the files of use and tickets are read, as the options of `rapport ingest`."""

    use_columns: tuple[str, ...] = ()
    ticket_columns: tuple[str, ...] = ()
    ticket_format: str | None = None
    start: str | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A row of a file that was refused, or that counts only in part."""

    file: str
    unit: str
    line: int
    reason: str
    is_refused: bool = True


class HistoryFiles:
    """Reads the files; rows that cannot be used are named, counted and refused.

    Each method raises IngestError if its file cannot be read. `rows` counts the rows by file.
    """

    def __init__(self, paths: HistoryPaths, layout: HistoryLayout, present: Present) -> None:
        self._paths = paths
        self._layout = layout
        self._present = present
        self.problems: list[FileProblem] = []
        self.rows: dict[str, int] = {}

    def read_use(self, spool: Spool) -> None:
        """Fill a spool with the usage events."""
        self._read(spool, USAGE_KIND, self._paths.use, self._layout.use_columns)
        if not len(spool):
            fail(f"{self._paths.use} holds no usage event.")

    def read_tickets(self) -> list[Ticket]:
        """Return the customers' messages in order of time, each id once; none without a file."""
        if self._paths.tickets is None:
            return []
        with Spool() as spool:
            self._read(spool, TICKET_KIND, self._paths.tickets, self._layout.ticket_columns)
            found: dict[str, Ticket] = {}
            for record in spool.records(by_time=True):
                ticket = Ticket.model_validate_json(record.value)
                if ticket.kind == "customer_message":
                    found.setdefault(ticket.event_id, ticket)
        return list(found.values())

    def _read(self, spool: Spool, kind: RecordKind, path: Path, columns: Sequence[str]) -> None:
        zone = parse_zone(self._layout.time_zone)
        form = self._layout.ticket_format if kind is TICKET_KIND else None
        source = SourceFile(
            path,
            parse_columns(kind.fields, columns, ()),
            Instants(start=parse_start(self._layout.start, zone), zone=zone),
            form=FORMATS[form] if form is not None else None,
            present=self._present,
        )
        before = len(self.problems)

        def refuse(wrong: RejectedRow) -> None:
            self.problems.append(FileProblem(str(path), wrong.unit, wrong.line, wrong.reason))

        count = read_into(spool, kind, source, progress=lambda _: None, wrong=refuse)
        self.rows[str(path)] = count.rows
        _name(self.problems[before:])

    def read_accounts(self) -> dict[str, Account]:
        """Return the records of accounts by id; none without a file."""
        path = self._paths.accounts
        if path is None:
            return {}
        records, wrong = read_records(path, Account)
        found = [
            FileProblem(str(path), one.unit, one.line, one.reason, is_refused=not one.loaded) for one in wrong
        ]
        self.rows[str(path)] = len(records) + sum(one.is_refused for one in found)
        self.problems += found
        _name(found)
        return {account.account_id: account for account in records}

    def read_outcomes(self) -> dict[str, date] | None:
        """Return the (earliest) date on which each account left; None without a file."""
        path = self._paths.outcomes
        if path is None:
            return None
        left: dict[str, date] = {}
        before, rows, instants = len(self.problems), 0, Instants()
        with open_rows(path) as reader:
            try:
                columns = named_columns(reader.columns or (), _OUTCOME_COLUMNS)
            except MissingColumnError as error:
                fail(f"{path} {error}.")
            for row in reader.rows:
                rows += 1
                try:
                    _note_outcome(row, columns, instants, left)
                except ValueError as error:
                    self.problems.append(FileProblem(str(path), "line", row.line, str(error)))
        self.rows[str(path)] = rows
        _name(self.problems[before:])
        return left

    def as_json(self) -> dict[str, Any]:
        """Return how many rows each file has, and every row that was refused or counts only in part."""
        names = ("file", "unit", "line", "reason", "is_refused")
        told = [{name: getattr(one, name) for name in names} for one in self.problems]
        return {"rows": self.rows, "problems": told}

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return sum(one.is_refused for one in self.problems)


def _note_outcome(row: Any, columns: Mapping[str, str], instants: Instants, left: dict[str, date]) -> None:
    """Note when the account of a row left; raise ValueError if the row does not say it."""
    if isinstance(row, RejectedRow):
        raise ValueError(row.reason)
    account_id = str(row.cells[columns["account"]] or "").strip()
    said = str(row.cells[columns["left"]] or "").strip()
    if not account_id:
        raise ValueError("the account is blank")
    if said:
        day = instants.read(said).date()
        left[account_id] = min(day, left.get(account_id, day))


def _name(problems: Sequence[FileProblem]) -> None:
    for one in problems[:SHOWN_WRONG_ROWS]:
        said = f"{one.file}, {one.unit} {one.line}: {one.reason}."
        errors.print(said, markup=False, highlight=False, soft_wrap=True)
    if len(problems) > SHOWN_WRONG_ROWS:
        say(f"{len(problems) - SHOWN_WRONG_ROWS:,} more wrong rows of this file; --json FILE names all.")


def span_of(use: Path, spool: Spool, first: str | None, last: str | None) -> ReplaySpan:
    """Return the span from `--from` to the end of the day `--to`, at most to the end of the use.

    Ends the command if the span is empty or holds no use.
    """
    bounds = spool.bounds()
    if bounds is None:
        fail(f"{use} holds no usage event.")
    earliest, latest = (datetime.fromtimestamp(bound, UTC) for bound in bounds)
    start = _midnight(first, "--from") if first else _day_of(earliest)
    end = _midnight(last, "--to") + timedelta(days=1) if last else latest + timedelta(seconds=1)
    if first and last and start >= end:
        fail(f"--from {first} is after --to {last}: the range is empty.")
    if start > latest or end <= earliest:
        known = f"its events are from {earliest:%Y-%m-%d} to {latest:%Y-%m-%d}"
        fail(f"{use} holds no usage event {_range_told(first, last)}; {known}.")
    return ReplaySpan(start, min(end, latest + timedelta(seconds=1)))


def _range_told(first: str | None, last: str | None) -> str:
    """Return the asked range in words.

    >>> _range_told("2026-01-31", None), _range_told("2026-01-01", "2026-01-31")
    ('from 2026-01-31', 'from 2026-01-01 to 2026-01-31')
    """
    named = (("from", first), ("to", last))
    return " ".join(f"{word} {day}" for word, day in named if day)


def _day_of(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _midnight(text: str, option: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text.strip()), datetime.min.time(), UTC)
    except ValueError:
        fail(f"{option} {text} is not a date such as 2026-01-31.")


def outcomes_until(left: Mapping[str, date] | None, span: ReplaySpan, horizon: int) -> KnownOutcomes | None:
    """Return the outcomes, known until the end of the span or the last leaving; None without outcomes."""
    if left is None:
        return None
    until = max([(span.end - timedelta(seconds=1)).date(), *left.values()])
    return KnownOutcomes(left, until, horizon)
