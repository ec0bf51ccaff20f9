"""The state of one account as bytes: msgpack, versioned, range-checked; restores bit-equal.

A snapshot has two parts. The past of the account changes only when a bucket closes: it is compressed, and
the detector keeps its bytes. The open buckets change with every event, and their ids cannot be compressed.
"""

import math
import zlib
from array import array
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from river import stats

from detectors.usage.baseline import Baseline
from detectors.usage.calendar import CHART_DAYS, WEEK
from detectors.usage.errors import ErrorWatch
from detectors.usage.intake import MOST, OpenBucket
from detectors.usage.policy import UsagePolicy
from detectors.usage.rhythm import Rhythm
from detectors.usage.series import Series
from schemas.usage import AnomalyCause

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Bucket = Annotated[int, msgspec.Meta(ge=-1, le=2**40)]
_MEANS = 2 * 8
_SUMS = 5 * 8
_ERROR_DOUBLES = 5
_CRC_BYTES = 4
MAX_BYTES = 64 * 2**20
"""The largest past that `decode_past` unpacks: 64 MiB, thousands of times the usual size. By hand."""


class SeriesState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`Series`: `tables` are float32 factors, days, profile, today.

    `scalars` are float64: level and spread, then the sums of an excursion unless all are zero.
    """

    tables: bytes
    scalars: bytes
    seen: bytes
    skipped: _Count
    learned: _Count
    alarmed: _Bucket
    since: _Bucket


class ErrorState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`ErrorWatch`: `tables` are float32 errors, attempts, days."""

    tables: bytes
    scalars: bytes
    learned: _Count
    alarmed: _Bucket


class RhythmState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`Rhythm`: `presence` is float32, `scalars` are float64 present, gap, expected, nats, longest."""

    presence: bytes
    scalars: bytes
    seen: bytes


class BaselineState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`Baseline`."""

    activity: SeriesState
    kinds: dict[str, SeriesState]
    errors: ErrorState
    born: _Count
    events: _Count
    last_event: _Bucket
    last_fired: dict[AnomalyCause, _Count]
    silent: bool


class BucketState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """`OpenBucket`; ids are 8 bytes each, in ascending order as little-endian numbers."""

    kinds: dict[str, _Count]
    failed: _Count
    ids: bytes


class DetectorState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A whole detector; `next_bucket` is -1 while it sleeps, `past` is the result of `encode_past`."""

    version: Literal[2]
    account_id: str
    bucket_hours: Annotated[int, msgspec.Meta(ge=1, le=24)]
    floor: _Bucket
    next_bucket: _Bucket
    open: dict[_Count, BucketState]
    past: bytes


class PastState(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The part of the state that changes only when a bucket closes."""

    rhythm: RhythmState
    baseline: BaselineState | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DetectorState).decode
_decode_past = msgspec.msgpack.Decoder(PastState).decode


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
        raise ValueError("not a usage snapshot of version 2") from error


def encode_past(rhythm: Rhythm, baseline: Baseline | None) -> bytes:
    """Return rhythm and baseline as compressed msgpack; equal pasts give equal bytes."""
    packed = None if baseline is None else pack_baseline(baseline)
    return zlib.compress(_encode(PastState(pack_rhythm(rhythm), packed)), 1)


def decode_past(data: bytes) -> PastState:
    """Return the past of a snapshot.

    Raises
    ------
    ValueError
        If the bytes are not a past of this version or unpack to more than `MAX_BYTES`.
    """
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data, MAX_BYTES)
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError("snapshot: the past is cut off or too large")
        return _decode_past(plain)
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError("not a usage snapshot of version 2") from error


def _floats(kind: str, values: Any) -> bytes:
    packed = array(kind, values)
    return packed.tobytes()


def _unfloats(kind: str, data: bytes, count: int) -> "array[float]":
    values: array[float] = array(kind)
    if len(data) != values.itemsize * count:
        raise ValueError("snapshot: a table has the wrong length")
    values.frombytes(data)
    # A sum is finite only if all of its parts are finite: three loops in C instead of one in Python.
    if values and not (math.isfinite(sum(values)) and -1e18 < min(values) and max(values) < 1e18):
        raise ValueError("snapshot: a number is out of range")
    return values


def pack_series(series: Series) -> SeriesState:
    """Return the state of one series."""
    tables = series.factors + series.days + series.profile + series.today
    means = (series.level.get(), series.spread.get())
    sums = (series.lost, series.observed_sum, series.expected_sum, series.deepest, series.worst)
    return SeriesState(
        tables.tobytes(),
        _floats("d", (*means, *sums) if any(sums) else means),
        bytes(series.seen),
        series.skipped,
        series.learned,
        series.alarmed,
        series.since,
    )


