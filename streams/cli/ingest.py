"""`rapport ingest`: play your own tickets or usage events into a topic."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from streams.cli.context import errors, fail, open_broker, told_plainly
from streams.ingest import (
    KINDS,
    Delivery,
    IngestError,
    Instants,
    Kind,
    Play,
    Source,
    Spool,
    Wrong,
    line_ranges,
    parse_columns,
    parse_start,
    parse_zone,
    read_into,
    send,
)
from streams.kafka import TopicError
from streams.settings import Settings

SHOWN_WRONG_ROWS = 20
SHOWN_CHARACTERS = 500
NOT_ALL_SENT = 1
SOME_WRONG = 3


class KindName(StrEnum):
    """What a file holds."""

    tickets = "tickets"
    usage = "usage"


@dataclass(frozen=True)
class Job:
    """What to do beside reading: order, speed, where to, and where wrong rows go."""

    kind: Kind
    topic: str
    sort: bool | None
    speed: float
    timeout_seconds: float


def ingest(  # noqa: PLR0913 - typer reads the options from the parameters
    what: Annotated[KindName, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="CSV with a header line, or JSON lines; plain or .gz.")],
    *,
    column: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=COLUMN: take a field from this column; FIELD=A+B joins two by a slash."),
    ] = None,
    constant: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE: the same value in every row.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="Date that day numbers count from; rows without a time follow it by seconds."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "UTC",
    speed: Annotated[str, typer.Option(help="Multiple of event time, such as 60; or max.")] = "max",
    sort: Annotated[
        bool | None,
        typer.Option("--sort/--no-sort", help="Send by event time, or in the order of the file."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write wrong rows here as JSON lines: line, reason, row.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read and check the file, send nothing.")] = False,
    topic: Annotated[str | None, typer.Option(help="Another topic than the usual one.")] = None,
    delimiter: Annotated[str, typer.Option(help="What stands between the fields of a CSV.")] = ",",
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds after which an unanswered record counts as not sent.")
    ] = 120.0,
) -> None:
    """Send tickets or usage events from your own file to the broker.

    Columns of tickets: account_id, body (both needed), occurred_at, event_id, ticket_id, subject,
    kind (customer_message, human_reply, merged, closed), channel (email, web, chat, forum),
    requester_name, requester_email.

    Columns of usage: account_id, kind (both needed), occurred_at, quantity (how often, default 1),
    failed (true or false), event_id.

    Other columns are ignored. Times are ISO 8601, unix seconds or milliseconds, or with --start day
    numbers. A row without ids gets them from what it says and its line: sending a file again
    doubles nothing. Usage that is not in time order is sorted before it is sent, as an account's
    silence is judged by the clock of the events; tickets are sent as they stand in the file.

    Exit code 0: all rows are acknowledged; 1: some are not; 3: all but the wrong ones are.

    Example: rapport ingest tickets questions.csv --column body=text --set account_id=acme --start 2026-01-31

    Example: rapport ingest usage clicks.csv.gz --column account_id=cohort+student --column kind=event
    --column occurred_at=day --column quantity=count --start 2013-10-01
    """
    kind = KINDS[what.value]
    with told_plainly(), ExitStack() as stack, _refusals():
        zone = parse_zone(timezone)
        columns = parse_columns(kind.fields, column or [], constant or [])
        source = Source(file, columns, Instants(start=parse_start(start, zone), zone=zone), delimiter)
        job = Job(kind, topic or kind.topic, sort, _speed(speed), timeout)
        # Before the file is read: whoever gave no broker need not wait for that.
        broker = None if check else open_broker(Settings())
        spool = stack.enter_context(Spool())
        wrong = _read(spool, kind, source, stack.enter_context(_reporting(rejects)))
        if broker is None:
            errors.print(f"{len(spool):,} rows are good, {wrong:,} are wrong; nothing was sent.")
            raise typer.Exit(SOME_WRONG if wrong else 0)
        with _bar("sending", len(spool)) as advance:
            delivery = send(broker, job.topic, spool, _play(job, spool), advance=advance)
    _conclude(delivery, wrong)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (IngestError, TopicError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"The records do not fit into the temporary folder or a file: {error.strerror or error}.")


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


def _read(spool: Spool, kind: Kind, source: Source, report: Callable[[Wrong], None]) -> int:
    total = source.path.stat().st_size if source.path.is_file() else 0
    done = 0

    with _bar("reading", total) as advance:

        def progress(bytes_read: int) -> None:
            nonlocal done
            advance(bytes_read - done)
            done = bytes_read

        return read_into(spool, kind, source, progress=progress, wrong=report)


def _play(job: Job, spool: Spool) -> Play:
    sort = job.sort
    if sort is None:
        sort = job.kind.sorts_by_default
        if sort and not spool.in_time_order:
            errors.print("The file is not in time order; it is sent sorted by event time (see --no-sort).")
    return Play(sort, job.speed, job.timeout_seconds)


@contextmanager
def _reporting(rejects: Path | None) -> Iterator[Callable[[Wrong], None]]:
    """Give what shows the first wrong rows, and writes all of them to the file of `--rejects`."""
    shown = 0
    with ExitStack() as stack:
        target = stack.enter_context(rejects.open("w", encoding="utf-8")) if rejects is not None else None

        def report(wrong: Wrong) -> None:
            nonlocal shown
            shown += 1
            if shown <= SHOWN_WRONG_ROWS:
                _say(f"line {wrong.line}: {wrong.reason}")
            if shown == SHOWN_WRONG_ROWS + 1:
                _say("more wrong rows follow; --rejects FILE keeps all")
            if target is not None:
                row = {"line": wrong.line, "reason": wrong.reason, "row": wrong.cells}
                target.write(json.dumps(row, default=str) + "\n")

        yield report


def _say(text: str) -> None:
    errors.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(what, total=max(1, total))
        yield lambda count: progress.advance(task, count)


def _conclude(delivery: Delivery, wrong: int) -> None:
    for refused in delivery.refused:
        _say(f"line {refused.line}: {refused.reason}")
    wrong += len(delivery.refused)
    rate = delivery.acknowledged / max(delivery.seconds, 1e-9)
    errors.print(
        f"{delivery.acknowledged:,} records acknowledged in {delivery.seconds:.1f} s ({rate:,.0f}/s), "
        f"{wrong:,} wrong rows.",
        highlight=False,
    )
    if delivery.unsent_lines:
        _say(_unsent(delivery))
        raise typer.Exit(NOT_ALL_SENT)
    if wrong:
        raise typer.Exit(SOME_WRONG)


def _unsent(delivery: Delivery) -> str:
    lines = line_ranges(delivery.unsent_lines)
    if len(lines) > SHOWN_CHARACTERS:
        lines = lines[:SHOWN_CHARACTERS].rpartition(",")[0] + ", …"
    return (
        f"{len(delivery.unsent_lines):,} rows were not acknowledged ({delivery.stopped_by}), lines {lines}. "
        "Run the command again when the broker answers; nothing is doubled."
    )
