"""The lean part of the fault matrix: the smallest run of the rows that need one broker, all in one lab.

`python -m tests.faults` runs every row, each in a lab of its own and at full size.
"""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.faults.__main__ import is_full
from tests.faults.lab import Lab
from tests.faults.rows import (
    Plan,
    Tally,
    find_rows,
    row_01_kill_worker,
    row_02_failpoints,
    row_18_frozen_worker,
)
from tests.faults.rows.row_21_sigterm import States

QUICK = Plan(quick=True)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(on_the_clock=False) as started:
        yield started


@pytest.mark.parametrize(
    "play",
    [row_01_kill_worker.play, row_02_failpoints.play_in_a_chain, row_18_frozen_worker.play],
    ids=["kill -9", "kill -9 at each failpoint", "SIGSTOP past the session timeout"],
)
def test_each_input_has_one_fate_after(lab: Lab, play: Callable[[Lab, Plan, Tally], None]) -> None:
    tally = Tally()
    play(lab, QUICK, tally)
    assert tally.checked.inputs > 0
    assert (tally.checked.lost, tally.checked.doubled) == (0, 0)


def test_others_take_over_from_a_worker_that_is_frozen_in_the_middle_of_its_claim(lab: Lab) -> None:
    tally = Tally()
    row_18_frozen_worker.freeze_inside("freeze-in-claim", lab, tally)
    assert (tally.checked.lost, tally.checked.doubled, len(tally.recovered)) == (0, 0, 1)


def test_sigterm_ends_a_worker_with_zero_under_load_and_while_it_joins(lab: Lab) -> None:
    states = States(lab, Random(1))
    ended = [state()[0] for state in (states.under_load, states.while_joining)]
    assert ended == ["under load", "while joining"]


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (Plan(), True),
        (Plan(seed=9), True),
        (QUICK, False),
        (Plan(repeats=1), False),
        (Plan(inputs=100), False),
    ],
)
def test_only_a_run_of_full_size_may_replace_the_results(plan: Plan, wanted: bool) -> None:
    assert is_full(list(find_rows()), plan) == wanted
    assert not is_full([1, 2], plan)


def test_every_row_has_a_number_of_its_own_and_a_title() -> None:
    rows = find_rows()
    assert {1, 2, 3, 17, 18, 21} <= rows.keys()
    assert all(row.title for row in rows.values())
