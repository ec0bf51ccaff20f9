"""What the health of an account tells the daily hazard, as of the end of a day."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from detectors.churn.hazard.evidence import AccountEvidence
from detectors.churn.health import AccountHealth
from detectors.churn.policy import ChurnPolicy
from detectors.churn.slide import fade
from detectors.sentiment.trend import trend_of
from schemas.trend import Trend
from schemas.usage import Anomaly, AnomalyCause

_DEFAULT = ChurnPolicy()
_FALLS: Final[frozenset[AnomalyCause]] = frozenset({"drop", "silence"})
_FAILURES: Final[frozenset[AnomalyCause]] = frozenset({"error_surge"})


def evidence_of(health: AccountHealth, *, end: datetime, policy: ChurnPolicy = _DEFAULT) -> AccountEvidence:
    """Return the evidence of an account at the end of a day; signals after it do not count.

    Anomalies count for `live_days`, words for `heard_days`; frustration and threat fade. The share of seats
    in use is unknown.
    """
    oldest = end - timedelta(days=policy.live_days)
    live = [anomaly for anomaly in health.anomalies if oldest <= anomaly.detected_at <= end]
    first = end - timedelta(days=policy.heard_days)
    heard = [words for words in health.heard if first <= words.at <= end]
    weights = [fade(words.at, end, policy.half_life_days) for words in heard]
    trend = _trend_at(health, first, end, policy)
    return AccountEvidence(
        fall_p=_lowest_p(live, _FALLS),
        failure_p=_lowest_p(live, _FAILURES),
        mood=None if trend is None else trend.recent.mean,
        usual_mood=None if trend is None or trend.past is None else trend.past.mean,
        frustration=_most(words.frustration * weight for words, weight in zip(heard, weights, strict=True)),
        threat=_most(words.threat * weight for words, weight in zip(heard, weights, strict=True)),
        asks=frozenset(ask for words in heard for ask in words.asks) if health.wrote else None,
    )


def _trend_at(health: AccountHealth, first: datetime, end: datetime, policy: ChurnPolicy) -> Trend | None:
    """Return the trend of the mood at the end of a day, or None without a message since `first`."""
    moods = tuple(mood for mood in health.moods if mood.at <= end)
    if not moods or moods[-1].at < first:
        return None
    return health.mood_trend(policy) if len(moods) == len(health.moods) else trend_of(moods, policy.mood)


def p_of(anomaly: Anomaly) -> float:
    """Return the p-value of an anomaly from its deviation: one side of a normal distribution."""
    return max(1e-300, 0.5 * math.erfc(abs(anomaly.deviation) / math.sqrt(2.0)))


def _lowest_p(anomalies: Iterable[Anomaly], causes: frozenset[AnomalyCause]) -> float | None:
    return min((p_of(anomaly) for anomaly in anomalies if anomaly.cause in causes), default=None)


def _most(values: Iterable[float]) -> float | None:
    return max(values, default=None)
