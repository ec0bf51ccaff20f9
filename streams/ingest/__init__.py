"""Play a user's own file into a topic: read and check all of it, then send, then say what arrived.

Nothing is sent before the whole file was read. What is wrong is reported by line and reason; what
the broker did not acknowledge is reported as not sent. Ids are made of what a row says and its
line, so the same command may be run again: nothing is doubled.
"""

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from kafka.errors import KafkaError

from streams.ingest.columns import Columns, parse_columns
from streams.ingest.delimited import parse_delimiter
from streams.ingest.formats import FORMATS, PEOPLE, Format, people_of
from streams.ingest.instants import Instants, parse_formats, parse_start, parse_zone
from streams.ingest.records import KINDS, TICKET_KIND, USAGE_KIND, Encoder, Present, RecordKind, required_of
from streams.ingest.rows import WRAPPERS, FileLayout, IngestError, RejectedRow, RowReader, open_rows
from streams.ingest.sending import Delivery, EventTimePacer, Sender, at_once
from streams.ingest.spool import Spool
from streams.kafka.brokers import Broker, TopicError, held_offsets, no_such_topic, reliable_producer
from streams.process.clock import utc_now

logger = logging.getLogger(__name__)

LISTS = frozenset({"events", "tickets", "messages"})
"""The names under which files of tickets and of usage keep their list, beside those of `WRAPPERS`."""

PROGRESS_EVERY_ROWS = 5_000
PATIENCE_MARGIN_SECONDS = 10.0
FUTURE_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class SourceFile:
    """A file and how to read it.

    `form` is a known kind of export, `beside` are files with the people and organizations of it. `present` is
    the time of the check; an event may be dated ahead of it by its tolerance at most.
    """

    path: Path
    columns: Columns
    instants: Instants
    delimiter: str | None = None
    encoding: str | None = None
    form: Format | None = None
    beside: tuple[Path, ...] = ()
    present: Present = field(default_factory=lambda: Present(utc_now(), FUTURE_TOLERANCE))


@dataclass(frozen=True)
class Play:
    """How to send: by event time or as in the file, and at which multiple of event time."""

    by_time: bool = False
    speed: float = math.inf
    delivery_timeout_seconds: float = 120.0


@dataclass
class RowCount:
    """What a file held: each row is either good or refused; what is no row is left out, by reason.

    `unit` is what the number of a row counts, `tickets` how many tickets of an export the rows came from.
    """

    rows: int = 0
    refused: int = 0
    unit: str = "line"
    tickets: int | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    unknown_channels: Counter[str] = field(default_factory=Counter)


def read_into(
    spool: Spool,
    kind: RecordKind,
    source: SourceFile,
    *,
    progress: Callable[[int], None],
    wrong: Callable[[RejectedRow], None],
) -> RowCount:
    """Fill the spool with the file's records; return how many rows there were, and how many were wrong.

    `progress` gets the bytes read so far, `wrong` each wrong row. Raises IngestError for a file
    that cannot be read, lacks a column, or does not fit on the disk.
    """
    encoder = Encoder(kind, source.columns, source.instants, source.present)
    layout = _layout(source, encoder)
    known = _look_ahead(source, layout)
    count = RowCount(unknown_channels=encoder.unknown_channels)
    with open_rows(source.path, layout) as reading:
        _refuse_columns(reading, kind, source)
        count.unit = reading.unit
        rows, unfolding = reading.rows, None
        if source.form is not None:
            unfolding = source.form.unfold(reading, known)
            rows, count.left_out = unfolding.rows, unfolding.left_out
        for row in rows:
            record = encoder.encode(row)
            if isinstance(record, RejectedRow):
                wrong(record)
                count.refused += 1
            else:
                spool.add(record)
            if not count.rows % PROGRESS_EVERY_ROWS:
                progress(reading.bytes_read())
            count.rows += 1
        progress(reading.bytes_read())
        count.tickets = unfolding.tickets if unfolding is not None else None
    return count


