"""Play a user's own file into a topic: read and check all of it, then send, then say what arrived.

Nothing is sent before the whole file was read. What is wrong is reported by line and reason; what
the broker did not acknowledge is reported as not sent. Ids are made of what a row says and its
line, so the same command may be run again: nothing is doubled.
"""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka.errors import KafkaError

from streams.ingest.columns import Columns, parse_columns
from streams.ingest.instants import Instants, parse_start, parse_zone
from streams.ingest.records import KINDS, TICKET_KIND, USAGE_KIND, Encoder, Kind
from streams.ingest.rows import IngestError, Layout, Reading, Wrong, open_rows
from streams.ingest.sending import Delivery, Pace, Sender, at_once
from streams.ingest.spool import Spool
from streams.kafka import Broker, TopicError, held_offsets, no_such_topic, reliable_producer

logger = logging.getLogger(__name__)

PROGRESS_EVERY_ROWS = 5_000
PATIENCE_MARGIN_SECONDS = 10.0


@dataclass(frozen=True)
class Source:
    """A file and how to read it."""

    path: Path
    columns: Columns
    instants: Instants
    delimiter: str | None = None


@dataclass(frozen=True)
class Play:
    """How to send: by event time or as in the file, and at which multiple of event time."""

    by_time: bool = False
    speed: float = math.inf
    delivery_timeout_seconds: float = 120.0


def read_into(
    spool: Spool,
    kind: Kind,
    source: Source,
    *,
    progress: Callable[[int], None],
    wrong: Callable[[Wrong], None],
) -> int:
    """Fill the spool with the file's records; return how many rows were wrong.

    `progress` gets the bytes read so far, `wrong` each wrong row. Raises IngestError for a file
    that cannot be read, lacks a column, or does not fit on the disk.
    """
    encoder = Encoder(kind, source.columns, source.instants)
    refused = 0
    with open_rows(source.path, Layout(delimiter=source.delimiter)) as reading:
        _refuse_missing(reading, kind, source)
        for count, row in enumerate(reading.rows):
            record = encoder.encode(row)
            if isinstance(record, Wrong):
                wrong(record)
                refused += 1
            else:
                spool.add(record)
            if not count % PROGRESS_EVERY_ROWS:
                progress(reading.bytes_read())
        progress(reading.bytes_read())
    return refused


def _refuse_missing(reading: Reading, kind: Kind, source: Source) -> None:
    if reading.columns is None:
        return
    timed = kind.required if source.instants.start is not None else (*kind.required, "occurred_at")
    problem = source.columns.missing(timed, reading.columns)
    if problem is not None:
        hint = " or --start DATE for rows without a time" if " for occurred_at" in problem else ""
        raise IngestError(problem.removesuffix(".") + hint + ".")


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
        pace = at_once if math.isinf(play.speed) else Pace(play.speed)
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
    "KINDS",
    "TICKET_KIND",
    "USAGE_KIND",
    "Columns",
    "Delivery",
    "IngestError",
    "Instants",
    "Kind",
    "Play",
    "Source",
    "Spool",
    "Wrong",
    "line_ranges",
    "parse_columns",
    "parse_start",
    "parse_zone",
    "read_into",
    "send",
]
