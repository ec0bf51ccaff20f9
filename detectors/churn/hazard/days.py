"""The use of each day by account, counted until the day ends in UTC and then handed over to be judged.

What is counted and not handed over yet is saved as parts: each batch of events adds one part with what it
changed, and now and then one part with everything replaces them all. An event of a day that ended counts to
the oldest open day, unless it is more than LATE_DAYS late: then it is no use of today.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from detectors.churn.hazard.book import UseOfDay, kind_slot
from schemas.usage import UsageEvent

LATE_DAYS: Final = 2
"""Days after its end for which an event of a day still counts, to the oldest open day. Chosen by hand."""

MOST_EMPTY_DAYS: Final = 28
"""Newest days without any use that are handed over after a pause of the partition: the horizon."""

_MOST_PARTS: Final = 64
"""Parts after which one row replaces them. Chosen by hand: a restart reads few rows."""

_MOST_KINDS: Final = 10_000
"""Kinds of use whose bit is remembered: a partition rarely has more."""

_Amount = Annotated[float, msgspec.Meta(ge=0.0, le=1e300)]
_Bits = Annotated[int, msgspec.Meta(ge=0)]
_Uses = dict[str, tuple[_Amount, _Amount, _Bits]]


class _Part(msgspec.Struct, frozen=True):
    """What a row of parts holds: the last day that ended, and use by day and account."""

    ended: int
    days: dict[int, _Uses]
    version: Literal[1] = 1


class WrongDayStateError(ValueError):
    """The bytes are damaged or of another format."""


@dataclass(frozen=True, slots=True)
class DayChanges:
    """What a batch changed: the days that ended with their use, and a part that is added or replaces all.

    `ended` is (day, use as bytes) in order of day; a day is an ordinal of `datetime.date`.
    """

    ended: tuple[tuple[int, bytes], ...] = ()
    part: bytes | None = None
    number: int = 0
    replaces: bool = False


@dataclass
class OpenDays:
    """The use of the days of one partition that were not handed over; `ended` is the last one that was."""

    ended: int | None = None
    days: dict[int, dict[str, list[Any]]] = field(default_factory=dict)
    parts: int = 0
    _bits: dict[str, int] = field(default_factory=dict)

    def load(self, parts: Sequence[bytes]) -> None:
        """Add the saved parts, in their order; raise WrongDayStateError."""
        for content in parts:
            part = _decoded(content, _Part)
            self.ended = part.ended
            self.days = {day: uses for day, uses in self.days.items() if day > part.ended}
            for day, uses in part.days.items():
                _add(self.days.setdefault(day, {}), uses)
        self.parts = len(parts)

    def after(self, events: Sequence[UsageEvent], fates: Sequence[Any], clock: datetime) -> DayChanges:
        """Count the events whose fate is None; end the days that are over at `clock`, in UTC."""
        counted = self._counted(events, fates)
        for day, uses in counted.items():
            _add(self.days.setdefault(day, {}), uses)
        ended = self._end_until(clock.toordinal() - 1)
        if self.ended is None or not (counted or ended):
            return DayChanges()
        replaces = bool(ended) or self.parts >= _MOST_PARTS
        self.parts = 1 if replaces else self.parts + 1
        content = msgspec.msgpack.encode(_Part(self.ended, self.days if replaces else counted))  # type: ignore[arg-type]
        return DayChanges(tuple(ended), content, self.parts, replaces)

    def _counted(self, events: Sequence[UsageEvent], fates: Sequence[Any]) -> dict[int, dict[str, list[Any]]]:
        # This loop runs for every event of the product: each name is looked up once.
        found: dict[int, dict[str, list[Any]]] = {}
        bits, last, uses = self._bits, 0, None
        for event, fate in zip(events, fates, strict=True):
            if fate is not None or (quantity := event.quantity) <= 0.0:
                continue
            at = event.occurred_at
            day = (at if at.tzinfo is UTC else at.astimezone(UTC)).toordinal()
            if day != last:
                last, uses = day, self._uses_of(found, day)
            if uses is None:
                continue
            use = uses.get(event.account_id)
            if use is None:
                use = uses[event.account_id] = [0.0, 0.0, 0]
            if event.failed:
                use[1] += quantity
                continue
            bit = bits.get(event.kind)
            use[0] += quantity
            use[2] |= self._bit(event.kind) if bit is None else bit
        return found

    def _uses_of(self, found: dict[int, dict[str, list[Any]]], day: int) -> dict[str, list[Any]] | None:
        """Return where the events of a day count, or None if they are too late."""
        if self.ended is None:
            self.ended = day - 1
        if day <= self.ended - LATE_DAYS:
            return None
        return found.setdefault(max(day, self.ended + 1), {})

    def _bit(self, kind: str) -> int:
        if len(self._bits) >= _MOST_KINDS:
            self._bits.clear()
        return self._bits.setdefault(kind, 1 << kind_slot(kind))

    def _end_until(self, last: int) -> list[tuple[int, bytes]]:
        if self.ended is None or last <= self.ended:
            return []
        days = [
            day for day in range(self.ended + 1, last + 1) if day in self.days or day > last - MOST_EMPTY_DAYS
        ]
        self.ended = last
        return [(day, msgspec.msgpack.encode(self.days.pop(day, {}))) for day in days]


def use_of(content: bytes) -> dict[str, UseOfDay]:
    """Return the use of a day that was handed over, by account; raise WrongDayStateError."""
    return {account_id: UseOfDay(*use) for account_id, use in _decoded(content, _Uses).items()}


def _add(uses: dict[str, list[Any]], more: Any) -> None:
    for account_id, (quantity, failed, kinds) in more.items():
        use = uses.setdefault(account_id, [0.0, 0.0, 0])
        use[0] += quantity
        use[1] += failed
        use[2] |= kinds


def _decoded(content: bytes, kind: Any) -> Any:
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise WrongDayStateError(f"the use of a day cannot be read: {error}") from None
