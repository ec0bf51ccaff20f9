"""Whether the trouble of a case is over: the account uses the product as it did, and nothing new speaks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from detectors.churn.hazard.book import UseOfDay
from detectors.churn.hazard.habits import HALF_LIVES
from detectors.churn.hazard.risks import DayRisks
from detectors.churn.hazard.watch import HazardWatch
from detectors.churn.health import AccountHealth
from schemas.churn import AlertCause, ChurnAlert

LEAST_DAYS: Final = 3.0
"""Days without a new anomaly, after the case was opened too, before it can be over. Chosen by hand."""

LEAST_USE: Final = 0.75
"""Share of its usual use at which an account is back, and a day tells of its failures. Chosen by hand."""

MOST_GAP: Final = 3
"""Days since the last use at which an account is still back: a weekend. Chosen by hand."""

MOST_RISK: Final = 0.25
"""Probability of going dark below which an account is no longer at risk: half of what alerts. By hand."""

MOST_FAILURES: Final = 0.5
"""Failures of a day, as a share of the decayed mean per day, at which a surge is over. Chosen by hand."""

THREAT_DAYS: Final = 14.0
LOUD_THREAT: Final = 0.5
"""Days in which a threat to leave of this probability, or an ask to close, keeps a case open. By hand."""

_SPOKEN: Final[frozenset[AlertCause]] = frozenset({"mood_slide", "combined"})
_USUAL: Final = len(HALF_LIVES) - 1


@dataclass(frozen=True, slots=True)
class UseStanding:
    """The use of one account at the end of a day.

    `share` is the recent use per day as a share of the usual, `gap` the days since the last use,
    `probability` that of going dark. `failures` are those of the day as a share of their decayed mean; None
    if none is known, or if the day had too little use to tell.
    """

    end: datetime
    share: float
    gap: int
    probability: float
    failures: float | None


def standing_of(
    watch: HazardWatch, risks: DayRisks, account_id: str, use: UseOfDay | None, end: datetime
) -> UseStanding:
    """Return the standing of an account of the watch at the end of the watch's day; raise KeyError."""
    place = watch.book.places[account_id]
    row = watch.book.habits.rows[place]
    seen = 1.0 - 0.5 ** ((watch.book.day - int(row["first"]) + 1.0) / np.array(HALF_LIVES))
    rates = row["rates"] / seen
    is_busy = use is not None and use.quantity + use.failed >= LEAST_USE * float(rates[_USUAL])
    return UseStanding(
        end=end,
        share=float(rates[0] / rates[_USUAL]) if rates[_USUAL] > 0.0 else 0.0,
        gap=watch.book.day - int(row["last"]),
        probability=float(risks.probability[place]),
        failures=use.failed / float(row["failed"]) if use and is_busy and row["failed"] > 0.0 else None,
    )


def standings_of(
    watch: HazardWatch,
    risks: DayRisks,
    use: Mapping[str, UseOfDay],
    account_ids: Collection[str],
    end: datetime,
) -> dict[str, UseStanding]:
    """Return the standing of each of these accounts that the watch knows, by account, as `standing_of`."""
    known = sorted(set(account_ids) & watch.book.places.keys())
    return {key: standing_of(watch, risks, key, use.get(key), end) for key in known}


def recovered(case: ChurnAlert, health: AccountHealth | None, use: UseStanding) -> str | None:
    """Return a sentence that says why a case is over at the end of a day, or None if it is not.

    Every cause of the case must be over: the use is back, no anomaly is fresh, failures fell, the mood no
    longer slides, nobody threatens to leave, and the probability of going dark is low.
    """
    fresh = use.end - timedelta(days=LEAST_DAYS)
    newest = max((anomaly.detected_at for anomaly in health.anomalies), default=None) if health else None
    if case.detected_at > fresh or (newest is not None and newest > fresh):
        return None
    if use.share < LEAST_USE or use.gap > MOST_GAP or use.probability >= MOST_RISK:
        return None
    causes = case.causes
    if "error_surge" in causes and (use.failures is None or use.failures > MOST_FAILURES):
        return None
    if health is not None and not _is_calm(health, causes, use.end):
        return None
    return (
        f"Its use is back at {use.share:.0%} of the usual, and the probability of no use in the next"
        f" 28 days is {use.probability:.0%}."
    )


def _is_calm(health: AccountHealth, causes: frozenset[AlertCause], end: datetime) -> bool:
    since = end - timedelta(days=THREAT_DAYS)
    loud = any(
        words.at >= since and (words.threat >= LOUD_THREAT or "closing" in words.asks)
        for words in health.heard
    )
    slides = bool(causes & _SPOKEN) and health.trend is not None and health.trend.standing == "sliding"
    return not loud and not slides