def unpack_series(state: SeriesState, policy: UsagePolicy) -> Series:
    """Return the series of a state; the caller opens its day."""
    series = Series(policy)
    tables = _unfloats("f", state.tables, WEEK + CHART_DAYS + 2 * policy.slots)
    profile_at = WEEK + CHART_DAYS
    series.factors, series.days = tables[:WEEK], tables[WEEK:profile_at]
    series.profile = tables[profile_at : profile_at + policy.slots]
    series.today = tables[profile_at + policy.slots :]
    scalars = state.scalars + (bytes(_SUMS) if len(state.scalars) == _MEANS else b"")
    level, spread, *sums = _unfloats("d", scalars, (_MEANS + _SUMS) // 8)
    series.lost, series.observed_sum, series.expected_sum, series.deepest, series.worst = sums
    series.level = _mean(policy, level, started=state.learned > 0)
    series.spread = _mean(policy, spread, started=True)
    series.seen = _week(state.seen)
    series.skipped, series.learned = state.skipped, state.learned
    series.alarmed, series.since = state.alarmed, state.since
    return series


def _week(seen: bytes) -> bytearray:
    if len(seen) != WEEK:
        raise ValueError("snapshot: a week has seven days")
    return bytearray(seen)


def _mean(policy: UsagePolicy, value: float, *, started: bool) -> stats.EWMean:
    """Rebuild River's mean: its first update sets it exactly, so one value is its whole state."""
    mean = stats.EWMean(policy.fading)
    if started:
        mean.update(value)
    return mean


def pack_errors(watch: ErrorWatch) -> ErrorState:
    """Return the state of the failures."""
    tables = watch.errors + watch.attempts + watch.days
    means = (watch.rate.get(), watch.share.get(), watch.dispersion.get())
    scalars = _floats("d", (*means, watch.peak_bucket, watch.peak_day))
    return ErrorState(tables.tobytes(), scalars, watch.learned, watch.alarmed)


def unpack_errors(state: ErrorState, policy: UsagePolicy) -> ErrorWatch:
    """Return the failures of a state."""
    watch = ErrorWatch(policy)
    slots = policy.slots
    tables = _unfloats("f", state.tables, 2 * slots + CHART_DAYS)
    watch.errors, watch.attempts, watch.days = tables[:slots], tables[slots : 2 * slots], tables[2 * slots :]
    rate, share, spread, watch.peak_bucket, watch.peak_day = _unfloats("d", state.scalars, _ERROR_DOUBLES)
    watch.rate = _mean(policy, rate, started=state.learned > 0)
    watch.share = _mean(policy, share, started=state.learned > 0)
    watch.dispersion = _mean(policy, spread, started=True)
    watch.learned, watch.alarmed = state.learned, state.alarmed
    return watch


def pack_rhythm(rhythm: Rhythm) -> RhythmState:
    """Return the state of a rhythm."""
    scalars = (rhythm.present, rhythm.gap, rhythm.expected, rhythm.nats, rhythm.longest)
    return RhythmState(rhythm.presence.tobytes(), _floats("d", scalars), bytes(rhythm.seen))


def unpack_rhythm(state: RhythmState) -> Rhythm:
    """Return the rhythm of a state; the caller opens its day."""
    rhythm = Rhythm()
    rhythm.presence = _unfloats("f", state.presence, WEEK)
    if not all(0.0 <= chance <= 1.0 for chance in rhythm.presence):
        raise ValueError("snapshot: a probability is out of range")
    rhythm.present, rhythm.gap, rhythm.expected, rhythm.nats, rhythm.longest = _unfloats(
        "d", state.scalars, 5
    )
    rhythm.seen = _week(state.seen)
    return rhythm


def pack_baseline(baseline: Baseline) -> BaselineState:
    """Return the state of a baseline."""
    return BaselineState(
        activity=pack_series(baseline.activity),
        kinds={kind: pack_series(series) for kind, series in baseline.kinds.items()},
        errors=pack_errors(baseline.errors),
        born=baseline.born,
        events=baseline.events,
        last_event=baseline.last_event,
        last_fired=dict(baseline.last_fired),
        silent=baseline.silent,
    )


def unpack_baseline(state: BaselineState, policy: UsagePolicy, next_bucket: int, rhythm: Rhythm) -> Baseline:
    """Return the baseline of a state, with the day of `next_bucket` open."""
    baseline = Baseline(policy, state.born, rhythm)
    if len(state.kinds) > policy.max_kinds:
        raise ValueError("snapshot: too many kinds")
    baseline.activity = unpack_series(state.activity, policy)
    baseline.kinds = {kind: unpack_series(series, policy) for kind, series in state.kinds.items()}
    baseline.errors = unpack_errors(state.errors, policy)
    baseline.events, baseline.last_event, baseline.silent = state.events, state.last_event, state.silent
    baseline.last_fired = dict(state.last_fired)
    baseline.open_day(next_bucket // policy.slots)
    return baseline


def pack_bucket(bucket: OpenBucket) -> BucketState:
    """Return the state of a bucket that still takes events."""
    kinds = {kind: min(count, MOST) for kind, count in sorted(bucket.kinds.items())}
    ids = np.frombuffer(b"".join(bucket.ids), "<u8")
    return BucketState(kinds, min(bucket.failed, MOST), np.sort(ids).tobytes())


def unpack_bucket(state: BucketState) -> OpenBucket:
    """Return the bucket of a state."""
    if len(state.ids) % 8:
        raise ValueError("snapshot: ids are eight bytes each")
    bucket = OpenBucket()
    bucket.kinds, bucket.failed = dict(state.kinds), state.failed
    bucket.ids = {state.ids[at : at + 8] for at in range(0, len(state.ids), 8)}
    return bucket
