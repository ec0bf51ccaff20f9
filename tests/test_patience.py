"""Deadlines that follow the machine's speed end, and end later the slower it is."""

from itertools import count

import pytest

from tests.patience import SLOWEST, Patience, slowness


@pytest.mark.parametrize(("slow", "calls"), [(1.0, 20), (4.0, 80)])
def test_a_deadline_moves_away_in_proportion_to_the_slowness_of_the_machine(slow: float, calls: int) -> None:
    ticks = count(step=0.5)
    patience = Patience(10.0, clock=lambda: next(ticks), measure=lambda: slow)
    assert next(call for call in count(1) if patience.is_over()) == calls


def test_a_machine_that_recovers_has_its_usual_deadline_again() -> None:
    ticks, speeds = count(step=1.0), iter([8.0, 8.0, 8.0, *[1.0] * 100])
    patience = Patience(10.0, clock=lambda: next(ticks), measure=lambda: next(speeds))
    assert next(call for call in count(1) if patience.is_over()) == 2 + 10


def test_progress_starts_the_deadline_again() -> None:
    ticks = count(step=1.0)
    patience = Patience(3.0, clock=lambda: next(ticks), measure=lambda: 1.0)
    assert [patience.is_over(), patience.is_over()] == [False, False]
    patience.renew()
    assert [patience.is_over(), patience.is_over(), patience.is_over()] == [False, False, True]


def test_the_machine_is_measured_within_bounds() -> None:
    assert 1.0 <= slowness() <= SLOWEST
