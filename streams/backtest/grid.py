"""Which budget and which least score to set: a backtest for each point of a grid, and a choice among them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from detectors.alert_rules import AlertRules
from streams.backtest.outcomes import KnownOutcomes, OutcomeFigures, outcome_figures
from streams.backtest.recording import Recording
from streams.backtest.records import Backtest
from streams.backtest.replay import GroupMakers, replay_churn, replay_use
from streams.backtest.results import outcomes_json

BUDGETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1)
"""Alerts per account-month that are tried. Chosen by hand: from a fourth of the default to five times it."""

SCORES: Final = (0.3, 0.5, 0.7)
"""Least scores that are tried. Chosen by hand: the default and two that are stricter."""

LEAST_PRECISION: Final = 0.5
"""Precision that a proposal should reach: more alerts are right than wrong. Chosen by hand."""

MOST_BUDGET: Final = 0.02
"""The default of the setting: without outcomes more is proposed only if people say what they can look at."""

LEAST_JUDGED: Final = 5
"""Judged alerts in the first half below which the halves are too small to choose on one. Chosen by hand."""


class GridPoint(NamedTuple):
    """Values of the two settings: alerts per account-month, and the least score."""

    alerts_per_month: float
    alert_score: float


@dataclass(frozen=True)
class TriedPoint:
    """A point of the grid and what it gives.

    `alerts` is how many cases open in the span, `monthly` how many a month, `rate` how many per
    account-month. `whole`, `first` and `second` are the figures against outcomes in the span and in its
    halves; None without outcomes.
    """

    point: GridPoint
    alerts: int
    monthly: float
    rate: float
    explained: int
    incidents: int
    whole: OutcomeFigures | None = None
    first: OutcomeFigures | None = None
    second: OutcomeFigures | None = None


@dataclass(frozen=True)
class Advice:
    """The point to set, why, and how it did on the half of the history on which it was not chosen."""

    chosen: TriedPoint
    why: str
    held_out: str


class AlertGrid(NamedTuple):
    """The rules that are varied, and the budgets and least scores that are tried."""

    rules: AlertRules
    budgets: Sequence[float] = BUDGETS
    scores: Sequence[float] = SCORES


def try_grid(
    recording: Recording,
    makers: GroupMakers,
    grid: AlertGrid,
    known: KnownOutcomes | None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[TriedPoint]:
    """Yield the points of a grid in order of budget and score; each budget replays the use once."""
    for budget in grid.budgets:
        usage = grid.rules.within(alerts_per_month=budget, alert_score=grid.scores[0]).usage
        use = replay_use(recording, makers.use(usage), progress)
        for score in grid.scores:
            rules = grid.rules.within(alerts_per_month=budget, alert_score=score)
            found = replay_churn(recording, use, makers.churn(rules))
            yield _tried(GridPoint(budget, score), found, known)


def _tried(point: GridPoint, backtest: Backtest, known: KnownOutcomes | None) -> TriedPoint:
    opened, months = backtest.count("opened"), backtest.account_months
    found = TriedPoint(
        point,
        opened,
        opened / backtest.span.months,
        opened / months if months else 0.0,
        backtest.count("explained"),
        len(backtest.incidents),
    )
    if known is None:
        return found
    middle = middle_of(backtest.span.start, backtest.span.end)
    return TriedPoint(
        *(found.point, found.alerts, found.monthly, found.rate, found.explained, found.incidents),
        whole=outcome_figures(backtest, known),
        first=outcome_figures(backtest, known, end=middle),
        second=outcome_figures(backtest, known, start=middle),
    )


def middle_of(start: datetime, end: datetime) -> datetime:
    """Return the midnight, in UTC, next to the middle of a time.

    >>> str(middle_of(datetime(2026, 3, 1), datetime(2026, 3, 4)))
    '2026-03-03 00:00:00'
    """
    middle = start + (end - start) / 2 + timedelta(hours=12)
    return middle.replace(hour=0, minute=0, second=0, microsecond=0)


class Wish(NamedTuple):
    """What people ask for: their present settings, alerts a month that they can look at, and a precision."""

    present: GridPoint = GridPoint(0.02, 0.3)
    most_monthly: float | None = None
    least_precision: float = LEAST_PRECISION

    def nearness(self, one: TriedPoint) -> tuple[float, float]:
        """Return how near a point is to the present settings, greater is nearer: first by its budget.

        >>> near, far = (TriedPoint(GridPoint(k, 0.3), 0, 0, 0, 0, 0) for k in (0.01, 0.1))
        >>> Wish().nearness(near) > Wish().nearness(far)
        True
        """
        times = one.point.alerts_per_month / self.present.alerts_per_month
        return -abs(math.log(times)), -abs(one.point.alert_score - self.present.alert_score)


def advise(points: Sequence[TriedPoint], wish: Wish) -> Advice:
    """Return the point to set.

    With outcomes it is chosen on the first half of the history: of the points whose precision reaches the
    wish, the one that finds most accounts that leave, then the one with fewer alerts; without such a point,
    the most precise one. Without outcomes it is the greatest budget up to the default that keeps what it
    asks for, or the point that tells most of what people can look at. Of equal points the one nearest to the
    present settings is chosen. Raises ValueError without a point.
    """
    if not points:
        raise ValueError("no point was tried")
    most = wish.most_monthly
    possible = [one for one in points if most is None or one.monthly <= most]
    limit = "" if most is None else f" with at most {most:g} alerts a month"
    if not possible:
        fewest = min(points, key=lambda one: (one.alerts, one.point))
        return Advice(fewest, f"No point stays{limit}; this one has the fewest alerts.", "")
    if any(one.whole is None for one in possible):
        return _without_outcomes(possible, limit, wish)
    return _with_outcomes(possible, limit, wish)


def _without_outcomes(possible: Sequence[TriedPoint], limit: str, wish: Wish) -> Advice:
    if limit:
        best = max(possible, key=lambda one: (one.alerts, *wish.nearness(one)))
        return Advice(best, f"It tells most{limit}.", "")
    kept = [one for one in possible if one.rate <= one.point.alerts_per_month]
    if not kept:
        best = min(possible, key=lambda one: (one.rate / one.point.alerts_per_month, one.point))
        return Advice(best, "No budget is kept on this history; this one is exceeded least.", "")
    modest = [one for one in kept if one.point.alerts_per_month <= MOST_BUDGET] or kept
    best = max(modest, key=lambda one: (one.point.alerts_per_month, wish.nearness(one)[1]))
    return Advice(best, f"It is the greatest budget up to {MOST_BUDGET:g} that this history keeps.", "")


def _with_outcomes(possible: Sequence[TriedPoint], limit: str, wish: Wish) -> Advice:
    least = wish.least_precision
    is_split = max(_figures(one.first).precision.total for one in possible) >= LEAST_JUDGED

    def figures(one: TriedPoint) -> OutcomeFigures:
        return _figures(one.first if is_split else one.whole)

    precise = [one for one in possible if _reaches(figures(one), least)]
    if precise:
        best = max(precise, key=lambda one: (figures(one).recall.share, -one.alerts, wish.nearness(one)))
        why = f"Of the points with a precision of {least:.2f} or more{limit}, it finds most that leave."
    else:
        best = max(possible, key=lambda one: (figures(one).precision.interval[0], wish.nearness(one)))
        why = f"No point{limit} reaches a precision of {least:.2f}; this one is surest to be precise."
    return Advice(best, why, _held_out(best) if is_split else _NOT_SPLIT)


_NOT_SPLIT: Final = (
    "The first half has too few judged alerts, so it is chosen and judged on the same history."
)


def _reaches(figures: OutcomeFigures, least: float) -> bool:
    return figures.precision.total > 0 and figures.precision.share >= least


def _figures(figures: OutcomeFigures | None) -> OutcomeFigures:
    if figures is None:
        raise ValueError("a point was tried without outcomes")
    return figures


def _held_out(chosen: TriedPoint) -> str:
    later = _figures(chosen.second).precision
    if not later.total:
        return "It is chosen on the first half of the history; the second half has no judged alert."
    low, high = later.interval
    shown = f"{100 * later.share:.0f} % ({100 * low:.0f}–{100 * high:.0f} %)"
    return f"It is chosen on the first half of the history; on the second half its precision is {shown}."


def environment_of(point: GridPoint) -> dict[str, str]:
    """Return the environment variables that set a point.

    >>> environment_of(GridPoint(0.02, 0.3))
    {'RAPPORT_ALERTS_PER_MONTH': '0.02', 'RAPPORT_ALERT_SCORE': '0.3'}
    """
    return {
        "RAPPORT_ALERTS_PER_MONTH": f"{point.alerts_per_month:g}",
        "RAPPORT_ALERT_SCORE": f"{point.alert_score:g}",
    }


def grid_json(points: Sequence[TriedPoint], advice: Advice, known: KnownOutcomes | None) -> dict[str, Any]:
    """Return all points and the advice as JSON."""
    return {
        "set": environment_of(advice.chosen.point),
        "why": advice.why,
        "held_out": advice.held_out,
        "points": [_point_json(one, known) for one in points],
    }


def _point_json(one: TriedPoint, known: KnownOutcomes | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "alerts_per_month": one.point.alerts_per_month,
        "alert_score": one.point.alert_score,
        "alerts": one.alerts,
        "alerts_a_month": round(one.monthly, 2),
        "alerts_per_account_month": round(one.rate, 4),
        "explained": one.explained,
        "incidents": one.incidents,
    }
    halves = {"outcomes": one.whole, "first_half": one.first, "second_half": one.second}
    if known is not None:
        found |= {name: outcomes_json(half, known) for name, half in halves.items() if half is not None}
    return found
