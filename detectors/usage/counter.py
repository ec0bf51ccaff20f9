"""The open hours of one account: counts events, keeps event time, hands over the hours that are ready."""

import math
from datetime import datetime, timedelta
from typing import Final, Self

from detectors.usage.account import Pull, UsageAccount
from detectors.usage.counts.rows import HOURS
from detectors.usage.intake import MICRO, OTHER, OpenBucket, fingerprint
from detectors.usage.observation import Fate, RefusedEvent
from detectors.usage.packing import pack_account, unpack_account
from detectors.usage.policy import EARLIEST_EVENT, HOUR_SECONDS, LATEST_EVENT, UsagePolicy, moment
from schemas.usage import UsageEvent

_ASLEEP: Final = -1
DEFAULT_POLICY: Final = UsagePolicy()

_NEVER: Final = 2**40
"""An hour after every possible time."""

_UNKNOWN: Final = -2
"""Marks a next stop that must be found again, because an hour was opened or judged."""


class UsageCounter:
    """Counts the use of one account until its hours are judged; event time only, no clock, deterministic.

    Events are counted in hours of event time. An hour is ready once the account's watermark (the latest
    `occurred_at` or `tell`) has passed its end by `lateness_minutes`. Any order of events within that
    lateness gives the same hours and the same state; a repeated id in an open hour is a duplicate, and an
    event for a judged hour is late.

    `count` and `tell` only note what happened; `close_all` judges the ready hours of many accounts at once.
    """

    __slots__ = (
        "_due",
        "_floor",
        "_high",
        "_lateness",
        "_low",
        "_open",
        "_recent",
        "_stop",
        "account",
        "moved",
        "policy",
    )

    def __init__(self, account_id: str, policy: UsagePolicy = DEFAULT_POLICY) -> None:
        self.account = UsageAccount(account_id)
        self.policy = policy
        self.moved = False
        self._lateness = timedelta(minutes=policy.lateness_minutes)
        self._open: dict[int, OpenBucket] = {}
        self._stop = _UNKNOWN
        self._recent = OpenBucket()
        self._low = self._high = EARLIEST_EVENT
        self._set_floor(_ASLEEP)

    @property
    def account_id(self) -> str:
        """The account that this detector follows."""
        return self.account.account_id

    def count(self, event: UsageEvent) -> Fate:
        """Count one event; the hours that its time closes become ready.

        Raises
        ------
        RefusedEvent
            If the event belongs to another account, a field has the wrong type, its quantity is not in
            [0, 1e9], or its time has no zone or is not in 2000 to 2200. The state is then unchanged.
        """
        at, quantity, kind = event.occurred_at, event.quantity, event.kind
        is_text = kind.__class__ is str and event.event_id.__class__ is str
        if event.account_id != self.account.account_id or not is_text:
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
            return "late"
        identity = fingerprint(event.event_id)
        if identity in bucket.ids:
            return "duplicate"
        amount = int(quantity * MICRO + 0.5)
        if event.failed:
            bucket.failed += amount
        else:
            kinds = bucket.kinds
            if kind not in kinds and len(kinds) >= self.policy.max_open_kinds:
                kind = OTHER
            kinds[kind] = kinds.get(kind, 0) + amount
        if len(bucket.ids) < self.policy.max_open_ids:
            bucket.ids.add(identity)
        if at >= self._due:
            self._move(at)
        return "counted"

    def _locate(self, at: datetime) -> OpenBucket | None:
        """Return the open bucket of a time, made if missing, or None if that bucket is judged already."""
        if not EARLIEST_EVENT <= at < LATEST_EVENT:
            raise RefusedEvent("event time out of range")
        hour = int(at.timestamp()) // HOUR_SECONDS
        if hour < self._floor:
            return None
        bucket = self._open.get(hour)
        if bucket is None:
            bucket = self._open[hour] = OpenBucket()
            self._stop = _UNKNOWN
        self._recent = bucket
        self._low, self._high = moment(hour), moment(hour + 1)
        return bucket

    def tell(self, watermark: datetime) -> None:
        """Move event time to `watermark`; an earlier watermark changes nothing.

        Raises
        ------
        ValueError
            If the time is not in 2000 to 2200; TypeError if it has no zone.
        """
        if not EARLIEST_EVENT <= watermark < LATEST_EVENT:
            raise ValueError("watermark out of range")
        if watermark >= self._due:
            self._move(watermark)

    @property
    def judged_until(self) -> int:
        """The first hour not yet ready, -1 at first; if it is unchanged, `tell` changed nothing."""
        return self._floor

    def next_due(self) -> datetime | None:
        """Return the first watermark at which `tell` could matter, or None while nothing is open."""
        stop = self._next_stop()
        return None if stop >= _NEVER else moment(stop + 1) + self._lateness

    def _next_stop(self) -> int:
        """Return the next hour whose closing may matter: it has or expects events, or ends a day."""
        if self._stop == _UNKNOWN:
            self._stop = self._find_stop()
        return self._stop

    def _find_stop(self) -> int:
        account = self.account
        if account.next_hour == _ASLEEP:
            return min(self._open, default=_NEVER)
        slot = (account.next_hour - account.turn) % HOURS
        ahead = account.stops >> slot
        planned = account.next_hour + ((ahead & -ahead).bit_length() - 1 if ahead else HOURS - 1 - slot)
        if account.is_coarse or not self._open:
            return planned
        return min(planned, *self._open)

    def is_ready(self, before: int = _NEVER) -> bool:
        """Return whether an hour before `before` waits to be judged."""
        return self._next_stop() < min(self._floor, before)

    def pull(self) -> Pull:
        """Return the hours up to the next stop with their counts; the caller judges them and calls `done`.

        Call it only while `is_ready`; nothing changes.
        """
        account, stop = self.account, self._next_stop()
        first = stop if account.next_hour == _ASLEEP else account.next_hour
        if not self._open:
            return Pull(first, stop, {}, 0, 0, -1)
        hours = [hour for hour in sorted(self._open) if first <= hour <= stop]
        kinds: dict[str, int] = {}
        failed = events = 0
        for hour in hours:
            bucket = self._open[hour]
            failed, events = failed + bucket.failed, events + len(bucket.ids)
            for kind, amount in bucket.kinds.items():
                kinds[kind] = kinds.get(kind, 0) + amount
        return Pull(first, stop, kinds, failed, events, hours[-1] if events else -1)

    def restarted(self) -> Self:
        """Return a counter with the open hours of this one and no past: this one cannot be judged."""
        fresh = type(self)(self.account.account_id, self.policy)
        fresh._open, fresh._stop = self._open, _UNKNOWN
        fresh._set_floor(self._floor)
        fresh.moved = True
        return fresh

    def done(self, account: UsageAccount, pull: Pull) -> None:
        """Take over the state of the account after a pull was judged, and forget the hours of the pull."""
        self.account, self._stop = account, _UNKNOWN
        if self._open:
            for hour in [hour for hour in self._open if hour <= pull.stop]:
                del self._open[hour]

    def _set_floor(self, floor: int) -> None:
        self._floor = floor
        self._due = EARLIEST_EVENT if floor < 0 else moment(floor + 1) + self._lateness

    def _move(self, at: datetime) -> None:
        self.moved = True
        seconds = math.floor((at - self._lateness).timestamp())
        self._set_floor(max(self._floor, seconds // HOUR_SECONDS))
        self._low = self._high = EARLIEST_EVENT

    def snapshot(self) -> bytes:
        """Return the whole state as bytes; equal states give equal bytes."""
        return pack_account(self.account, self._floor, self._open)

    @classmethod
    def restore(cls, data: bytes, policy: UsagePolicy = DEFAULT_POLICY) -> Self:
        """Return a counter that continues exactly where `snapshot` was taken.

        Raises
        ------
        ValueError
            If the bytes are not a snapshot of this version or a value is out of range.
        """
        account, floor, opened = unpack_account(data)
        detector = cls(account.account_id, policy)
        detector.account, detector._open, detector._stop = account, opened, _UNKNOWN
        detector._set_floor(floor)
        return detector
