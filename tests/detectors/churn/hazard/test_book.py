"""The habits of accounts: what a row remembers, and that the order of events does not matter."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.churn.hazard.book import HabitBook, kind_slot
from detectors.churn.hazard.habits import ROW
from detectors.churn.hazard.measures import LEAST_PEERS, matrix, measured
from schemas.usage import UsageEvent
from tests.detectors.churn.hazard.populations import FIRST_DAY, days_of_use, event


def book_of(days: list[list[UsageEvent]]) -> HabitBook:
    book = HabitBook(FIRST_DAY - 1)
    for events in days:
        book.end_day(events)
    return book


def test_a_row_stays_below_a_third_of_a_kilobyte() -> None:
    assert ROW.itemsize < 320


def test_gaps_absences_and_active_days_are_remembered() -> None:
    days: list[list[UsageEvent]] = [[] for _ in range(20)]
    for day in (0, 1, 4, 12):
        days[day] = [event("a", day)]
    row = book_of(days).habits.rows[0]
    assert (row["active_days"], row["longest"], row["absences"]) == (4, 8, 1)
    assert row["gaps"].sum() == 3
    assert row["last"] == FIRST_DAY + 12
    assert int(row["days"]) == sum(1 << (19 - day) for day in (0, 1, 4, 12))


def test_an_account_that_rests_on_weekends_misses_little_on_sunday_and_much_on_tuesday() -> None:
    days = [[event("a", day)] if day % 7 < 5 else [] for day in range(70)]
    sunday = book_of(days).habits.rows[0]
    tuesday = book_of([*days, [], []]).habits.rows[0]
    assert sunday["missed"] < 0.5
    assert tuesday["missed"] > 1.5
    assert tuesday["surprise"] > sunday["surprise"] + 2.0


def test_failures_are_no_use_but_a_sign_of_life() -> None:
    row = book_of([[event("a", 0)], [], [event("a", 2, "run.failed")]]).habits.rows[0]
    assert row["last"] == FIRST_DAY + 2
    assert row["failures_seen"] == 1
    assert row["ages"][kind_slot("run.failed")] > 0 or kind_slot("run.failed") == kind_slot("view")


@given(st.permutations(next(iter(days_of_use(12, 1)))), st.integers(0, 3))
def test_the_order_of_the_events_of_a_day_changes_no_bit(events: list[UsageEvent], silent: int) -> None:
    tail: list[list[UsageEvent]] = [[] for _ in range(silent)]
    known = book_of([next(iter(days_of_use(12, 1))), *tail])
    shuffled = book_of([events, *tail])
    assert known.places == shuffled.places
    assert known.habits.rows.tobytes() == shuffled.habits.rows.tobytes()


def test_measures_are_finite_and_peers_are_unknown_while_they_are_few() -> None:
    few, many = book_of(list(days_of_use(5, 30))), book_of(list(days_of_use(3 * LEAST_PEERS, 30)))
    assert np.isfinite(matrix(many.habits)).all()
    assert np.isnan(measured(few.habits)["rank7"]).all()
    assert np.isfinite(measured(few.habits)["gap"]).all()


def test_the_rank_of_an_account_falls_when_it_alone_is_silent() -> None:
    days = [[event(f"a{one}", day) for one in range(30) if one or day < 20] for day in range(30)]
    book = book_of(days)
    found = measured(book.habits)
    assert found["rank7"][book.places["a0"]] < 0.05
    assert found["rank7"][book.places["a1"]] > 0.4
    assert found["gap"][book.places["a0"]] == np.log1p(10)
