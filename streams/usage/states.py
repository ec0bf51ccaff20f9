"""The detectors of a partition: active detectors, and detectors still sealed as they are stored in SQL.

A stored state is a header and the detector's snapshot. Without unpacking, the header tells whether the
whole state, header included, is undamaged and readable by this build, and when the detector must next be
told the time. So a claim of a million accounts costs no more than reading their rows; a state is unpacked
when the first event of its account arrives. The clock of the partition is stored in the same way, under an
account id of its own.

A detector on which our code fails is set aside alone: its bytes and the reason go to `corrupt_states`, and
the next event of the account begins a fresh detector. So a fault in one account costs that account its
past, and costs the other accounts of the partition nothing.
"""

import heapq
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Final, NamedTuple

from detectors.usage.closing import close_buckets
from detectors.usage.counter import UsageCounter
from detectors.usage.counts.budget import NEVER, AlertBudget
from detectors.usage.counts.rows import HOURS
from detectors.usage.hour_use import ClosedUse
from detectors.usage.policy import HOUR_SECONDS, UsagePolicy
from schemas import Anomaly
from streams.process.errors import ServiceError
from streams.process.metrics import DetectorStage
from streams.usage.sealing import WATERMARK_KEY, body_of, budget_of, clock_of, due_of, seal_clock, sealed

logger = logging.getLogger(__name__)

CLOCK_SLACK: Final = timedelta(hours=1)
"""How long after an account's due time we wait for its late events before the detector is told the time."""

UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The clock of a partition that has seen no event."""

FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""After every event: the wake time of a partition in which no account is due."""

MAX_ISOLATED: Final = 3
"""How many accounts of one partition our code may fail on repeatedly. If it fails on more, the build is
wrong, and the records it fails on count towards a pause of the partition."""

_FATAL: Final = (MemoryError, ServiceError)
FOLD_HOUR: Final = 3
"""Hours after midnight UTC of the partition's clock at which its budget learns the day. Chosen by hand: after
the slack of the clock, so that all accounts have ended the day."""

_MOST_REASON: Final = 300


class SetAside(NamedTuple):
    """A detector on which our code failed: its state, if it could still be packed, and the reason."""

    state: bytes
    reason: str
    stage: DetectorStage


