"""The chart of one account as SVG: use, the expected band, and what was decided when."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Final

from streams.backtest.records import ReplaySpan, UseSeries

WIDTH: Final = 360
HEIGHT: Final = 150
_TOP: Final = 14
_BOTTOM: Final = 130
_LEFT: Final = 4
_RIGHT: Final = WIDTH - 4
"""The frame of the chart in units of its view box; the page scales it to its own width."""


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A vertical mark at an instant; `style` is a class of the page's style sheet."""

    at: datetime
    style: str
    label: str


@dataclass(frozen=True, slots=True)
class ChartShade:
    """A shaded time, as of an incident."""

    start: datetime
    end: datetime
    label: str


class AccountChart:
    """Draws one account in a span; days are UTC days, a value stands at the middle of its day."""

    def __init__(self, span: ReplaySpan, series: UseSeries) -> None:
        self._first = span.start.toordinal()
        self._days = range(self._first, (span.end - timedelta(seconds=1)).toordinal() + 1)
        self._series = series
        highs = [outlook.high for day, outlook in series.expected.items() if day in self._days]
        self._most = max([1.0, *(self._use(day) for day in self._days), *highs])

    def _use(self, day: int) -> float:
        use = self._series.days.get(day)
        return 0.0 if use is None else use.quantity

    def svg(self, marks: Sequence[ChartMark], shades: Sequence[ChartShade]) -> str:
        """Return the chart as an SVG element that fits the width of the page."""
        parts = [
            *(self._shade(shade) for shade in shades),
            *self._bands(),
            self._failures(),
            self._line(self._points(self._days_since_first(), self._use), "use"),
            *(self._mark(mark) for mark in marks),
            *self._labels(),
        ]
        title = "use by day, the expected band, and decisions"
        frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}"'
        return f"<svg {frame}>{''.join(parts)}</svg>"

    def _days_since_first(self) -> list[int]:
        """Return the days of the span from the first use of the account on."""
        begun = self._series.first_day
        return [day for day in self._days if begun is not None and day >= begun]

    def _x(self, day: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (day - self._first) / len(self._days)

    def _y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(value / self._most, 1.0)

    def _at(self, at: datetime) -> float:
        seconds = at.hour * 3_600 + at.minute * 60 + at.second
        return min(max(self._x(at.toordinal() + seconds / 86_400), _LEFT), _RIGHT)

    def _point(self, day: int, value: float) -> str:
        return f"{self._x(day + 0.5):.1f},{self._y(value):.1f}"

    def _points(self, days: Iterable[int], value: Callable[[int], float]) -> list[str]:
        return [self._point(day, value(day)) for day in days]

    def _line(self, points: Sequence[str], style: str) -> str:
        return f'<polyline class="{style}" points="{" ".join(points)}"/>' if points else ""

    def _bands(self) -> list[str]:
        """Return a polygon for each run of days with an expectation."""
        expected = self._series.expected
        runs: list[list[int]] = [[]]
        for day in self._days:
            if day in expected:
                runs[-1].append(day)
            elif runs[-1]:
                runs.append([])
        found = []
        for run in [run for run in runs if len(run) > 1]:
            upper = self._points(run, lambda day: expected[day].high)
            lower = self._points(reversed(run), lambda day: expected[day].low)
            found.append(f'<polygon class="band" points="{" ".join([*upper, *lower])}"/>')
            found.append(self._line(self._points(run, lambda day: expected[day].expected), "expected"))
        return found

    def _failures(self) -> str:
        failed = {
            day: use.failed for day, use in self._series.days.items() if use.failed and day in self._days
        }
        bars = (
            f"M{self._x(day + 0.5):.1f},{_BOTTOM}V{self._y(value):.1f}"
            for day, value in sorted(failed.items())
        )
        return f'<path class="failed" d="{"".join(bars)}"/>' if failed else ""

    def _mark(self, mark: ChartMark) -> str:
        x = self._at(mark.at)
        return (
            f'<g class="{mark.style}"><title>{escape(mark.label)}</title>'
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_BOTTOM}"/>'
            f'<circle cx="{x:.1f}" cy="{_TOP}" r="3.5"/></g>'
        )

    def _shade(self, shade: ChartShade) -> str:
        start, end = self._at(shade.start), self._at(shade.end)
        width = max(end - start, 1.5)
        box = f'x="{start:.1f}" y="{_TOP}" width="{width:.1f}" height="{_BOTTOM - _TOP}"'
        return f'<rect class="incident" {box}><title>{escape(shade.label)}</title></rect>'

    def _labels(self) -> list[str]:
        first, last = date.fromordinal(self._days[0]), date.fromordinal(self._days[-1])
        return [
            f'<line class="axis" x1="{_LEFT}" x2="{_RIGHT}" y1="{_BOTTOM}" y2="{_BOTTOM}"/>',
            f'<text x="{_LEFT}" y="{_TOP - 4}">{self._most:,.0f} a day</text>',
            f'<text x="{_LEFT}" y="{HEIGHT - 6}">{first.isoformat()}</text>',
            f'<text x="{_RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{last.isoformat()}</text>',
        ]
