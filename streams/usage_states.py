"""The detectors of a partition: those at work, and those still sealed as they stand in SQL.

A stored state is a header and the detector's snapshot. The header says, without unpacking, whether the
state is whole and readable by this build, and when the detector wants to hear of the time: a claim of a
million accounts costs as little as reading their rows, and each is unpacked when its first event comes.
"""

import heapq
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final

from detectors.usage import UsageDetector, UsagePolicy
from schemas import Anomaly

CLOCK_SLACK: Final = timedelta(hours=1)
"""How far behind the partition's newest event a quiet account is still thought to be on its way."""

WATERMARK_KEY: Final = ""
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

_HEADER: Final = Struct(">BHIq")
_LAYOUT: Final = 1
"""Raise it with every change of the snapshot's layout: states of another layout are made anew."""

_NEVER: Final = -1


def seal(account_id: str, snapshot: bytes, due: datetime | None, *, bucket_hours: int) -> bytes:
    """Return a state as it is stored: layout, bucket width, CRC-32 of account and snapshot, due time."""
    check = zlib.crc32(snapshot, zlib.crc32(account_id.encode()))
    seconds = _NEVER if due is None else int(due.timestamp())
    return _HEADER.pack(_LAYOUT, bucket_hours, check, seconds) + snapshot


def sealed(detector: UsageDetector) -> bytes:
    """Return a detector's state as it is stored."""
    return seal(
        detector.account_id,
        detector.snapshot(),
        detector.next_due(),
        bucket_hours=detector.policy.bucket_hours,
    )


def due_of(account_id: str, state: bytes, policy: UsagePolicy) -> datetime | None:
    """Return when a stored detector wants to hear of the time, or None.

    Raises ValueError where the state is damaged, another account's, or of another build or policy.
    """
    if len(state) < _HEADER.size:
        raise ValueError("the state is cut short")
    layout, bucket_hours, check, seconds = _HEADER.unpack_from(state)
    if (layout, bucket_hours) != (_LAYOUT, policy.bucket_hours):
        raise ValueError("the state is of another build, or of another bucket width")
    if check != zlib.crc32(memoryview(state)[_HEADER.size :], zlib.crc32(account_id.encode())):
        raise ValueError("the state is damaged, or another account's")
    return None if seconds == _NEVER else datetime.fromtimestamp(seconds, UTC)


@dataclass
class Partition:
    """The detectors of one partition and its event-time clock.

    The clock moves only with events, so that a replay finds the same silences. `due` holds
    (time, account) of quiet accounts, `changed` the accounts whose state is not saved yet, `sealed`
    the states of accounts that had no event since they were loaded.
    """

    detectors: dict[str, UsageDetector] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    policy: UsagePolicy = field(default_factory=UsagePolicy)
    watermark: datetime = EARLIEST
    due: list[tuple[datetime, str]] = field(default_factory=list)
    booked: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.detectors) + len(self.sealed)

    def load(self, states: Iterable[tuple[str, bytes]]) -> dict[str, tuple[bytes, str]]:
        """Take stored states in, the clock's among them; return what cannot be read, and why, by account."""
        unreadable: dict[str, tuple[bytes, str]] = {}
        for account_id, state in states:
            try:
                if account_id == WATERMARK_KEY:
                    self.watermark = datetime.fromisoformat(state.decode())
                    continue
                when = due_of(account_id, state, self.policy)
            except ValueError as error:
                unreadable[account_id] = (state, str(error)[:300])
                continue
            self.sealed[account_id] = state
            if when is not None:
                self.booked.add(account_id)
                self.due.append((when, account_id))
        heapq.heapify(self.due)
        return unreadable

    def open(self, account_id: str) -> UsageDetector | None:
        """Return an account's detector, unpacked now if need be; None where the account is new."""
        state = self.sealed.pop(account_id, None)
        if state is not None:
            self.detectors[account_id] = _unpacked(state, self.policy)
        return self.detectors.get(account_id)

    def book(self, account_id: str) -> None:
        """Note when the account's detector wants to hear of the time again.

        A detector's next time only grows, so one booking is enough until it is due: it is then
        told the time, which changes nothing where it is early, and booked anew.
        """
        when = self.detectors[account_id].next_due()
        if when is not None:
            self.booked.add(account_id)
            heapq.heappush(self.due, (when, account_id))

    def wake(self) -> datetime:
        """Return the event time from which an account must be told the time."""
        return self.due[0][0] + CLOCK_SLACK if self.due else FOREVER

    def advance(self, at: datetime) -> list[Anomaly]:
        """Move the clock to `at`, or leave it where it is ahead, and tell the accounts that wait for it."""
        if at <= self.watermark:
            return []
        self.watermark = at
        clock = at - CLOCK_SLACK
        found: list[Anomaly] = []
        told: list[str] = []
        while self.due and self.due[0][0] <= clock:
            _, account_id = heapq.heappop(self.due)
            if (detector := self.open(account_id)) is not None:
                found += detector.advance(clock)
                told.append(account_id)
        self.changed.update(told)
        self.booked.difference_update(told)
        for account_id in told:
            self.book(account_id)
        return found


def _unpacked(state: bytes, policy: UsagePolicy) -> UsageDetector:
    try:
        return UsageDetector.restore(state[_HEADER.size :], policy)
    except ValueError as error:
        # The header vouched for it: the fault is this code's, and must not pass for a bad event.
        raise RuntimeError("a whole state of this layout cannot be unpacked") from error
