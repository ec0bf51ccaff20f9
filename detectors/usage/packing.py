"""The state of one account as bytes: msgpack, versioned, range-checked; restores bit-equal."""

import zlib
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
import numpy as np

from detectors.usage.account import UsageAccount
from detectors.usage.counts.older import upgraded
from detectors.usage.counts.rows import COUNTS, FAILURES, SeriesRows, check
from detectors.usage.intake import MOST, OpenBucket
from detectors.usage.policy import HOUR_SECONDS, LATEST_EVENT

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Hour = Annotated[int, msgspec.Meta(ge=-1, le=2**40)]
_CRC_BYTES: Final = 4
_LATEST: Final = int(LATEST_EVENT.timestamp()) // HOUR_SECONDS

_MOST_OPEN_HOURS: Final = 3_000
"""Open hours that a snapshot may have; more of them mean damage. Chosen by hand."""

_OLDER: Final = 3
"""A version without days of bursts and without own tails; it is read, and written in the newest version."""

MAX_KINDS: Final = 64
"""Kinds that a snapshot may have. Chosen by hand: ten times the policy's."""


class BucketState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`OpenBucket`; ids are 8 bytes each, in ascending order as little-endian numbers."""

    kinds: dict[str, _Count]
    failed: _Count
    ids: bytes


class DetectorState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A whole detector."""

    version: Literal[3, 4]
    floor: _Hour
    account: UsageAccount
    open: dict[_Count, BucketState]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DetectorState).decode


def encode_state(state: DetectorState) -> bytes:
    """Return the CRC-32 of the state, 4 bytes, then the state as msgpack; equal states give equal bytes."""
    plain = _encode(state)
    return zlib.crc32(plain).to_bytes(_CRC_BYTES, "big") + plain


def decode_state(data: bytes) -> DetectorState:
    """Return the state of a snapshot.

    Raises
    ------
    ValueError
        If the bytes are damaged or not a snapshot of this version.
    """
    plain = memoryview(data)[_CRC_BYTES:]
    if int.from_bytes(data[:_CRC_BYTES], "big") != zlib.crc32(plain):
        raise ValueError("the usage snapshot is damaged or of another version")
    try:
        return _decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError("not a usage snapshot of version 3 or 4") from error


def pack_account(account: UsageAccount, floor: int, opened: Mapping[int, OpenBucket]) -> bytes:
    """Return an account with its open hours as bytes."""
    buckets = {hour: pack_bucket(opened[hour]) for hour in sorted(opened)}
    return encode_state(DetectorState(4, floor, account, buckets))


def unpack_account(data: bytes) -> tuple[UsageAccount, int, dict[int, OpenBucket]]:
    """Return account, floor and open hours of `pack_account`.

    Raises
    ------
    ValueError
        If the bytes are not a snapshot of this version, or a value is out of range.
    """
    state = decode_state(data)
    account = state.account
    if state.version == _OLDER:
        account = msgspec.structs.replace(account, counts=upgraded(account.counts))
    if max(state.floor, account.next_hour, *state.open, 0, 0) > _LATEST or len(state.open) > _MOST_OPEN_HOURS:
        raise ValueError("snapshot: a time or a count is out of range")
    rows = _block(account.counts, COUNTS)
    _block(account.failures, FAILURES)
    awake = account.next_hour >= 0
    if len(account.kinds) > MAX_KINDS or (awake and len(rows) != 1 + len(account.kinds)):
        raise ValueError("snapshot: the series do not fit the kinds")
    if awake != bool(account.failures) or (not awake and (account.kinds or len(rows) > 1)):
        raise ValueError("snapshot: an account that sleeps with a past, or the reverse")
    return account, state.floor, {hour: unpack_bucket(packed) for hour, packed in state.open.items()}


def _block(data: bytes, layout: "np.dtype[np.void]") -> SeriesRows:
    if len(data) % layout.itemsize or len(data) > (1 + MAX_KINDS) * layout.itemsize:
        raise ValueError("snapshot: a table has the wrong length")
    block = np.frombuffer(data, layout)
    check(block)
    return block


def pack_bucket(bucket: OpenBucket) -> BucketState:
    """Return the state of an hour that still takes events."""
    kinds = {kind: min(count, MOST) for kind, count in sorted(bucket.kinds.items())}
    ids = np.frombuffer(b"".join(bucket.ids), "<u8")
    return BucketState(kinds, min(bucket.failed, MOST), np.sort(ids).tobytes())


def unpack_bucket(state: BucketState) -> OpenBucket:
    """Return the hour of a state."""
    if len(state.ids) % 8:
        raise ValueError("snapshot: ids are eight bytes each")
    bucket = OpenBucket()
    bucket.kinds, bucket.failed = dict(state.kinds), state.failed
    bucket.ids = {state.ids[at : at + 8] for at in range(0, len(state.ids), 8)}
    return bucket
