"""Alerts against outcomes: precision, recall and lead time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.backtest.outcomes import KnownOutcomes, OutcomeFigures, outcome_figures
from streams.backtest.records import Backtest, ReplaySpan, ReplayStep, UseReplayed, UseSeries
from tests.streams.backtest.histories import MONDAY

DAY = timedelta(days=1)
SPAN = ReplaySpan(MONDAY, MONDAY + 90 * DAY)


def found_with(alerts: Mapping[str, list[int]], others: tuple[str, ...] = ()) -> Backtest:
    """A backtest with alerts on days of the span; the other accounts have use and no alert."""
    steps = [
        ReplayStep(MONDAY + day * DAY, account_id, "opened", "it fell")
        for account_id, days in alerts.items()
        for day in days
    ]
    use = UseReplayed((), {key: UseSeries() for key in (*alerts, *others)}, Counter(), 0)
    return Backtest(SPAN, use, sorted(steps, key=lambda step: step.at), (), (), {})


def left_on(**days: int) -> dict[str, date]:
    return {account_id: (MONDAY + day * DAY).date() for account_id, day in days.items()}


def known(left: dict[str, date], *, until: int = 90, horizon: int = 28) -> KnownOutcomes:
    return KnownOutcomes(left, (MONDAY + until * DAY).date(), horizon)


def test_an_alert_is_right_up_to_the_horizon_before_the_account_leaves() -> None:
    found = found_with({"soon": [10], "edge": [10], "far": [10], "stays": [10]})
    figures = outcome_figures(found, known(left_on(soon=20, edge=38, far=39)))
    assert (figures.precision.count, figures.precision.total) == (2, 4)
    assert (figures.recall.count, figures.recall.total) == (2, 3)
    assert figures.lead_days == (10, 28)
    assert figures.lead_quantiles() == (14.5, 19.0, 23.5)


def test_an_alert_is_open_while_nobody_can_know_and_wrong_after_the_account_left() -> None:
    found = found_with({"young": [80], "gone": [40], "old": [10]})
    figures = outcome_figures(found, known(left_on(gone=30)))
    assert (figures.precision.count, figures.precision.total) == (0, 2)
    assert (figures.open, figures.after_leaving) == (1, 1)
    assert figures.lead_quantiles() is None


def test_the_lead_time_is_that_of_the_first_right_alert() -> None:
    figures = outcome_figures(found_with({"a": [5, 40, 55]}), known(left_on(a=60)))
    assert figures.lead_days == (20,)
    assert (figures.precision.count, figures.precision.total) == (2, 3)


def test_an_account_without_any_use_or_that_left_outside_the_span_is_not_missed() -> None:
    found = found_with({}, others=("early", "late", "inside"))
    left = left_on(early=-1, late=91, inside=50, unknown=50)
    assert outcome_figures(found, known(left)).recall.total == 1


def test_an_account_that_was_alerted_before_the_span_is_found_and_its_alert_is_not_judged() -> None:
    earlier = ReplayStep(MONDAY - 3 * DAY, "a", "opened", "it fell")
    found = replace(found_with({}, others=("a",)), opened_before=(earlier,))
    figures = outcome_figures(found, known(left_on(a=5)))
    assert (figures.recall.count, figures.recall.total) == (1, 1)
    assert figures.lead_days == (8,)
    assert figures.precision.total == 0


def test_the_halves_of_a_span_have_all_alerts_and_all_leavers_once() -> None:
    found = found_with({"a": [5], "b": [44, 50], "c": [80]}, others=("d",))
    outcomes, middle = known(left_on(a=20, b=45, c=89, d=46), until=200), MONDAY + 45 * DAY
    whole = outcome_figures(found, outcomes)
    halves = [outcome_figures(found, outcomes, end=middle), outcome_figures(found, outcomes, start=middle)]
    assert sum(half.precision.total for half in halves) == whole.precision.total == 4
    assert sum(half.recall.total for half in halves) == whole.recall.total == 4
    # The account is alerted in the first half and leaves in the second.
    assert halves[1].recall.count == 2


@given(
    days=st.lists(st.integers(0, 89), max_size=8),
    left=st.none() | st.integers(-10, 120),
    until=st.integers(0, 120),
    horizon=st.integers(1, 60),
)
def test_every_alert_has_one_verdict(days: list[int], left: int | None, until: int, horizon: int) -> None:
    outcomes = known({} if left is None else left_on(a=left), until=until, horizon=horizon)
    figures: OutcomeFigures = outcome_figures(found_with({"a": days}), outcomes)
    assert figures.precision.total + figures.open == len(days)
    assert figures.precision.count + figures.after_leaving <= figures.precision.total
    assert all(0 <= lead <= horizon for lead in figures.lead_days)
    low, high = figures.precision.interval
    assert 0.0 <= low <= figures.precision.share <= high <= 1.0 or not figures.precision.total


def test_a_time_of_the_last_day_belongs_to_the_span() -> None:
    at = datetime(2026, 3, 2, 23, 59, tzinfo=MONDAY.tzinfo)
    assert ReplaySpan(MONDAY, MONDAY + DAY).holds(at)
    assert not ReplaySpan(MONDAY, MONDAY + DAY).holds(MONDAY + DAY)
