"""The online detector of one account: counts events, keeps event time, closes buckets."""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from detectors.usage.baseline import Baseline
from detectors.usage.intake import MICRO, OTHER, OpenBucket, fingerprint
from detectors.usage.observation import Observation, RefusedEvent
from detectors.usage.packing import (
    DetectorState,
    PastState,
    decode_past,
    decode_state,
    encode_past,
    encode_state,
    pack_bucket,
    unpack_baseline,
    unpack_bucket,
    unpack_rhythm,
)
from detectors.usage.policy import EARLIEST_EVENT, LATEST_EVENT, UsagePolicy
from detectors.usage.rhythm import Rhythm
from detectors.usage.wording import anomaly_of, moment
from schemas.usage import Anomaly, UsageEvent

_COUNTED: Final = Observation("counted")
_DUPLICATE: Final = Observation("duplicate")
_LATE: Final = Observation("late")
_ASLEEP: Final = -1
_DEFAULT: Final = UsagePolicy()

_MAX_OPEN_BUCKETS: Final = 1_000
"""Open buckets that a snapshot may have; more of them mean damage. Chosen by hand."""

_NEVER: Final = 2**40
"""A bucket after every possible time."""


class UsageDetector:
    """Scores, then learns, the usage of one account; event time only, no clock, deterministic.

    Events are counted in buckets of event time; a bucket is judged once the account's watermark (the
    latest `occurred_at` or `advance`) has passed its end by `lateness_minutes`. Any order of events
    within that lateness gives the same anomalies and the same state; a repeated id in an open bucket is a
    duplicate, and an event for a judged bucket is late.

    A drop is found by a one-sided CUSUM (Page 1954) of the working days lost against a seasonal expectation,
    whose level and spread are River's exponentially weighted means. Silence is found by the working days
    without any event and by their surprise for that account. Failures are compared with the volume, the
    attempts and the highest window of the past. Growth is never an anomaly.

    Examples
    --------
    Two ordinary weeks of a label every two minutes, then a tenth of it:

    >>> from datetime import UTC, datetime, timedelta
    >>> detector = UsageDetector("acme")
    >>> start = datetime(2026, 3, 2, tzinfo=UTC)
    >>> found = []
    >>> for hour in range(24 * 17):
    ...     quantity = 3.0 if hour >= 24 * 14 else 30.0
    ...     at = start + timedelta(hours=hour)
    ...     event = UsageEvent(f"e{hour}", "acme", "task.labelled", at, quantity)
    ...     found += detector.observe(event).anomalies
    >>> [(anomaly.cause, anomaly.metric, anomaly.summary) for anomaly in found]
    [('drop', 'task.labelled', 'task.labelled fell to 117 in 39 h; 935 to 1,366 expected')]
    >>> UsageDetector.restore(detector.snapshot()).snapshot() == detector.snapshot()
    True
    """

    __slots__ = (
        "_baseline", "_due", "_floor", "_high", "_lateness", "_low", "_next", "_open", "_past", "_recent",
        "_rhythm", "account_id", "policy",
    )  # fmt: skip

    def __init__(self, account_id: str, policy: UsagePolicy = _DEFAULT) -> None:
        self.account_id = account_id
        self.policy = policy
        self._lateness = timedelta(minutes=policy.lateness_minutes)
        self._open: dict[int, OpenBucket] = {}
        self._baseline: Baseline | None = None
        self._rhythm = Rhythm()
        self._past: bytes | None = None
        self._next = _ASLEEP
        self._recent = OpenBucket()
        self._low = self._high = EARLIEST_EVENT
        self._set_floor(_ASLEEP)

    def observe(self, event: UsageEvent) -> Observation:
        """Count one event and judge the buckets that its time closes.

        Raises
        ------
        RefusedEvent
            If the event belongs to another account, a field has the wrong type, its quantity is not in
            [0, 1e9], or its time has no zone or is not in 2000 to 2200. The state is then unchanged.
        """
        at, quantity, kind = event.occurred_at, event.quantity, event.kind
        is_text = kind.__class__ is str and event.event_id.__class__ is str
        if event.account_id != self.account_id or not is_text:
            raise RefusedEvent("event of another account, or an id or a kind that is not text")
        try:
            # Only the event's own fields are compared here: a fault of our code must not look like theirs.
            is_recent, is_possible = self._low <= at < self._high, 0.0 <= quantity <= 1e9
        except TypeError as error:
            raise RefusedEvent("time without a zone, or time or quantity of another type") from error
        if not is_possible:
            raise RefusedEvent("quantity out of range")
        bucket = self._recent if is_recent else self._locate(at)
        if bucket is None:
            return _LATE
        identity = fingerprint(event.event_id)
        amount = int(quantity * MICRO + 0.5)
        if identity in bucket.ids:
            return _DUPLICATE
        if event.failed:
            bucket.failed += amount
        else:
            kinds = bucket.kinds
            if kind not in kinds and len(kinds) >= self.policy.max_open_kinds:
                kind = OTHER
            kinds[kind] = kinds.get(kind, 0) + amount
        if len(bucket.ids) < self.policy.max_open_ids:
            bucket.ids.add(identity)
        if at < self._due:
            return _COUNTED
        return Observation("counted", self._move(at))

    def _locate(self, at: datetime) -> OpenBucket | None:
        """Return the open bucket of a time, made if missing, or None if that bucket is judged already."""
        if not EARLIEST_EVENT <= at < LATEST_EVENT:
            raise RefusedEvent("event time out of range")
        index = int(at.timestamp()) // self.policy.bucket_seconds
        if index < self._floor:
            return None
        bucket = self._open.get(index)
        if bucket is None:
            bucket = self._open[index] = OpenBucket()
        self._recent = bucket
        self._low = moment(index, self.policy)
        self._high = moment(index + 1, self.policy)
        return bucket

    def advance(self, watermark: datetime) -> tuple[Anomaly, ...]:
        """Advance event time to `watermark` and return the anomalies; an earlier watermark changes nothing.

        Raises
        ------
        ValueError
            If the time is not in 2000 to 2200; TypeError if it has no zone.
        """
        if not EARLIEST_EVENT <= watermark < LATEST_EVENT:
            raise ValueError("watermark out of range")
        return self._move(watermark) if watermark >= self._due else ()

    @property
    def judged_until(self) -> int:
        """The first bucket not yet judged, -1 at first; if it is unchanged, `advance` changed nothing."""
        return self._floor

    def next_due(self) -> datetime | None:
        """Return the first watermark at which `advance` could matter, or None while nothing is open."""
        if self._next == _ASLEEP and not self._open:
            return None
        return moment(self._next_stop() + 1, self.policy) + self._lateness

    def _next_stop(self) -> int:
        """Return the next bucket whose closing may matter: it has events, expects events, or ends a day."""
        if self._baseline is None:
            return min(self._open)
        return self._baseline.next_to_close(self._next, min(self._open, default=_NEVER))

    def _set_floor(self, floor: int) -> None:
        self._floor = floor
        self._due = EARLIEST_EVENT if floor < 0 else moment(floor + 1, self.policy) + self._lateness

    def _move(self, at: datetime) -> tuple[Anomaly, ...]:
        seconds = math.floor((at - self._lateness).timestamp())
        self._set_floor(max(self._floor, seconds // self.policy.bucket_seconds))
        self._low = self._high = EARLIEST_EVENT
        found: list[Anomaly] = []
        while self._awake():
            found += self._close_one()
        return tuple(found)

    def _awake(self) -> bool:
        """Return whether a bucket is ready to be judged; start a baseline if an event ended a sleep."""
        if self._next == _ASLEEP:
            first = min(self._open, default=self._floor)
            if first >= self._floor:
                return False
            self._next = first
            self._baseline = Baseline(self.policy, first, self._rhythm)
            self._past = None
        if self._baseline is not None and self._next < self._floor:
            opened = min(self._open, default=self._floor)
            self._next = self._baseline.next_to_close(self._next, min(opened, self._floor))
        return self._next < self._floor

    def _close_one(self) -> list[Anomaly]:
        baseline, bucket = self._baseline, self._next
        if baseline is None:
            raise AssertionError("an awake detector has a baseline")
        self._past = None
        findings = baseline.close(bucket, self._open.pop(bucket, None))
        self._next = bucket + 1
        if baseline.dormant(bucket):
            self._next, self._baseline, self._rhythm = _ASLEEP, None, baseline.rhythm
        return [anomaly_of(finding, baseline, self.account_id) for finding in findings]

    def snapshot(self) -> bytes:
        """Return the whole state as bytes; equal states give equal bytes."""
        if self._past is None:
            rhythm = self._rhythm if self._baseline is None else self._baseline.rhythm
            self._past = encode_past(rhythm, self._baseline)
        state = DetectorState(
            version=2,
            account_id=self.account_id,
            bucket_hours=self.policy.bucket_hours,
            floor=self._floor,
            next_bucket=self._next,
            open={index: pack_bucket(self._open[index]) for index in sorted(self._open)},
            past=self._past,
        )
        return encode_state(state)

    @classmethod
    def restore(cls, data: bytes, policy: UsagePolicy = _DEFAULT) -> "UsageDetector":
        """Return a detector that continues exactly where `snapshot` was taken.

        Raises
        ------
        ValueError
            If the bytes are not a snapshot of this version, a value is out of range, or the snapshot
            was taken with another bucket width.
        """
        state = decode_state(data)
        past = decode_past(state.past)
        _check(state, past, policy)
        detector = cls(state.account_id, policy)
        detector._open = {index: unpack_bucket(packed) for index, packed in state.open.items()}
        detector._next = state.next_bucket
        detector._set_floor(state.floor)
        detector._rhythm = rhythm = unpack_rhythm(past.rhythm)
        if past.baseline is not None:
            detector._baseline = unpack_baseline(past.baseline, policy, state.next_bucket, rhythm)
        return detector


def _check(state: DetectorState, past: PastState, policy: UsagePolicy) -> None:
    latest = int(LATEST_EVENT.astimezone(UTC).timestamp()) // policy.bucket_seconds
    if state.bucket_hours != policy.bucket_hours:
        raise ValueError("snapshot: taken with another bucket width")
    if (past.baseline is None) != (state.next_bucket == _ASLEEP):
        raise ValueError("snapshot: a baseline without a next bucket, or the reverse")
    if max(state.floor, state.next_bucket, *state.open, 0, 0) > latest or len(state.open) > _MAX_OPEN_BUCKETS:
        raise ValueError("snapshot: a time or a count is out of range")
