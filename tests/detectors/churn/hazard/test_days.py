"""The use of open days: each event counts once, whatever the batches and restarts are."""

from datetime import timedelta, timezone
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.churn.hazard.days import MOST_EMPTY_DAYS, DayChanges, OpenDays, WrongDayStateError, use_of
from schemas.usage import UsageEvent
from tests.detectors.churn.hazard.populations import FIRST_DAY, end_of, event

HOUR = timedelta(hours=1)


def counted(opened: OpenDays, events: list[UsageEvent], day: int) -> DayChanges:
    """Count events while the clock is in the middle of a day."""
    return opened.after(events, [None] * len(events), end_of(day) - 12 * HOUR)


def ended(changes: DayChanges) -> dict[int, Any]:
    return {day - FIRST_DAY: use_of(content) for day, content in changes.ended}


class Saved:
    """The rows of parts as the store keeps them."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}

    def write(self, changes: DayChanges) -> None:
        if changes.replaces:
            self.parts.clear()
        if changes.part is not None:
            self.parts[changes.number] = changes.part

    def restored(self) -> OpenDays:
        opened = OpenDays()
        opened.load([self.parts[number] for number in sorted(self.parts)])
        return opened


def test_a_day_sums_use_failures_and_kinds_of_each_account() -> None:
    opened = OpenDays()
    events = [event("a", 0), event("a", 0, quantity=2.5), event("a", 0, "run.failed"), event("b", 0, "edit")]
    assert ended(counted(opened, events, 0)) == {}
    (day,) = ended(counted(opened, [event("c", 1)], 1)).values()
    assert (day["a"].quantity, day["a"].failed) == (12.5, 10.0)
    assert day["a"].kinds.bit_count() == 1
    assert day["a"].kinds != day["b"].kinds
    assert set(day) == {"a", "b"}


def test_duplicates_late_events_and_events_without_quantity_do_not_count() -> None:
    opened = OpenDays()
    events = [event("a", 0), event("a", 0), event("b", 0, quantity=0.0)]
    opened.after(events, [None, "duplicate", None], end_of(0) - HOUR)
    (day,) = ended(opened.after([], [], end_of(0))).values()
    assert {account: use.quantity for account, use in day.items()} == {"a": 10.0}


def test_days_without_use_end_too_but_only_so_many_after_a_pause() -> None:
    opened = OpenDays()
    counted(opened, [event("a", 0)], 0)
    assert {day: set(use) for day, use in ended(counted(opened, [event("a", 3)], 3)).items()} == {
        0: {"a"},
        1: set(),
        2: set(),
    }
    later = ended(counted(opened, [event("a", 900)], 900))
    assert len(later) == MOST_EMPTY_DAYS + 1
    assert (min(later), max(later)) == (3, 899)


def test_a_late_event_counts_to_the_oldest_open_day_unless_it_is_too_late() -> None:
    opened = OpenDays()
    counted(opened, [event("a", 0)], 0)
    counted(opened, [event("a", 5)], 5)
    counted(opened, [event("b", 4), event("c", 2)], 5)
    assert set(ended(counted(opened, [event("a", 6)], 6))[5]) == {"a", "b"}


def test_a_day_is_one_of_utc_in_every_zone() -> None:
    opened = OpenDays()
    there = timezone(timedelta(hours=14))
    first = event("a", 0)
    local = UsageEvent("x", "a", "view", (first.occurred_at + 6 * HOUR).astimezone(there), 1.0)
    assert local.occurred_at.toordinal() == FIRST_DAY + 1
    counted(opened, [first, local], 0)
    assert ended(counted(opened, [event("a", 1)], 1))[0]["a"].quantity == 11.0


KINDS = st.sampled_from(["view", "edit", "run.failed"])
EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 6), KINDS, st.floats(0, 9)), max_size=30)
NEGATIVE = msgspec.msgpack.encode({"ended": 1, "days": {1: {"a": (-1.0, 0.0, 0)}}})


@given(rows=EVENTS, cuts=st.lists(st.integers(0, 30), max_size=6))
def test_restarts_between_batches_change_nothing(
    rows: list[tuple[str, int, str, float]], cuts: list[int]
) -> None:
    events = [event(*row) for row in sorted(rows, key=lambda row: row[1])]
    bounds = sorted({0, len(events), *(min(cut, len(events)) for cut in cuts)})
    kept, saved = OpenDays(), Saved()
    for start, stop in pairwise(bounds):
        batch = events[start:stop]
        clock = batch[-1].occurred_at - HOUR
        here = kept.after(batch, [None] * len(batch), clock)
        restarted = saved.restored()
        there = restarted.after(batch, [None] * len(batch), clock)
        saved.write(there)
        assert (here.ended, restarted.days, restarted.ended) == (there.ended, kept.days, kept.ended)


def test_many_parts_become_one() -> None:
    kept, saved = OpenDays(), Saved()
    for _ in range(200):
        saved.write(counted(kept, [event("a", 0)], 0))
        assert len(saved.parts) <= 64
    assert saved.restored().days == kept.days


@pytest.mark.parametrize("content", [b"", b"\x80", NEGATIVE])
def test_damaged_parts_are_refused(content: bytes) -> None:
    with pytest.raises(WrongDayStateError):
        OpenDays().load([content])
