"""Whether the mood of an account slides: its recent messages against its own earlier ones."""

from datetime import datetime
from math import sqrt
from typing import NamedTuple

from detectors.churn.policy import ChurnPolicy
from schemas.base import Id, Instant, Record

_PRIOR_SPREAD = 0.33
_PRIOR_MESSAGES = 5.0
_DAY = 86_400.0


class ScoredMessage(Record):
    """One scored message: the score less the weighted frustration, and its time."""

    event_id: Id
    at: Instant
    value: float


class Slide(NamedTuple):
    """Recent mood (`observed`) against earlier mood (`expected`), both in about [-1.3, 1]."""

    observed: float
    expected: float
    sd: float
    recent: tuple[ScoredMessage, ...]
    earlier: tuple[ScoredMessage, ...]

    @property
    def fall(self) -> float:
        """How far the mood fell."""
        return self.expected - self.observed


def compare(moods: tuple[ScoredMessage, ...], policy: ChurnPolicy) -> Slide | None:
    """Compare the newest messages with those before, at the split where they differ most downwards.

    `moods` are in order of time. None while no split leaves `mood_least` messages on either side.
    """
    most = min(policy.mood_recent, len(moods) - policy.mood_least)
    splits = [_split(moods, count, policy) for count in range(policy.mood_least, most + 1)]
    return max(splits, key=lambda slide: slide.fall / slide.sd, default=None)


def _split(moods: tuple[ScoredMessage, ...], count: int, policy: ChurnPolicy) -> Slide:
    """Compare the last `count` (weighted by age) with the rest.

    The spread is that of the earlier part, drawn towards that of ordinary messages while it is short.
    """
    recent, earlier = moods[-count:], moods[:-count]
    observed = _weighted(recent, moods[-1].at, policy)
    expected = sum(mood.value for mood in earlier) / len(earlier)
    squares = sum((mood.value - expected) ** 2 for mood in earlier)
    variance = (squares + _PRIOR_MESSAGES * _PRIOR_SPREAD**2) / (len(earlier) - 1 + _PRIOR_MESSAGES)
    sd = sqrt(variance * (1.0 / len(recent) + 1.0 / len(earlier)))
    return Slide(observed, expected, sd, recent, earlier)


def _weighted(moods: tuple[ScoredMessage, ...], now: datetime, policy: ChurnPolicy) -> float:
    weights = [fade(mood.at, now, policy.mood_half_life_days) for mood in moods]
    return sum(w * mood.value for w, mood in zip(weights, moods, strict=True)) / sum(weights)


def fade(at: datetime, now: datetime, half_life_days: float) -> float:
    """Return the weight of something that old: 1 when new, a half after one half-life.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 3, 2, tzinfo=UTC)
    >>> fade(now - timedelta(days=7), now, 7.0), fade(now + timedelta(days=7), now, 7.0)
    (0.5, 1.0)
    """
    age_days = max(0.0, (now - at).total_seconds() / _DAY)
    return float(0.5 ** (age_days / half_life_days))


def slides(slide: Slide, policy: ChurnPolicy) -> bool:
    """Whether the fall is large, significant, below neutral, and spread over days and not one bad hour."""
    span = (slide.recent[-1].at - slide.earlier[0].at).total_seconds() / _DAY
    return (
        slide.fall >= policy.mood_fall
        and slide.fall >= policy.mood_sigmas * slide.sd
        and slide.observed <= policy.mood_ceiling
        and span >= policy.mood_span_days
    )
