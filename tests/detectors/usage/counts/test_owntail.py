"""The own tail of a series takes what is usual from a p-value, and never makes the series more sensitive."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.usage.counts.owntail import HIGH_SIDE, LOW_SIDE, learn_own_tail, own_score
from detectors.usage.counts.rows import SeriesRows, fresh_counts

YES = np.array([True])


def lived(peaks: list[float]) -> SeriesRows:
    """Return a series after days with these peaks of the low side."""
    block = fresh_counts(1)
    for peak in peaks:
        block["age"] += 1
        block["peak_low"] = peak
        learn_own_tail(block, YES, YES)
    return block


def worth(block: SeriesRows, score: float) -> float:
    return float(own_score(block, LOW_SIDE, np.array([score]))[0])


def test_what_happens_often_is_worth_little() -> None:
    calm, odd = lived([0.5] * 40), lived([0.5, 0.5, 7.0, 0.5] * 10)
    assert worth(calm, 6.0) > 5.5
    assert worth(odd, 6.0) < 3.5
    assert own_score(odd, HIGH_SIDE, np.array([6.0]))[0] > 5.5


def test_a_fall_that_lasts_is_no_habit() -> None:
    calm = lived([0.5] * 40)
    assert worth(lived([0.5] * 40 + [9.0] * 10), 9.0) == worth(calm, 9.0)


def test_a_fall_that_ended_counts_once() -> None:
    once, long = lived([0.5] * 40 + [9.0, 0.5]), lived([0.5] * 40 + [9.0, 9.0, 9.0, 0.5])
    assert abs(worth(once, 9.0) - worth(long, 9.0)) < 0.1
    assert worth(once, 9.0) < worth(lived([0.5] * 42), 9.0)


@given(st.lists(st.floats(0.0, 30.0), max_size=40), st.floats(0.0, 30.0), st.floats(0.0, 30.0))
def test_a_score_never_grows_and_keeps_its_order(peaks: list[float], one: float, other: float) -> None:
    block = lived(peaks)
    low, high = sorted((one, other))
    assert 0.0 <= worth(block, low) <= low
    if low > 2.0 or high <= 2.0:
        assert worth(block, low) <= worth(block, high)
