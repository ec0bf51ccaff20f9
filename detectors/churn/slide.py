"""The slide of an account's mood as a reason for an alert, with its expected band and its chart."""

from collections.abc import Sequence
from datetime import datetime
from math import hypot

from detectors.churn.policy import ChurnPolicy
from detectors.sentiment.trend import ScoredMessage
from schemas.trend import Horizon, Trend
from schemas.usage import ChartPoint

_DAY = 86_400.0
"""Seconds in a day."""

_LOWEST_MOOD = -1.8
"""A score of -1 minus the weights of full frustration, 0.3, and of a certain threat, 0.5."""


def fade(at: datetime, now: datetime, half_life_days: float) -> float:
    """Return the weight of a signal by its age: 1 when it is new, 0.5 after one half-life.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 3, 2, tzinfo=UTC)
    >>> fade(now - timedelta(days=7), now, 7.0), fade(now + timedelta(days=7), now, 7.0)
    (0.5, 1.0)
    """
    age_days = max(0.0, (now - at).total_seconds() / _DAY)
    return float(0.5 ** (age_days / half_life_days))


def marked_past(trend: Trend, moods: Sequence[ScoredMessage], policy: ChurnPolicy) -> Horizon | None:
    """Return the past against which the mood slides, or None without a marked slide.

    A slide is marked if it is certain enough, has enough messages, and `moods` span several days.
    """
    span = (moods[-1].at - moods[0].at).total_seconds() / _DAY
    is_marked = (
        trend.standing == "sliding"
        and trend.certainty >= policy.mood_certainty
        and trend.recent.texts >= policy.mood_least
        and span >= policy.mood_span_days
    )
    return trend.past if is_marked else None


def expected_band(trend: Trend, past: Horizon) -> tuple[float, float]:
    """Return the band that the recent mean would usually be in: two standard errors around the past."""
    error = 2.0 * hypot(past.error, trend.recent.error)
    return max(_LOWEST_MOOD, past.mean - error), min(1.0, past.mean + error)


def mood_chart(trend: Trend, past: Horizon, moods: Sequence[ScoredMessage]) -> tuple[ChartPoint, ...]:
    """Return the moods over time with the expected band."""
    low, high = expected_band(trend, past)
    return tuple(
        ChartPoint(at=mood.at, observed=mood.value, expected=past.mean, low=low, high=high) for mood in moods
    )


def fine_mood(trend: Trend) -> str | None:
    """Return a sentence about a mood that does not slide, or None if it slides or has no past."""
    recent, past = trend.recent, trend.past
    if trend.standing == "sliding" or past is None:
        return None
    observed = f"mood of the last {recent.texts} messages is {recent.mean:+.2f}"
    if trend.standing == "recovered" and trend.slid is not None:
        return f"{observed}, recovered from a slide to {trend.slid.mean:+.2f} ({past.mean:+.2f} before)"
    return f"{observed}, no slide ({past.mean:+.2f} before)"
