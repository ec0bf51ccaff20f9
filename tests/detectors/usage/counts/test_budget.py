"""The alert budget: thresholds that follow the tail, are corrected by alerts, and restore bit-equal."""

import numpy as np
import pytest

from detectors.usage.counts.budget import (
    SEGMENTS,
    AlertBudget,
    empty_tally,
    excess_of,
    from_bytes,
    segment_of,
    to_bytes,
)

BUSY = int(segment_of(np.array([300.0]), np.array([2]), np.array([0.0]))[0])


def taught(days: int, *, exceeded: int, excess: float, alerts: int = 0) -> AlertBudget:
    """Return a budget after days of a hundred accounts each."""
    budget = AlertBudget(0.02)
    for _ in range(days):
        tally = empty_tally()
        tally.days[0, BUSY] = 100
        tally.exceeded[0, BUSY, 0], tally.excess[0, BUSY, 0] = exceeded, round(excess * exceeded * 1e6)
        tally.alerts[0, BUSY, 0] = alerts
        budget.add(tally)
        budget.fold(0, 0)
    return budget


def test_a_threshold_is_never_below_its_theoretical_value() -> None:
    theory = AlertBudget(0.02).thresholds
    assert (taught(60, exceeded=0, excess=0.0).thresholds >= theory).all()


def test_a_smaller_budget_has_higher_thresholds() -> None:
    assert (AlertBudget(0.002).thresholds > AlertBudget(0.02).thresholds).all()


def test_a_heavier_tail_raises_the_threshold_of_its_segment_and_cause_only() -> None:
    theory, raised = AlertBudget(0.02).thresholds, taught(30, exceeded=8, excess=1.0).thresholds
    assert raised[BUSY, 0] > theory[BUSY, 0] + 1.0
    others = np.ones((SEGMENTS, 3), bool)
    others[BUSY, 0] = False
    assert (raised[others] == theory[others]).all()


def test_alerts_above_the_budget_raise_the_threshold() -> None:
    calm, loud = (taught(20, exceeded=4, excess=0.4, alerts=alerts) for alerts in (0, 1))
    assert loud.thresholds[BUSY, 0] > calm.thresholds[BUSY, 0]


def test_a_day_on_which_most_accounts_are_odd_teaches_nothing_about_chance() -> None:
    usual, holiday = taught(30, exceeded=4, excess=0.4), taught(29, exceeded=4, excess=0.4)
    tally = empty_tally()
    tally.days[0, BUSY], tally.exceeded[0, BUSY, 0], tally.excess[0, BUSY, 0] = 100, 95, 95 * 6_000_000
    holiday.add(tally)
    holiday.fold(0, 0)
    assert holiday.thresholds[BUSY, 0] == pytest.approx(usual.thresholds[BUSY, 0], abs=0.05)


def test_a_budget_restores_bit_equal_also_between_folds() -> None:
    budget = taught(9, exceeded=5, excess=0.7, alerts=1)
    tally = empty_tally()
    tally.days[0, BUSY], tally.runs[0, BUSY] = 7, (1_000_000, 0, 2_500_000)
    budget.add(tally)
    again = from_bytes(0.02, to_bytes(budget))
    for each in (budget, again):
        each.fold(0, 0)
    assert to_bytes(again) == to_bytes(budget)
    assert (again.thresholds == budget.thresholds).all()


@pytest.mark.parametrize("data", [b"", b"1234567", b"\xff" * len(to_bytes(AlertBudget(0.02)))])
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        from_bytes(0.02, data)


def test_excesses_are_whole_numbers_and_bounded() -> None:
    above, excess = excess_of(np.array([1.0, 2.5, 400.0]))
    assert above.tolist() == [False, True, True]
    assert excess.tolist() == [0, 500_000, 6_000_000]


def test_the_rules_of_an_hour_do_not_depend_on_when_it_is_judged() -> None:
    budget = AlertBudget(0.02)
    hours, segment = np.array([99, 100]), np.array([BUSY, BUSY])
    first = budget.rules_of(segment, hours)[0]
    tally = empty_tally()
    tally.days[0, BUSY], tally.exceeded[0, BUSY, 0], tally.excess[0, BUSY, 0] = 400, 90, 90 * 3_000_000
    budget.add(tally)
    budget.fold(97, 100)
    early, late = budget.rules_of(segment, hours)[0]
    assert (early == first[0]).all()
    assert late[0] > early[0]


def test_hours_after_the_fold_wait_for_the_next_one() -> None:
    budget, tally = AlertBudget(0.02), empty_tally()
    tally.days[1, BUSY] = 70
    budget.add(tally)
    budget.fold(97, 100)
    assert (budget.days[BUSY], budget.until) == (0.0, 121)
    budget.fold(121, 124)
    assert budget.days[BUSY] == 70.0


def test_alerts_raised_are_compared_with_alerts_asked_for() -> None:
    on_budget = taught(50, exceeded=4, excess=0.4)
    raised, asked = on_budget.realised()
    assert raised.tolist() == [0.0, 0.0, 0.0]
    assert asked[0] == pytest.approx(100 * 50 * 0.02 * 0.6 / 30.4, rel=0.3)
    assert taught(50, exceeded=4, excess=0.4, alerts=1).realised()[0][0] > 10.0 * asked[0]
