"""The HTML page of a recommendation: the table of the grid, and the trade-off as charts."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

from markupsafe import Markup

from streams.backtest.grid import Advice, TriedPoint, environment_of
from streams.backtest.page import environment
from streams.backtest.summary import share_told

WIDTH: Final = 360
HEIGHT: Final = 200
_LEFT: Final = 34
_RIGHT: Final = 350
_TOP: Final = 14
_BOTTOM: Final = 168


class _Dot(NamedTuple):
    """A point of a chart, its interval if it has one, and whether it is proposed."""

    x: float
    y: float
    interval: tuple[float, float] | None
    is_chosen: bool
    label: str


class TradeOff(NamedTuple):
    """A chart: its title, and the SVG."""

    title: str
    chart: Markup


COLUMNS: Final = ("budget", "score", "alerts a month", "per account-month", "explained")
OUTCOME_COLUMNS: Final = ("precision", "recall", "lead time")


def grid_columns(*, has_outcomes: bool) -> tuple[str, ...]:
    """Return the headings of the table."""
    return COLUMNS + OUTCOME_COLUMNS if has_outcomes else COLUMNS


def grid_cells(one: TriedPoint) -> tuple[str, ...]:
    """Return the cells of a point, in the order of `grid_columns`."""
    point = one.point
    cells = (
        f"{point.alerts_per_month:g}",
        f"{point.alert_score:g}",
        f"{one.monthly:.1f}",
        f"{one.rate:.4f}",
        f"{one.explained:,}",
    )
    if one.whole is None:
        return cells
    lead = one.whole.lead_quantiles()
    days = "–" if lead is None else f"{lead[1]:.0f} days"
    return (*cells, share_told(one.whole.precision), share_told(one.whole.recall), days)


def short_columns(*, has_outcomes: bool) -> tuple[str, ...]:
    """Return the headings of the table in a terminal of 80 columns."""
    plain = ("budget", "score", "alerts a month", "explained")
    return (*plain, "precision", "recall", "lead") if has_outcomes else plain


def short_cells(one: TriedPoint) -> tuple[str, ...]:
    """Return the cells of a point, in the order of `short_columns`; intervals are on the page only."""
    budget, score, monthly, _, explained = grid_cells(one)[: len(COLUMNS)]
    plain = (budget, score, monthly, explained)
    if one.whole is None:
        return plain
    shares = (one.whole.precision, one.whole.recall)
    told = (f"{100 * share.share:.0f} % of {share.total}" if share.total else "–" for share in shares)
    return (*plain, *told, grid_cells(one)[-1])


def grid_page(points: Sequence[TriedPoint], advice: Advice, *, span: str, note: str) -> str:
    """Return the page; `span` is the time of the history, `note` says what was read."""
    has_outcomes = advice.chosen.whole is not None
    rows: list[Mapping[str, object]] = [
        {"cells": grid_cells(one), "is_chosen": one.point == advice.chosen.point} for one in points
    ]
    return (
        environment()
        .get_template("recommend.html")
        .render(
            span=span,
            note=note,
            advice=advice,
            variables=environment_of(advice.chosen.point),
            columns=grid_columns(has_outcomes=has_outcomes),
            rows=rows,
            charts=_charts(points, advice),
        )
    )


def _charts(points: Sequence[TriedPoint], advice: Advice) -> list[TradeOff]:
    if advice.chosen.whole is None:
        explained = [_dot(one, advice, float(one.explained)) for one in points]
        return [TradeOff("Alerts a month, and alerts that an incident explains", _svg(explained))]
    judged = [(one, one.whole) for one in points if one.whole is not None]
    precision = [
        _dot(one, advice, whole.precision.share, whole.precision.interval)
        for one, whole in judged
        if whole.precision.total
    ]
    recall = [_dot(one, advice, whole.recall.share) for one, whole in judged if whole.recall.total]
    lead = [_dot(one, advice, found[1]) for one, whole in judged if (found := whole.lead_quantiles())]
    charts = [
        TradeOff("Alerts a month against precision, with 95 % intervals", _svg(precision, most=1.0)),
        TradeOff(
            "Alerts a month against the share of leaving accounts that are found", _svg(recall, most=1.0)
        ),
        TradeOff("Alerts a month against lead time in days (median)", _svg(lead)),
    ]
    return [chart for chart in charts if chart.chart]


def _dot(one: TriedPoint, advice: Advice, value: float, interval: tuple[float, float] | None = None) -> _Dot:
    label = f"budget {one.point.alerts_per_month:g}, score {one.point.alert_score:g}"
    return _Dot(one.monthly, value, interval, one.point == advice.chosen.point, label)


def _svg(dots: Sequence[_Dot], *, most: float | None = None) -> Markup:
    """Return a chart of alerts a month against a value; empty without a dot."""
    if not dots:
        return Markup()
    right = max([1.0, *(dot.x for dot in dots)])
    top = most or max([1.0, *(dot.y for dot in dots)])
    parts = [_drawn(dot, right, top) for dot in sorted(dots, key=lambda dot: dot.is_chosen)]
    axes = f"M{_LEFT},{_TOP}V{_BOTTOM}H{_RIGHT}"
    labels = (
        f'<text x="{_LEFT - 4}" y="{_TOP + 4}" text-anchor="end">{top:g}</text>'
        f'<text x="{_LEFT - 4}" y="{_BOTTOM}" text-anchor="end">0</text>'
        f'<text x="{_RIGHT}" y="{_BOTTOM + 14}" text-anchor="end">{right:.1f}</text>'
        f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 26}" text-anchor="middle">alerts a month</text>'
    )
    frame = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="trade-off">'
    # Only numbers and escaped labels are in it.
    return Markup(f'{frame}<path class="axis" fill="none" d="{axes}"/>{labels}{"".join(parts)}</svg>')


def _drawn(dot: _Dot, right: float, top: float) -> str:
    x = _LEFT + (_RIGHT - _LEFT) * dot.x / right
    style = "dot chosen" if dot.is_chosen else "dot"
    low, high = dot.interval or (dot.y, dot.y)
    ends = [_BOTTOM - (_BOTTOM - _TOP) * value / top for value in (low, high, dot.y)]
    return (
        f'<line class="range" x1="{x:.1f}" x2="{x:.1f}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}"/>'
        f'<circle class="{style}" cx="{x:.1f}" cy="{ends[2]:.1f}" r="3.5"><title>{escape(dot.label)}</title>'
        "</circle>"
    )
