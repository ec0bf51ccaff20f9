"""A backoff grows, stays bounded, and is never zero."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.process.backoff import Backoff

SECONDS = st.floats(0.001, 100)


@given(first=SECONDS, limit=SECONDS, seed=st.integers(), turns=st.integers(1, 60))
def test_every_wait_is_between_half_and_all_of_the_doubled_and_capped_wait(
    first: float, limit: float, seed: int, turns: int
) -> None:
    backoff = Backoff(first_seconds=first, limit_seconds=limit, random=Random(seed))
    for turn in range(turns):
        full = min(limit, first * 2.0**turn)
        assert full / 2 <= backoff.next_seconds() <= full
    assert backoff.attempts == turns


def test_a_thousand_attempts_still_wait_for_the_limit() -> None:
    backoff = Backoff(first_seconds=1, limit_seconds=5, attempts=1_000)
    assert 2.5 <= backoff.next_seconds() <= 5


def test_two_workers_do_not_retry_in_step() -> None:
    first, second = Backoff(random=Random(1)), Backoff(random=Random(2))
    assert [first.next_seconds() for _ in range(5)] != [second.next_seconds() for _ in range(5)]
