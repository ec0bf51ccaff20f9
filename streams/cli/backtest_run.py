"""What `rapport backtest` and `rapport recommend` share: their options, and the reading of the history."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.tickets import Sentiment, Ticket
from streams.backtest.outcomes import HORIZON_DAYS, KnownOutcomes
from streams.backtest.recording import Recording
from streams.cli.backtest_files import HistoryFiles, HistoryLayout, HistoryPaths, outcomes_until, span_of
from streams.cli.composition.connections import read_settings
from streams.cli.format_names import FormatName
from streams.cli.progress import bar
from streams.ingest.records import Present
from streams.ingest.spool import Spool
from streams.process.clock import utc_now
from streams.process.settings import Settings

SOME_WRONG = 3
"""Exit code if some rows could not be used, as in `rapport ingest`."""

UseFile = Annotated[Path, typer.Option("--usage", help="Usage events, a file as for `rapport ingest usage`.")]
TicketFile = Annotated[
    Path | None, typer.Option("--tickets", help="Tickets, a file as for `rapport ingest tickets`.")
]
AccountFile = Annotated[
    Path | None, typer.Option("--accounts", help="Accounts, a file as for `rapport knowledge accounts`.")
]
OutcomeFile = Annotated[
    Path | None,
    typer.Option("--outcomes", help="CSV with account_id and left_on, which is blank for who stayed."),
]
FromDate = Annotated[
    str | None,
    typer.Option("--from", help="First day to report, in UTC; use before it only teaches the detectors."),
]
ToDate = Annotated[
    str | None, typer.Option("--to", help="Last day to report, in UTC; later use is not read.")
]
JsonFile = Annotated[
    Path | None, typer.Option("--json", dir_okay=False, help="Write the result as JSON here.")
]
UseColumns = Annotated[
    list[str] | None, typer.Option("--usage-column", help="FIELD=COLUMN, as --column of `rapport ingest`.")
]
TicketColumns = Annotated[
    list[str] | None, typer.Option("--ticket-column", help="FIELD=COLUMN, as --column of `rapport ingest`.")
]
TicketFormat = Annotated[
    FormatName | None, typer.Option("--ticket-format", help="The tickets are an export of this product.")
]
DayZero = Annotated[
    str | None, typer.Option("--start", help="Date of day number 0 of the files, as in `rapport ingest`.")
]
TimeZone = Annotated[str, typer.Option("--time-zone", help="Zone of times that name none.")]
HorizonOption = Annotated[
    int,
    typer.Option(
        "--horizon", min=1, max=730, help="Days after an alert within which the account is to leave."
    ),
]
Partitions = Annotated[
    int | None,
    typer.Option(
        "--partitions",
        min=1,
        max=1024,
        help="Partitions of the topic; by default those of the settings. Each learns on its own.",
    ),
]
DEFAULT_HORIZON = HORIZON_DAYS
MoodsOf = Callable[[Sequence[Ticket], Settings, Callable[[int], None]], list[Sentiment]]
"""Returns the moods of messages, in order, and tells how many are done."""


@dataclass(frozen=True)
class OpenedHistory:
    """A company's history, ready to be replayed; `note` says what was read."""

    settings: Settings
    recording: Recording
    known: KnownOutcomes | None
    files: HistoryFiles
    note: str

    def as_json(self) -> dict[str, Any]:
        """Return what was read, as the JSON of a result has it."""
        return {"partitions": self.recording.partitions, **self.files.as_json()}


@dataclass(frozen=True)
class HistoryOptions:
    """The options that name the history, and how it is read and judged."""

    paths: HistoryPaths
    layout: HistoryLayout
    first: str | None
    last: str | None
    horizon: int
    partitions: int | None


@contextmanager
def opened_history(options: HistoryOptions, moods_of: MoodsOf) -> Iterator[OpenedHistory]:
    """Yield the history, its use in a temporary file; end the command if there is nothing to replay.

    `moods_of` scores messages.
    """
    settings = read_settings()
    present = Present(utc_now(), settings.future_tolerance)
    files = HistoryFiles(options.paths, options.layout, present)
    accounts, left = files.read_accounts(), files.read_outcomes()
    with Spool() as spool:
        files.read_use(spool)
        span = span_of(options.paths.use, spool, options.first, options.last)
        tickets = [ticket for ticket in files.read_tickets() if ticket.occurred_at < span.end]
        with bar("scoring messages", len(tickets)) as advance:
            moods = moods_of(tickets, settings, advance)
        rows = ", ".join(f"{count:,} rows of {Path(name).name}" for name, count in files.rows.items())
        yield OpenedHistory(
            settings,
            Recording(span, spool, moods, accounts, options.partitions or settings.topic_partitions),
            outcomes_until(left, span, options.horizon),
            files,
            f"Read: {rows}; {files.refused:,} refused.",
        )


def span_told(history: OpenedHistory) -> str:
    """Return the reported days in words."""
    span = history.recording.span
    return f"{span.start:%Y-%m-%d} to {span.end - timedelta(seconds=1):%Y-%m-%d}"


def end(history: OpenedHistory) -> None:
    """End the command with exit code 3 if rows were refused."""
    if history.files.refused:
        raise typer.Exit(SOME_WRONG)
