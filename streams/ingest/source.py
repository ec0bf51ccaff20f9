"""Read and check a whole file: its good rows become records in a spool, the others are reported."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from streams.ingest.columns import Columns
from streams.ingest.documents import RejectedRow
from streams.ingest.formats.exports import PEOPLE, Format, people_of
from streams.ingest.instants import Instants
from streams.ingest.records import TICKET_KIND, Encoder, Present, RecordKind, required_of
from streams.ingest.rows import WRAPPERS, FileLayout, RowReader, open_rows
from streams.ingest.spool import Spool
from streams.ingest.texts import IngestError
from streams.process.clock import utc_now

LISTS: Final = frozenset({"events", "tickets", "messages"})
"""Names of the lists in files of tickets and of usage, in addition to `WRAPPERS`."""

PROGRESS_EVERY_ROWS: Final = 5_000
"""How often the progress bar moves."""

FUTURE_TOLERANCE: Final = timedelta(minutes=5)
"""How far ahead of the present an event may be dated: clocks differ."""


@dataclass(frozen=True)
class SourceFile:
    """A file and how to read it.

    `form` is a known kind of export, `beside` are files with its people and organizations. `present` is
    the time of the check: an event may be dated ahead of it by its tolerance at most.
    """

    path: Path
    columns: Columns
    instants: Instants
    delimiter: str | None = None
    encoding: str | None = None
    form: Format | None = None
    beside: tuple[Path, ...] = ()
    present: Present = field(default_factory=lambda: Present(utc_now(), FUTURE_TOLERANCE))


@dataclass
class RowCount:
    """The rows of a file: each row is either good or refused.

    `unit` is the unit of a row's number. `tickets` is the number of tickets that the rows of an export came
    from. `left_out` counts by reason the parts of an export that are no rows.
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

    `progress` gets the number of bytes read so far, `wrong` gets each wrong row. Raises IngestError if the
    file cannot be read, lacks a column, or does not fit on the disk.
    """
    encoder = Encoder(kind, source.columns, source.instants, source.present)
    layout = _layout(source, encoder)
    known = _look_ahead(source, layout)
    count = RowCount(unknown_channels=encoder.unknown_channels)
    with open_rows(source.path, layout) as reader:
        _refuse_columns(reader, kind, source)
        count.unit = reader.unit
        rows, unfolding = reader.rows, None
        if source.form is not None:
            unfolding = source.form.unfold(reader, known)
            rows, count.left_out = unfolding.rows, unfolding.left_out
        for row in rows:
            record = encoder.encode(row)
            if isinstance(record, RejectedRow):
                wrong(record)
                count.refused += 1
            else:
                spool.add(record)
            if not count.rows % PROGRESS_EVERY_ROWS:
                progress(reader.bytes_read())
            count.rows += 1
        progress(reader.bytes_read())
        count.tickets = unfolding.tickets if unfolding is not None else None
    return count


def _layout(source: SourceFile, encoder: Encoder) -> FileLayout:
    lists = source.form.lists if source.form is not None else WRAPPERS | LISTS
    return FileLayout(source.encoding, source.delimiter, lists, encoder.is_row)


def _look_ahead(source: SourceFile, layout: FileLayout) -> Any:
    """Return what unfolding an export needs from the whole file; None for other files."""
    if source.form is None:
        return None
    with open_rows(source.path, layout) as reader:
        # JSON lines have no lists next to their tickets.
        whole = reader.unit == "item" or reader.columns is not None
        known = source.form.look_ahead(reader.rows if whole else ())
    for path in source.beside:
        with open_rows(path, FileLayout(source.encoding, wrappers=WRAPPERS | PEOPLE)) as reader:
            known.add(people_of(reader.rows))
    return known


def _refuse_columns(reader: RowReader, kind: RecordKind, source: SourceFile) -> None:
    if reader.columns is None:
        return
    doubled = source.columns.doubled(reader.repeated())
    if doubled is not None:
        raise IngestError(doubled)
    if source.form is not None:
        _refuse_other_form(source.form, reader.columns)
        return
    names = required_of(kind, source.columns.constants)
    if "kind" in reader.columns:
        names = tuple(name for name in names if not (kind is TICKET_KIND and name == "body"))
    timed = names if source.instants.start is not None else (*names, "occurred_at")
    problem = source.columns.missing(timed, reader.columns)
    if problem is not None:
        hint = " or --start DATE for rows without a time" if " for occurred_at" in problem else ""
        raise IngestError(problem.removesuffix(".") + hint + ".")


def _refuse_other_form(form: Format, columns: tuple[str, ...]) -> None:
    missing = [name for name in form.columns if name not in columns]
    if missing:
        raise IngestError(f"The file is no export of {form.name}: it has no column {missing[0]}.")
