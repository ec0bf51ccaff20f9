"""The clock follows the database, and setting the wall clock does not change it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.process.clock import SLACK, Clock

START = datetime(2026, 1, 1, tzinfo=UTC)


class Ticks:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@given(offset=st.floats(-1e6, 1e6), passed=st.floats(0, 1e5))
def test_a_wrong_clock_follows_the_time_of_the_database(offset: float, passed: float) -> None:
    ticks = Ticks()
    clock = Clock(wall=lambda: START + timedelta(seconds=offset), ticks=ticks)
    clock.follow(START)
    ticks.seconds = passed
    assert abs(clock.now() - START - timedelta(seconds=passed)) <= SLACK + timedelta(microseconds=10)


def test_the_wall_clock_is_read_once_and_may_be_set_back() -> None:
    ticks, wall = Ticks(), iter([START, START - timedelta(days=1)])
    clock = Clock(wall=lambda: next(wall), ticks=ticks)
    ticks.seconds = 10.0
    assert clock.now() == START + timedelta(seconds=10)


def test_a_difference_within_the_round_trip_time_changes_nothing() -> None:
    clock = Clock(wall=lambda: START, ticks=Ticks())
    ahead = clock.follow(START + timedelta(seconds=0.3))
    assert (ahead, clock.now()) == (timedelta(seconds=0.3), START)
