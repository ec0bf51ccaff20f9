"""How detectors and the clock of a partition are stored: sealed, so that any change of a byte is noticed."""

import zlib
from datetime import UTC, datetime
from struct import Struct
from typing import Final

import msgspec

from detectors.usage.counter import UsageCounter
from detectors.usage.counts.budget import AlertBudget
from detectors.usage.counts.budget import from_bytes as budget_from_bytes
from detectors.usage.counts.budget import to_bytes as budget_bytes
from detectors.usage.policy import UsagePolicy

WATERMARK_KEY: Final = ""
"""The account id under which the clock of a partition is stored; no account has it."""

_HEADER: Final = Struct(">Bq")
_CHECK: Final = Struct(">I")
_BODY_AT: Final = _HEADER.size + _CHECK.size
_LAYOUT: Final = 4
"""Raise it with every change of header or snapshot: states of other layouts are made again from the topic."""

_READABLE: Final = (3, _LAYOUT)
"""Layouts that this build reads: snapshots of the older one are brought up to date when they are unpacked."""

_NEVER: Final = -1
_MOST_BUDGET: Final = 2**20
_decode_clock = msgspec.msgpack.Decoder(tuple[datetime, bytes]).decode


def seal(account_id: str, snapshot: bytes, due: datetime | None) -> bytes:
    """Return a state as it is stored: layout, due time, CRC-32 of the whole, snapshot."""
    seconds = _NEVER if due is None else int(due.timestamp())
    return _sealed(account_id, _HEADER.pack(_LAYOUT, seconds), snapshot)


def _sealed(account_id: str, header: bytes, body: bytes) -> bytes:
    return header + _CHECK.pack(_checksum(account_id, header, body)) + body


def _checksum(account_id: str, header: bytes, body: bytes | memoryview) -> int:
    return zlib.crc32(body, zlib.crc32(header, zlib.crc32(account_id.encode())))


def sealed(detector: UsageCounter) -> bytes:
    """Return a detector's state as it is stored."""
    return seal(detector.account_id, detector.snapshot(), detector.next_due())


def seal_clock(watermark: datetime, budget: AlertBudget | None = None) -> bytes:
    """Return a partition's clock and what its alert budget learned, as stored under `WATERMARK_KEY`."""
    learned = b"" if budget is None else zlib.compress(budget_bytes(budget), 1)
    body = msgspec.msgpack.encode((watermark, learned))
    return _sealed(WATERMARK_KEY, _HEADER.pack(_LAYOUT, _NEVER), body)


def clock_of(state: bytes) -> datetime:
    """Return a stored clock; raise ValueError if it is damaged or of another build."""
    return _clock_and_budget(state)[0]


def budget_of(state: bytes, policy: UsagePolicy) -> AlertBudget:
    """Return the alert budget stored with a clock; raise ValueError like `clock_of`."""
    learned = _clock_and_budget(state)[1]
    if not learned:
        return AlertBudget(policy.alerts_per_month)
    return budget_from_bytes(policy.alerts_per_month, zlib.decompressobj().decompress(learned, _MOST_BUDGET))


def _clock_and_budget(state: bytes) -> tuple[datetime, bytes]:
    _due_seconds(WATERMARK_KEY, state)
    return _decode_clock(state[_BODY_AT:])


def due_of(account_id: str, state: bytes) -> datetime | None:
    """Return when a stored detector must next be told the time, or None.

    Raises ValueError if the state is damaged, of another account, or of another build.
    """
    seconds = _due_seconds(account_id, state)
    return None if seconds == _NEVER else datetime.fromtimestamp(seconds, UTC)


def _due_seconds(account_id: str, state: bytes) -> int:
    if len(state) < _BODY_AT:
        raise ValueError("the state is cut short")
    layout, seconds = _HEADER.unpack_from(state)
    if layout not in _READABLE:
        raise ValueError("the state is of another build")
    (check,) = _CHECK.unpack_from(state, _HEADER.size)
    if check != _checksum(account_id, state[: _HEADER.size], memoryview(state)[_BODY_AT:]):
        raise ValueError("the state is damaged, or another account's")
    return int(seconds)


def body_of(state: bytes) -> bytes:
    """Return the snapshot inside a stored state."""
    return state[_BODY_AT:]
