"""The lean part of the rows about outages: broker and database gone for some seconds, in one lab.

`python -m tests.faults --rows 4,5,6,20,22,25,28` runs all of them at full size.
"""

import gc
from collections.abc import Callable, Iterator

import pytest

from tests.faults.lab import Lab
from tests.faults.outage import most_attempts
from tests.faults.rows import Plan, Tally, find_rows
from tests.faults.rows.row_04_broker_away import broker_away_in
from tests.faults.rows.row_05_database_away import database_away_in
from tests.sockets import LEFT_OPEN

pytestmark = LEFT_OPEN


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(seed=1, on_the_clock=False) as started:
        yield started


@pytest.mark.parametrize("play", [database_away_in, broker_away_in])
def test_a_short_outage_under_load_loses_and_doubles_nothing(
    lab: Lab, play: Callable[[Lab, Plan, Tally], None]
) -> None:
    tally = Tally()
    play(lab, Plan(quick=True), tally)
    assert tally.checked.is_clean
    assert tally.checked.inputs > 0
    assert tally.recovered
    gc.collect()


def test_every_row_about_an_outage_is_found() -> None:
    assert {4, 5, 6, 20, 22, 25, 28} <= find_rows().keys()


def test_the_bound_on_retries_grows_with_time_and_loops() -> None:
    assert [most_attempts(seconds) for seconds in (1.0, 12.0, 60.0)] == [5, 10, 29]
    assert most_attempts(12.0, loops=3) == 30