def _layout(source: SourceFile, encoder: Encoder) -> FileLayout:
    lists = source.form.lists if source.form is not None else WRAPPERS | LISTS
    return FileLayout(source.encoding, source.delimiter, lists, encoder.is_row)


def _look_ahead(source: SourceFile, layout: FileLayout) -> Any:
    """Return what the rows of an export need to know of the whole of it, or None."""
    if source.form is None:
        return None
    with open_rows(source.path, layout) as reading:
        # JSON lines keep nothing beside their tickets.
        whole = reading.unit == "item" or reading.columns is not None
        known = source.form.look_ahead(reading.rows if whole else ())
    for path in source.beside:
        with open_rows(path, FileLayout(source.encoding, wrappers=WRAPPERS | PEOPLE)) as reading:
            known.add(people_of(reading.rows))
    return known


def _refuse_columns(reading: RowReader, kind: RecordKind, source: SourceFile) -> None:
    if reading.columns is None:
        return
    doubled = source.columns.doubled(reading.repeated())
    if doubled is not None:
        raise IngestError(doubled)
    if source.form is not None:
        _refuse_other_form(source.form, reading.columns)
        return
    names = required_of(kind, source.columns.constants)
    if "kind" in reading.columns:
        names = tuple(name for name in names if not (kind is TICKET_KIND and name == "body"))
    timed = names if source.instants.start is not None else (*names, "occurred_at")
    problem = source.columns.missing(timed, reading.columns)
    if problem is not None:
        hint = " or --start DATE for rows without a time" if " for occurred_at" in problem else ""
        raise IngestError(problem.removesuffix(".") + hint + ".")


def _refuse_other_form(form: Format, columns: tuple[str, ...]) -> None:
    missing = [name for name in form.columns if name not in columns]
    if missing:
        raise IngestError(f"The file is no export of {form.name}: it has no column {missing[0]}.")


def send(
    broker: Broker,
    topic: str,
    spool: Spool,
    play: Play,
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Delivery:
    """Send the spool's records; `advance` gets how many more were answered. Raises TopicError, KafkaError."""
    partitions = len(held_offsets(broker, [topic]))
    if not partitions:
        raise TopicError(no_such_topic(topic))
    producer = reliable_producer(
        broker,
        batch_bytes=262_144,
        linger_ms=50,
        delivery_timeout_seconds=play.delivery_timeout_seconds,
    )
    try:
        patience = play.delivery_timeout_seconds + PATIENCE_MARGIN_SECONDS
        sender = Sender(producer, topic, partitions=partitions, patience_seconds=patience)
        pace = at_once if math.isinf(play.speed) else EventTimePacer(play.speed)
        return sender.send_all(spool.records(by_time=play.by_time), pace=pace, advance=advance)
    finally:
        _close(producer)


def _close(producer: Any) -> None:
    """Close a producer; one that cannot, after its broker was lost, changes nothing of what was told."""
    try:
        producer.close(timeout=5)
    except KafkaError as error:
        logger.warning("the producer was not closed well", extra={"error": type(error).__name__})


def line_ranges(lines: Iterable[int]) -> str:
    """Return line numbers as ranges.

    >>> line_ranges([7, 2, 3, 4])
    '2-4, 7'
    """
    ranges: list[list[int]] = []
    for line in sorted(lines):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


__all__ = [
    "FORMATS",
    "KINDS",
    "TICKET_KIND",
    "USAGE_KIND",
    "Columns",
    "Delivery",
    "IngestError",
    "Instants",
    "Play",
    "Present",
    "RecordKind",
    "RejectedRow",
    "RowCount",
    "SourceFile",
    "Spool",
    "line_ranges",
    "parse_columns",
    "parse_delimiter",
    "parse_formats",
    "parse_start",
    "parse_zone",
    "read_into",
    "send",
]