@dataclass
class PartitionDetectors:
    """The detectors of one partition and its event-time clock.

    The clock moves only with events, so that a replay finds the same silences. `due` is a heap of (time,
    account) of quiet accounts, and `booked` has the time that counts for each account. `changed` has the
    accounts whose state is not saved yet, `sealed` the states of accounts without an event since they were
    loaded, `failed` the detectors set aside since the last save, and `broken` the accounts whose newest event
    failed on a fresh detector too.
    """

    detectors: dict[str, UsageCounter] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    policy: UsagePolicy = field(default_factory=UsagePolicy)
    watermark: datetime = UNIX_EPOCH
    due: list[tuple[datetime, str]] = field(default_factory=list)
    booked: dict[str, datetime] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    failed: dict[str, SetAside] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    moved: dict[str, UsageCounter] = field(default_factory=dict)
    budget: AlertBudget = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the first guess of the budget; `load` replaces it."""
        self.budget = AlertBudget(self.policy.alerts_per_month)
        self.budget.uses = []

    def __len__(self) -> int:
        return len(self.detectors) + len(self.sealed)

    def load(self, states: Iterable[tuple[str, bytes]]) -> dict[str, tuple[bytes, str]]:
        """Add stored states, including the clock; return (state, reason) of unreadable states, by account."""
        unreadable: dict[str, tuple[bytes, str]] = {}
        for account_id, state in states:
            try:
                if account_id == WATERMARK_KEY:
                    self.watermark, self.budget = clock_of(state), budget_of(state, self.policy)
                    self.budget.uses = []
                    continue
                when = due_of(account_id, state)
            except ValueError as error:
                unreadable[account_id] = (state, str(error)[:_MOST_REASON])
                continue
            self.sealed[account_id] = state
            if when is not None:
                self.booked[account_id] = when
                self.due.append((when, account_id))
        heapq.heapify(self.due)
        return unreadable

    def open(self, account_id: str) -> UsageCounter | None:
        """Return an account's detector, unpacked now if it is sealed; None if the account is new."""
        state = self.sealed.get(account_id)
        if state is not None:
            self.detectors[account_id] = _unpacked(state, self.policy)
            del self.sealed[account_id]
        return self.detectors.get(account_id)

    def book(self, account_id: str) -> None:
        """Note when the account's detector must next be told the time.

        The next time of a detector only grows, so one booking is enough until it is due: the detector is then
        told the time, which changes nothing if it is early, and booked again.
        """
        when = self.detectors[account_id].next_due()
        if when is not None:
            self.booked[account_id] = when
            heapq.heappush(self.due, (when, account_id))

    def wake(self) -> datetime:
        """Return the event time at which the first account must be told the time, or an hour is learned."""
        first = self.due[0][0] + CLOCK_SLACK if self.due else FOREVER
        return min(first, self._next_step())

    def _next_step(self) -> datetime:
        """Return the next time at which the cohort learns an hour.

        All accounts have closed this hour by then, and none can have closed a later one before.
        """
        if self.watermark == UNIX_EPOCH:
            return FOREVER
        late = timedelta(minutes=self.policy.lateness_minutes)
        return (self.watermark - late).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) + late

    def advance(self, at: datetime) -> list[Anomaly]:
        """Move the clock to `at` unless it is ahead, and tell the time to the accounts that are due."""
        if at <= self.watermark:
            return []
        found: list[Anomaly] = []
        while (step := self._next_step()) <= at:
            hour = int((step - timedelta(minutes=self.policy.lateness_minutes)).timestamp()) // HOUR_SECONDS
            found += self._reach(step, before=hour - 1)
            self.budget.cohort.fold(hour - 1)
            if hour % HOURS == FOLD_HOUR:
                self.budget.fold(hour - FOLD_HOUR, hour)
        return found + self._reach(at)

    def _reach(self, at: datetime, before: int = NEVER) -> list[Anomaly]:
        """Move the clock to `at`, and judge the hours before `before`."""
        found = self.close_moved(before)
        self.watermark = at
        clock = at - CLOCK_SLACK
        told: list[str] = []
        while self.due and self.due[0][0] <= clock:
            when, account_id = heapq.heappop(self.due)
            # An account that was set aside and came back has an older entry, which no longer counts.
            if self.booked.get(account_id) == when:
                self._tell(account_id, clock, told)
        found += self.close_moved(before)
        for account_id in told:
            self._book_again(account_id)
        return found

    def _tell(self, account_id: str, clock: datetime, told: list[str]) -> None:
        """Tell one account the time; if our code fails on its detector, this detector alone is set aside."""
        del self.booked[account_id]
        try:
            detector = self.open(account_id)
            if detector is None:
                return
            judged = detector.judged_until
            detector.tell(clock)
        except Exception as error:
            self.set_aside(account_id, error, "advance")
            return
        told.append(account_id)
        if detector.judged_until != judged:
            self.changed.add(account_id)
            self.moved[account_id] = detector

    def _book_again(self, account_id: str) -> None:
        if account_id not in self.detectors or account_id in self.booked:
            return
        try:
            self.book(account_id)
        except Exception as error:
            self.set_aside(account_id, error, "advance")

    def close_moved(self, before: int = NEVER) -> list[Anomaly]:
        """Judge the ready hours before `before` of all accounts that moved, together; return the anomalies.

        If our code fails, the accounts are judged one by one. A detector that still fails is set aside, and a
        fresh one goes on with its open hours.
        """
        if not self.moved:
            return []
        moved, self.moved = self.moved, {}
        found: list[Anomaly] = []
        for detector in moved.values():
            detector.moved = False
        try:
            close_buckets(moved.values(), self.budget, self.policy, found, before)
        except Exception as error:
            if isinstance(error, _FATAL):
                raise
            for account_id, detector in moved.items():
                self._close_alone(account_id, detector, found, before)
        waiting = {name: one for name, one in moved.items() if name in self.detectors and one.is_ready()}
        self.moved = waiting | self.moved
        return found

    def _close_alone(
        self, account_id: str, detector: UsageCounter, found: list[Anomaly], before: int
    ) -> None:
        try:
            close_buckets([detector], self.budget, self.policy, found, before)
        except Exception as error:
            self.set_aside(account_id, error, "advance")
            self._begin_again(account_id, detector.restarted(), found)

    def _begin_again(self, account_id: str, fresh: UsageCounter, found: list[Anomaly]) -> None:
        try:
            close_buckets([fresh], self.budget, self.policy, found)
            self.detectors[account_id] = fresh
            self.book(account_id)
            self.changed.add(account_id)
        except Exception as error:
            self.set_aside(account_id, error, "advance")

    def save(self) -> dict[str, bytes]:
        """Return the unsaved states by account, including the clock; from now on they count as saved."""
        states: dict[str, bytes] = {}
        for account_id in list(self.changed):
            try:
                states[account_id] = sealed(self.detectors[account_id])
            except Exception as error:
                self.set_aside(account_id, error, "save")
        self.changed.clear()
        states[WATERMARK_KEY] = seal_clock(self.watermark, self.budget)
        return states

    def take_uses(self) -> list[ClosedUse]:
        """Return the use of the hours that accounts closed since the last call."""
        uses, self.budget.uses = self.budget.uses or [], []
        return uses

    def take_failed(self) -> dict[str, SetAside]:
        """Return the detectors set aside since the last call, by account."""
        failed, self.failed = self.failed, {}
        return failed

    def set_aside(self, account_id: str, error: Exception, stage: DetectorStage) -> None:
        """Remove a detector on which our code failed; the next event of the account begins a fresh detector.

        Raises the error itself if it is no fault of one account, such as a lack of memory.
        """
        if isinstance(error, _FATAL):
            raise error
        reason = f"{_described(error)}, stage {stage}"
        if all(detector.reason != reason for detector in self.failed.values()):
            logger.error("a usage detector failed and is set aside", extra={"reason": reason}, exc_info=error)
        state, detector = self.sealed.pop(account_id, b""), self.detectors.pop(account_id, None)
        if detector is not None:
            state = _packed_if_possible(detector)
        self.failed.setdefault(account_id, SetAside(state, reason, stage))
        self.booked.pop(account_id, None)
        self.moved.pop(account_id, None)
        self.changed.discard(account_id)


def _described(error: Exception) -> str:
    """Return type and place of an error, never its message, which may quote a record."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} in {PurePath(code.co_filename).name}, {code.co_name}"[:_MOST_REASON]


def _packed_if_possible(detector: UsageCounter) -> bytes:
    try:
        return sealed(detector)
    except _FATAL:
        raise
    except Exception:
        # The state is only kept for a search for the cause, which can do without it.
        return b""


def _unpacked(state: bytes, policy: UsagePolicy) -> UsageCounter:
    try:
        return UsageCounter.restore(body_of(state), policy)
    except ValueError as error:
        # The header was valid: the fault is in this code, and must not count as a bad event.
        raise RuntimeError("a whole state of this layout cannot be unpacked") from error
