"""The trend of a mood: an account or a conversation against its own past, with a signal only on change.

Pure: the trend is a function of the kept messages, so any order of arrival gives the same trend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from detectors.sentiment.levels import (
    RECOVERED,
    SLID,
    Beliefs,
    Floats,
    LevelPolicy,
    MoodReading,
    believe,
)
from schemas.base import Id, Instant, Record, Share
from schemas.tickets import Sentiment
from schemas.trend import MOST_IDS, Horizon, MoodSignal, MoodStanding, Trend

_UNCERTAIN: Final = "uncertain"
"""The one reason to abstain that keeps probabilities, as in `detectors.sentiment.scores`."""

_PRIOR_SPREAD: Final = 0.33
"""Standard deviation of the mood of ordinary messages, assumed before an account's own. Chosen by hand."""

_PRIOR_MESSAGES: Final = 5.0
"""Messages that `_PRIOR_SPREAD` weighs as much as. Chosen by hand."""

_HALF: Final = 0.5
"""Probability from which a message is counted to a slide or a recovery."""


class ScoredMessage(Record):
    """The mood of one message and its time: the score minus the weighted frustration and threat.

    `negative` and `positive` are the probabilities of these moods, after frustration and threat moved some
    probability to negative. Messages kept by older builds have none; there `value` stands for them.
    """

    event_id: Id
    at: Instant
    value: float
    negative: Share | None = None
    positive: Share | None = None


_LEVELS: Final = LevelPolicy()


@dataclass(frozen=True, slots=True)
class TrendPolicy:
    """The limits of the trend. Chosen by hand if not said otherwise."""

    levels: LevelPolicy = _LEVELS

    certain: float = 0.5
    """Probability from which a slide is one; tuned with `levels`."""

    returned: float = 0.5
    """Probability from which a mood that slid has recovered; tuned with `levels`."""

    frustration_weight: float = 0.3
    """Weight of the frustration in the mood of a message."""

    threat_weight: float = 0.5
    """Weight of the probability of a threat to leave in the mood of a message."""

    recent_half_life_days: float = 14.0
    past_half_life_days: float = 120.0
    """Days after which a message weighs half in the recent mean and in the mean of the own past."""

    recent_days: float = 28.0
    recent_most: int = 8
    """Recent messages of a stable mood: at most so many days before the newest, so many, half of all."""

    memory_days: float = 365.0
    """Days before the newest message for which messages are kept."""

    max_messages: int = 40
    """Newest messages kept; bounds the state and the time."""


DEFAULT: Final = TrendPolicy()


class Scored(Protocol):
    """The parts of a score that the trend needs; `SentimentScore` and `Sentiment` have them."""

    @property
    def score(self) -> float | None:
        """P(positive) - P(negative) in [-1, 1], or None."""

    @property
    def probabilities(self) -> tuple[float, float, float] | None:
        """P(negative), P(neutral) and P(positive), or None."""

    @property
    def abstained(self) -> str | None:
        """The reason to abstain, or None."""

    @property
    def frustration(self) -> float:
        """The frustration in [0, 1]."""

    @property
    def threat(self) -> float | None:
        """The probability of a threat to leave, or None if the model has no such output."""


def scored_message(
    event_id: str, at: datetime, scored: Scored, policy: TrendPolicy = DEFAULT
) -> ScoredMessage | None:
    """Return the mood of a message, or None if the model abstained without probabilities."""
    if scored.score is None or scored.abstained not in (None, _UNCERTAIN):
        return None
    frustration = policy.frustration_weight * scored.frustration
    threat = policy.threat_weight * (scored.threat or 0.0)
    value = scored.score - frustration - threat
    if scored.probabilities is None:
        return ScoredMessage(event_id=event_id, at=at, value=value)
    calm = (1.0 - frustration) * (1.0 - threat)
    negative, positive = 1.0 - calm * (1.0 - scored.probabilities[0]), calm * scored.probabilities[2]
    return ScoredMessage(
        event_id=event_id, at=at, value=value, negative=_share(negative), positive=_share(positive)
    )


def message_of(sentiment: Sentiment, policy: TrendPolicy = DEFAULT) -> ScoredMessage | None:
    """Return the mood of a message from its stored sentiment, as `scored_message` does."""
    return scored_message(sentiment.event_id, sentiment.occurred_at, sentiment, policy)


def keep(
    old: Sequence[ScoredMessage], new: ScoredMessage, policy: TrendPolicy = DEFAULT
) -> tuple[ScoredMessage, ...]:
    """Return the messages to keep with `new` among them, in order of time.

    Of several messages with one id the earliest stays, so the order of arrival does not matter.
    """
    same = [new, *(message for message in old if message.event_id == new.event_id)]
    others = [message for message in old if message.event_id != new.event_id]
    ordered = sorted([*others, min(same, key=_order)], key=_order)[-policy.max_messages :]
    oldest = ordered[-1].at - timedelta(days=policy.memory_days)
    return tuple(message for message in ordered if message.at >= oldest)


def keep_all(
    found: Iterable[ScoredMessage | None], policy: TrendPolicy = DEFAULT
) -> tuple[ScoredMessage, ...]:
    """Return the messages to keep of any number in any order, in order of time; None is left out."""
    kept: tuple[ScoredMessage, ...] = ()
    for message in found:
        kept = kept if message is None else keep(kept, message, policy)
    return kept


def trend_of_sentiments(sentiments: Iterable[Sentiment], policy: TrendPolicy = DEFAULT) -> Trend | None:
    """Return the trend of the sentiments of one account or conversation, in any order; see `trend_of`."""
    messages = [message_of(sentiment, policy) for sentiment in sentiments]
    return trend_of(keep_all(messages, policy), policy)


