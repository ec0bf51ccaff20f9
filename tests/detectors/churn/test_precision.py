"""The precision of a rule: it follows outcomes, and a rule that is mostly wrong is quiet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.churn.precision import FLOOR, PROBE, is_probe, precision_of

COUNTS = st.integers(0, 60)


@given(right=COUNTS, wrong=COUNTS)
def test_the_mean_lies_in_the_interval_and_follows_the_outcomes(right: int, wrong: int) -> None:
    found = precision_of(right, wrong)
    assert 0.0 < found.low < found.mean < found.high < 1.0
    assert precision_of(right + 1, wrong).mean > found.mean > precision_of(right, wrong + 1).mean


@given(right=COUNTS, wrong=COUNTS)
def test_only_a_rule_that_is_surely_below_its_floor_is_quiet(right: int, wrong: int) -> None:
    found = precision_of(right, wrong)
    if found.is_quiet:
        assert found.mean < FLOOR
        assert wrong > 3 * right
    if right > wrong:
        assert not found.is_quiet


@pytest.mark.parametrize(
    ("right", "wrong", "quiet"), [(0, 0, False), (0, 7, False), (0, 8, True), (2, 20, True)]
)
def test_a_few_wrong_outcomes_are_no_reason_to_be_quiet(right: int, wrong: int, quiet: bool) -> None:
    assert precision_of(right, wrong).is_quiet is quiet


def test_one_account_in_ten_is_a_probe() -> None:
    probes = [number for number in range(10_000) if is_probe(f"account-{number}")]
    assert 9_000 / PROBE < len(probes) < 11_000 / PROBE
    assert all(is_probe(f"account-{number}") for number in probes[:5])
