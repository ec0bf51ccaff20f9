"""Which point of a grid is proposed, and why."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from streams.backtest.churn_replay import ChurnReplay
from streams.backtest.grid import (
    AlertGrid,
    GridPoint,
    TriedPoint,
    Wish,
    advise,
    environment_of,
    grid_json,
    try_grid,
)
from streams.backtest.outcomes import KnownOutcomes, OutcomeFigures
from streams.backtest.replay import GroupMakers
from streams.backtest.usage_replay import UsageReplay
from streams.evaluate.proportion import Proportion
from tests.streams.backtest.histories import MONDAY, RULES, Recorder, steady_use


def plain(budget: float, rate: float, *, score: float = 0.3, alerts: int = 10) -> TriedPoint:
    return TriedPoint(GridPoint(budget, score), alerts, float(alerts), rate, 0, 0)


def judged(budget: float, right: int, wrong: int, found: int, *, second: int = 0) -> TriedPoint:
    first = OutcomeFigures(Proportion(right, right + wrong), Proportion(found, 10), (5,) * found, 0, 0)
    later = OutcomeFigures(Proportion(second, 4), Proportion(0, 0), (), 0, 0)
    return replace(plain(budget, budget, alerts=right + wrong), whole=first, first=first, second=later)


def test_without_outcomes_the_greatest_budget_up_to_the_default_that_is_kept_is_proposed() -> None:
    points = [plain(0.01, 0.008), plain(0.02, 0.019), plain(0.05, 0.02)]
    assert advise(points, Wish()).chosen.point == GridPoint(0.02, 0.3)
    points[1] = plain(0.02, 0.06)
    assert advise(points, Wish()).chosen.point == GridPoint(0.01, 0.3)
    broken = [plain(0.01, 0.05), plain(0.02, 0.06)]
    advice = advise(broken, Wish())
    assert advice.chosen.point == GridPoint(0.02, 0.3)
    assert "No budget is kept" in advice.why


def test_people_who_say_how_much_they_can_look_at_get_the_point_that_tells_most_within_it() -> None:
    points = [plain(0.01, 0.02, alerts=4), plain(0.02, 0.03, alerts=7), plain(0.05, 0.06, alerts=20)]
    assert advise(points, Wish(most_monthly=8)).chosen.alerts == 7
    least = advise(points, Wish(most_monthly=1))
    assert least.chosen.alerts == 4
    assert "No point" in least.why


def test_with_outcomes_the_precise_point_that_finds_most_leavers_is_proposed() -> None:
    points = [judged(0.01, 4, 1, 3), judged(0.02, 6, 4, 5, second=3), judged(0.05, 8, 30, 8)]
    advice = advise(points, Wish())
    assert advice.chosen.point.alerts_per_month == 0.02
    assert "on the second half its precision is 75 %" in advice.held_out
    assert advise(points, Wish(least_precision=0.8)).chosen.point.alerts_per_month == 0.01


def test_with_outcomes_and_no_precise_point_the_surest_is_proposed_and_said() -> None:
    advice = advise([judged(0.01, 2, 8, 2), judged(0.05, 3, 40, 3)], Wish())
    assert advice.chosen.point.alerts_per_month == 0.01
    assert "reaches a precision of 0.50" in advice.why


def test_too_few_judged_alerts_are_not_split_and_that_is_said() -> None:
    assert "same history" in advise([judged(0.02, 2, 1, 2)], Wish()).held_out


def test_of_equal_points_the_one_nearest_to_the_present_settings_is_proposed() -> None:
    points = [judged(budget, 3, 0, 3) for budget in (0.005, 0.02, 0.1)]
    assert advise(points, Wish()).chosen is points[1]
    assert advise(points, Wish(GridPoint(0.08, 0.3))).chosen is points[2]
    stricter = replace(points[1], point=GridPoint(0.02, 0.5))
    assert advise([stricter, points[1]], Wish()).chosen is points[1]


def test_no_point_is_refused() -> None:
    with pytest.raises(ValueError, match="no point"):
        advise([], Wish())


def test_the_grid_replays_each_budget_and_a_stricter_score_tells_less(recorded: Recorder) -> None:
    recording = recorded(steady_use(days=21, falls={"b": (16.5, 0.4), "c": (18.5, 0.0)}))
    left: dict[str, date] = {"c": (MONDAY + timedelta(days=20)).date()}
    known = KnownOutcomes(left, recording.span.end.date())
    seen: list[int] = []
    makers = GroupMakers(partial(UsageReplay, 1), lambda rules: ChurnReplay(rules, {}))
    grid = AlertGrid(RULES, (0.02, 0.1), (0.3, 0.7))
    points = list(try_grid(recording, makers, grid, known, seen.append))
    assert [point.point for point in points] == [
        GridPoint(0.02, 0.3),
        GridPoint(0.02, 0.7),
        GridPoint(0.1, 0.3),
        GridPoint(0.1, 0.7),
    ]
    assert sum(seen) == 2 * len(recording.use)
    assert [point.alerts for point in points[:2]] == [2, 1]
    told = grid_json(points, advise(points, Wish()), known)
    assert told["set"] == environment_of(advise(points, Wish()).chosen.point)
    assert [point["outcomes"]["recall"]["total"] for point in told["points"]] == [1] * 4