def trend_of(messages: Sequence[ScoredMessage], policy: TrendPolicy = DEFAULT) -> Trend | None:
    """Return the trend of the messages that `keep` returned, or None without a message.

    >>> from datetime import UTC
    >>> days = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 11)]
    >>> moods = [0.4] * 6 + [-0.8] * 4
    >>> made = [ScoredMessage(event_id=f"e{d.day}", at=d, value=v) for d, v in zip(days, moods, strict=True)]
    >>> found = trend_of(made)
    >>> found.standing, found.recent.texts, found.past.texts, found.event_ids
    ('sliding', 4, 6, ('e7', 'e8', 'e9', 'e10'))
    """
    if not messages:
        return None
    beliefs = believe(_readings(messages), policy.levels)
    standing = _standing(beliefs.now, policy)
    if standing == "stable":
        return _stable(messages, beliefs, policy)
    return _changed(messages, beliefs, standing, policy)


def signal_of(before: Trend | None, after: Trend, at: datetime) -> MoodSignal | None:
    """Return the signal of the change from `before` to `after`, which `at` made known, or None if none is.

    A slide signals once, when it begins; a recovery signals once, after a slide.
    """
    was = "stable" if before is None else before.standing
    if after.standing in (was, "stable"):
        return None
    if after.standing == "recovered" and was != "sliding":
        return None
    direction = "slide" if after.standing == "sliding" else "recovers"
    return MoodSignal(direction=direction, certainty=after.certainty, at=at, trend=after)


def _order(message: ScoredMessage) -> tuple[datetime, str]:
    return message.at, message.event_id


def _readings(messages: Sequence[ScoredMessage]) -> list[MoodReading]:
    gaps = [new.at - old.at for old, new in pairwise(messages)]
    hours = [np.inf, *(gap.total_seconds() / 3_600 for gap in gaps)]
    return [MoodReading(*_moods(message), hour) for message, hour in zip(messages, hours, strict=True)]


def _moods(message: ScoredMessage) -> tuple[float, float]:
    if message.negative is None or message.positive is None:
        return _share(-message.value), _share(message.value)
    return message.negative, message.positive


def _standing(now: Floats, policy: TrendPolicy) -> MoodStanding:
    """Return the last standing: it changes on enough probability and stays otherwise."""
    standing: MoodStanding = "stable"
    for belief in now:
        slid, recovered = belief[SLID], belief[RECOVERED]
        if slid >= policy.certain:
            standing = "sliding"
        elif standing == "sliding" and recovered >= policy.returned:
            standing = "recovered"
        elif slid + recovered < _HALF:
            standing = "stable"
    return standing


def _stable(messages: Sequence[ScoredMessage], beliefs: Beliefs, policy: TrendPolicy) -> Trend:
    oldest = messages[-1].at - timedelta(days=policy.recent_days)
    most = min(policy.recent_most, (len(messages) + 1) // 2)
    recent = [message for message in messages if message.at >= oldest][-most:]
    past = messages[: len(messages) - len(recent)]
    return Trend(
        standing="stable",
        certainty=_share(1.0 - beliefs.now[-1, SLID] - beliefs.now[-1, RECOVERED]),
        texts=len(messages),
        recent=_horizon(recent, policy.recent_half_life_days),
        past=_horizon(past, policy.past_half_life_days) if past else None,
    )


def _changed(
    messages: Sequence[ScoredMessage], beliefs: Beliefs, standing: MoodStanding, policy: TrendPolicy
) -> Trend:
    """Return the trend of a mood that slid: the messages of the slide and those of the recovery apart."""
    last = SLID if standing == "sliding" else RECOVERED
    start = _start(beliefs.later, last, len(messages))
    low_until = len(messages) if last == SLID else start
    low_from = _start(beliefs.later, SLID, low_until)
    made = messages[start:]
    past = [m for m, p in zip(messages[:low_from], beliefs.later, strict=False) if p[SLID] < _HALF]
    return Trend(
        standing=standing,
        certainty=_share(beliefs.now[-1, last]),
        texts=len(messages),
        recent=_horizon(made, policy.recent_half_life_days),
        past=_horizon(past, policy.past_half_life_days) if past else None,
        slid=_horizon(messages[low_from:low_until], policy.recent_half_life_days),
        since=made[0].at,
        event_ids=tuple(message.event_id for message in made[-MOST_IDS:]),
    )


def _start(later: Floats, state: int, end: int) -> int:
    """Return where the run of messages in `state` that ends before `end` begins; at most `end - 1`."""
    start = end - 1
    while start > 0 and later[start - 1, state] >= _HALF:
        start -= 1
    return start


def _horizon(messages: Sequence[ScoredMessage], half_life_days: float) -> Horizon:
    """Return the mean of at least one message, decayed from the newest of them."""
    ages = np.array([(messages[-1].at - message.at).total_seconds() / 86_400 for message in messages])
    values = np.array([message.value for message in messages])
    weights = 0.5 ** (ages / half_life_days)
    mean = float(weights @ values / weights.sum())
    weight = float(weights.sum() ** 2 / (weights @ weights))
    squares = float(((values - mean) ** 2).sum()) + _PRIOR_MESSAGES * _PRIOR_SPREAD**2
    variance = squares / (len(messages) - 1 + _PRIOR_MESSAGES)
    return Horizon(mean=mean, texts=len(messages), weight=weight, error=(variance / weight) ** 0.5)


def _share(value: float) -> float:
    return min(1.0, max(0.0, float(value)))
