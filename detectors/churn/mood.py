"""The slide of an account's mood: its recent messages against its own earlier messages."""

from datetime import datetime
from math import sqrt
from typing import NamedTuple

from detectors.churn.policy import ChurnPolicy
from schemas.base import Id, Instant, Record

_PRIOR_SPREAD = 0.33
"""Standard deviation of the mood of ordinary messages, assumed before an account's own. Chosen by hand."""

_PRIOR_MESSAGES = 5.0
"""Messages that `_PRIOR_SPREAD` weighs as much as. Chosen by hand."""

_DAY = 86_400.0
"""Seconds in a day."""


class ScoredMessage(Record):
    """The mood of one message, the score minus the weighted frustration, and its time."""

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
        """How far the mood fell, in units of the score."""
        return self.expected - self.observed


def compare(moods: tuple[ScoredMessage, ...], policy: ChurnPolicy) -> Slide | None:
    """Compare the newest messages with the messages before them, at the split with the most significant fall.

    `moods` are in order of time. Returns None while no split leaves `mood_least` messages on both sides.
    """
    most = min(policy.mood_recent, len(moods) - policy.mood_least)
    splits = [_split(moods, count, policy) for count in range(policy.mood_least, most + 1)]
    return max(splits, key=lambda slide: slide.fall / slide.sd, default=None)


def _split(moods: tuple[ScoredMessage, ...], count: int, policy: ChurnPolicy) -> Slide:
    """Compare the last `count` messages, weighted by age, with the earlier messages.

    The spread of the earlier messages is shrunk towards the spread of ordinary messages while they are few.
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
    """Return the weight of a signal by its age: 1 when it is new, 0.5 after one half-life.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 3, 2, tzinfo=UTC)
    >>> fade(now - timedelta(days=7), now, 7.0), fade(now + timedelta(days=7), now, 7.0)
    (0.5, 1.0)
    """
    age_days = max(0.0, (now - at).total_seconds() / _DAY)
    return float(0.5 ** (age_days / half_life_days))


def is_marked(slide: Slide, policy: ChurnPolicy) -> bool:
    """Return whether the fall is large, significant, below neutral, and spread over several days."""
    span = (slide.recent[-1].at - slide.earlier[0].at).total_seconds() / _DAY
    return (
        slide.fall >= policy.mood_fall
        and slide.fall >= policy.mood_sigmas * slide.sd
        and slide.observed <= policy.mood_ceiling
        and span >= policy.mood_span_days
    )
