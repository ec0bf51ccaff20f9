"""Small charts as geometry: numbers in, SVG coordinates out. The templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.tickets import Sentiment
from schemas.usage import ChartPoint

WIDTH: Final = 480
HEIGHT: Final = 120
MARGIN: Final = 6


@dataclass(frozen=True, slots=True)
class Band:
    """Observed and expected values: `points` attributes of an SVG in a view box of 480 by 120.

    `bands` are closed polygons, one per run of points with an expectation. `top` is the value at the upper
    edge, `bottom` the value at the lower edge: 0, or the lowest negative value.
    """

    observed: str
    expected: tuple[str, ...]
    bands: tuple[str, ...]
    last: tuple[str, str]
    top: float
    bottom: float
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Dot:
    """One scored message: its position, label, time and score."""

    x: str
    y: str
    label: str
    at: datetime
    score: float


@dataclass(frozen=True, slots=True)
class MoodTrend:
    """Scores of -1 to 1 over time: one dot per scored message and the line through them."""

    dots: tuple[Dot, ...]
    line: str
    start: datetime
    end: datetime


def band(points: Sequence[ChartPoint]) -> Band | None:
    """Return the chart of a series in time order, or None for fewer than two points."""
    if len(points) < 2:
        return None
    frame = _frame(points)
    runs = _runs(points)
    return Band(
        observed=" ".join(frame.at(point.at, point.observed) for point in points),
        expected=tuple(_line(frame, run) for run in runs),
        bands=tuple(_polygon(frame, run) for run in runs),
        last=frame.xy(points[-1].at, points[-1].observed),
        top=frame.top,
        bottom=frame.bottom,
        start=points[0].at,
        end=points[-1].at,
    )


def mood_trend(moods: Sequence[Sentiment]) -> MoodTrend | None:
    """Return the trend of the scored messages in time order, or None for fewer than two."""
    scored = [mood for mood in moods if mood.score is not None and mood.label is not None]
    if len(scored) < 2:
        return None
    frame = _Frame(scored[0].occurred_at, scored[-1].occurred_at, -1.0, 1.0)
    dots = tuple(_dot(frame, mood) for mood in scored)
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    return MoodTrend(dots, line, scored[0].occurred_at, scored[-1].occurred_at)


@dataclass(frozen=True, slots=True)
class _Frame:
    start: datetime
    end: datetime
    bottom: float
    top: float

    def xy(self, moment: datetime, value: float) -> tuple[str, str]:
        seconds = (self.end - self.start).total_seconds() or 1.0
        across = (moment - self.start).total_seconds() / seconds
        up = (value - self.bottom) / ((self.top - self.bottom) or 1.0)
        x = MARGIN + across * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)
        return f"{x:.1f}", f"{y:.1f}"

    def at(self, moment: datetime, value: float) -> str:
        return ",".join(self.xy(moment, value))


def _frame(points: Sequence[ChartPoint]) -> _Frame:
    values = [
        value for point in points for value in (point.observed, point.high, point.low) if value is not None
    ]
    return _Frame(points[0].at, points[-1].at, min(0.0, *values), max(values) or 1.0)


def _runs(points: Sequence[ChartPoint]) -> list[list[ChartPoint]]:
    runs: list[list[ChartPoint]] = [[]]
    for point in points:
        if point.low is None or point.high is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _line(frame: _Frame, run: Sequence[ChartPoint]) -> str:
    return " ".join(frame.at(point.at, point.expected) for point in run if point.expected is not None)


def _polygon(frame: _Frame, run: Sequence[ChartPoint]) -> str:
    upper = [frame.at(point.at, point.high) for point in run if point.high is not None]
    lower = [frame.at(point.at, point.low) for point in reversed(run) if point.low is not None]
    return " ".join(upper + lower)


def _dot(frame: _Frame, mood: Sentiment) -> Dot:
    score = mood.score or 0.0
    x, y = frame.xy(mood.occurred_at, score)
    return Dot(x, y, mood.label or "neutral", mood.occurred_at, score)
