"""Days with a burst: they are told from days of many events, and learned without it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.usage.counts.bursts import is_burst, packed, top_share, usual_top, without_burst
from detectors.usage.counts.rows import fresh_counts

OFFICE = np.array([0.0] * 8 + [20.0] * 9 + [0.0] * 7)


def day_with(hour: int, burst: float) -> np.ndarray:
    day = OFFICE.copy()
    day[hour] += burst
    return day


def test_a_night_job_is_a_burst_and_a_busy_day_is_none() -> None:
    share = top_share(np.stack([day_with(3, 600.0), 5.0 * OFFICE]))
    usual = top_share(np.stack([OFFICE, OFFICE]))
    assert is_burst(share, usual).tolist() == [True, False]


def test_a_day_without_its_burst_is_about_an_ordinary_day() -> None:
    day = day_with(3, 600.0)[None, :]
    rest = without_burst(day.sum(axis=1), top_share(day), top_share(OFFICE[None, :]))
    assert abs(rest[0] - OFFICE.sum()) <= 0.2 * OFFICE.sum()


def test_an_account_of_bursts_has_no_unusual_burst() -> None:
    block = fresh_counts(1)
    block["top"][0, :5] = packed(np.ones(5))
    assert not is_burst(np.array([1.0]), usual_top(block))[0]


def test_one_day_among_many_changes_nothing_of_what_is_usual() -> None:
    block = fresh_counts(1)
    block["top"][0, :7] = packed(np.array([0.3, 0.31, 0.3, 1.0, 0.32, 0.3, 0.31]))
    assert 0.29 <= usual_top(block)[0] <= 0.33


@given(st.lists(st.floats(0.0, 1e6), min_size=24, max_size=24))
def test_a_day_never_grows_without_its_burst(hours: list[float]) -> None:
    day = np.array([hours])
    total = day.sum(axis=1)
    assert 0.0 <= without_burst(total, top_share(day), np.array([0.3]))[0] <= total[0]
