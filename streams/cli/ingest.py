"""`rapport ingest`: send your own tickets or usage events to a topic."""

import math
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.composition.connections import open_broker, read_settings
from streams.cli.format_names import FormatName
from streams.cli.ingest_report import SOME_WRONG, Report, conclude, say_count, tell
from streams.cli.progress import bar
from streams.cli.terminal import errors
from streams.ingest import (
    FORMATS,
    KINDS,
    IngestError,
    Instants,
    Play,
    Present,
    RecordKind,
    RowCount,
    SourceFile,
    Spool,
    parse_columns,
    parse_delimiter,
    parse_formats,
    parse_start,
    parse_zone,
    read_into,
    send,
)
from streams.process.clock import utc_now


class KindName(StrEnum):
    """The kinds of file that can be sent."""

    tickets = "tickets"
    usage = "usage"


@dataclass(frozen=True)
class Job:
    """How to send the rows that were read.

    `sort` is None for the default of the kind; `speed` is a multiple of event time. A record that is
    unanswered after `timeout_seconds` counts as not sent.
    """

    kind: RecordKind
    topic: str
    sort: bool | None
    speed: float
    timeout_seconds: float


def ingest(  # noqa: PLR0913 - typer reads the options from the parameters
    kind_name: Annotated[KindName, typer.Argument(help="What is in the file: tickets or usage.")],
    file: Annotated[Path, typer.Argument(help="CSV with a header line, or JSON; plain or .gz.")],
    *,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="FIELD=COLUMN: take a field from this column, or in JSON from a path such as"
            " organization.name; FIELD=A+B joins two by a slash."
        ),
    ] = None,
    constant: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE: the same value in every row.")
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--map", help="FIELD:WORD=OURS, such as channel:Phone=chat: the meaning of a word."),
    ] = None,
    export_format: Annotated[
        FormatName | None,
        typer.Option("--format", help="The file is an export of this product; comments become events."),
    ] = None,
    related_files: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Users or organizations of the export, if they are in another file."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="Date of day number 0; rows without a time get this date plus one second each."),
    ] = None,
    time_zone: Annotated[
        str,
        typer.Option(
            "--time-zone", "--timezone", help="Zone of times that name none, such as Europe/Berlin."
        ),
    ] = "UTC",
    time_format: Annotated[
        list[str] | None,
        typer.Option(help="Format of the times, in the letters of strptime: %d.%m.%Y %H:%M."),
    ] = None,
    speed: Annotated[str, typer.Option(help="Multiple of event time, such as 60; or max.")] = "max",
    sort: Annotated[
        bool | None,
        typer.Option("--sort/--no-sort", help="Send by event time, or in the order of the file."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write wrong rows here as JSON lines: line, reason, row.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read and check the file, send nothing.")] = False,
    topic: Annotated[
        str | None, typer.Option(help="Topic to send to; by default the topic of the kind.")
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(
            help="Separator of the fields of a CSV, such as ';' or tab; by default the header shows it."
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of the file, such as cp1252; UTF-8 and UTF-16 are recognised."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds after which an unanswered record counts as not sent.")
    ] = 120.0,
) -> None:
    """Send tickets or usage events from your own file to the broker.

    Columns of tickets: account_id, body (both needed, but closed and merged need no body), occurred_at,
    event_id, ticket_id, subject, kind (customer_message, human_reply, merged, closed), channel (email,
    web, chat, forum), requester_name, requester_email.

    Columns of usage: account_id, kind (both needed), occurred_at, quantity (how often, default 1),
    failed (true or false), event_id.

    Other columns are ignored. JSON is one object a line, an array, or an object around a list. With
    --format each public comment of an export becomes an event; private notes never do. Usual words for
    channels (Email, Phone, Web form) are understood, see --map for others. Times are ISO 8601, dates of
    mail, or seconds, milliseconds or microseconds since 1970; other times need --time-format, and day
    numbers need --start.

    Every row is sent, or refused by line and reason; a CSV row with an open quote loses only its own line. A
    row without ids gets them from its content and its line, so sending a file again doubles nothing. Usage
    that is not in time order is sorted before it is sent, because an account's silence is judged by the
    clock of the events. Tickets are sent in the order of the file.

    Exit code 0: all rows are acknowledged; 1: some are not; 3: all are, except refused rows.

    Example: rapport ingest tickets questions.csv --column body=text --set account_id=acme --start 2026-01-31

    Example: rapport ingest usage clicks.csv.gz --column account_id=cohort+student --column kind=event
    --column occurred_at=day --column quantity=count --start 2013-10-01

    Example: rapport ingest tickets export.json --format zendesk --column account_id=organization.name
    """
    kind = KINDS[kind_name.value]
    with ExitStack() as stack:
        if kind.name != "tickets" and (export_format or related_files):
            raise IngestError("--format and --with are for tickets.")
        settings = read_settings()
        zone = parse_zone(time_zone)
        source = SourceFile(
            file,
            parse_columns(kind.fields, column or [], constant or [], words or []),
            Instants(start=parse_start(start, zone), zone=zone, formats=parse_formats(time_format or [])),
            parse_delimiter(delimiter),
            encoding,
            FORMATS[export_format.value] if export_format is not None else None,
            tuple(related_files or ()),
            Present(utc_now(), settings.future_tolerance),
        )
        job = Job(kind, topic or kind.topic, sort, _speed(speed), timeout)
        # Before the file is read, so that a missing broker is told at once.
        broker = None if check else open_broker(settings)
        spool = stack.enter_context(Spool())
        count = _read(spool, kind, source, stack.enter_context(Report(rejects, file)))
        tell(count)
        if broker is None:
            say_count(count)
            raise typer.Exit(SOME_WRONG if count.refused else 0)
        with bar("sending", len(spool)) as advance:
            delivery = send(broker, job.topic, spool, _play(job, spool), advance=advance)
    conclude(delivery, count)


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not speed > 0:
        raise IngestError(f"--speed {text} is neither a number above 0 nor max.")
    return speed


def _read(spool: Spool, kind: RecordKind, source: SourceFile, report: Report) -> RowCount:
    total = source.path.stat().st_size if source.path.is_file() else 0
    done = 0

    with bar("reading", total) as advance:

        def progress(bytes_read: int) -> None:
            nonlocal done
            advance(bytes_read - done)
            done = bytes_read

        count = read_into(spool, kind, source, progress=progress, wrong=report.add)
    report.close()
    return count


def _play(job: Job, spool: Spool) -> Play:
    sort = job.sort
    if sort is None:
        sort = job.kind.sorts_by_default
        if sort and not spool.in_time_order:
            errors.print("The file is not in time order; it is sent sorted by event time (see --no-sort).")
    return Play(sort, job.speed, job.timeout_seconds)
