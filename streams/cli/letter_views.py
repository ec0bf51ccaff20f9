"""How the commands show a dead letter: as a table, as JSON, and with its content."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from schemas import DeadLetter
from schemas.tables import DeadLetterRow
from streams.cli.operators import shown, to_seconds
from streams.operate.dead_letters import visible

NULL: Final = "(null)"
"""Shown for a null key or value, which differs from an empty one."""


def letters_table(rows: Sequence[DeadLetterRow]) -> Table:
    """Return dead letters as a table, one row each, without their content."""
    table = Table(title=f"{len(rows)} dead letters")
    for name in ("id", "when", "group", "read from", "reason", "state"):
        table.add_column(name, overflow="fold")
    for row in rows:
        place = f"{row.topic}/{row.partition}/{row.record_offset}"
        when = row.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        cells = (row.letter_id, when, row.consumer_group, place, row.reason, row.state)
        table.add_row(*(Text(shown(cell)) for cell in cells))
    return table


def letter_summary(row: DeadLetterRow) -> dict[str, Any]:
    """Return where a letter comes from, why it is one, and its state; without its content."""
    return {
        "letter_id": row.letter_id,
        "created_at": to_seconds(row.created_at),
        "group": row.consumer_group,
        "topic": row.topic,
        "partition": row.partition,
        "offset": row.record_offset,
        "reason": row.reason,
        "error": visible(row.error.encode("utf-8", "replace")),
        "attempts": row.attempts,
        "state": row.state,
    }


def letter_history(row: DeadLetterRow, letter: DeadLetter) -> dict[str, str]:
    """Return the record's timestamp, the build that failed on it, and when the letter was closed."""
    closed = {"replayed_at": row.replayed_at, "discarded_at": row.discarded_at}
    times = {name: to_seconds(moment) for name, moment in closed.items() if moment is not None}
    return {"timestamp": _record_time(letter.timestamp_ms), "build": letter.build, **times}


def content_outline(letter: DeadLetter) -> dict[str, str]:
    """Return the key, the size of the value and the names of the headers."""
    size = NULL if letter.value is None else f"{len(letter.value):,} bytes"
    names = ", ".join(_header_name(name) for name, _ in letter.headers) or "none"
    return {"key": _content(letter.key), "value": size, "headers": names}


def exact_content(letter: DeadLetter) -> dict[str, Any]:
    """Return key, value and headers in base64, byte for byte as they were read; None for null."""
    headers = [[name, _base64(value)] for name, value in letter.headers]
    return {"key": _base64(letter.key), "value": _base64(letter.value), "headers": headers}


def content_lines(letter: DeadLetter) -> list[str]:
    """Return the headers, an empty line and the value, as text that is safe on a terminal."""
    headers = [f"{_header_name(name)}: {_content(value)}" for name, value in letter.headers]
    return [*headers, "", _content(letter.value)]


def _record_time(timestamp_ms: int) -> str:
    """Return the timestamp of the record at the broker; a number out of range stays a number."""
    try:
        return datetime.fromtimestamp(timestamp_ms / 1_000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError, ValueError):
        return f"{timestamp_ms} ms"


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _content(data: bytes | None) -> str:
    return NULL if data is None else visible(data)


def _header_name(name: str) -> str:
    return visible(name.encode("utf-8", "replace"))
