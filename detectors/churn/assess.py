"""The churn alert that an account's health calls for, with its reasons, or none."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from detectors.churn.actions import DUE_DAYS, NEXT_ACTION, RULE
from detectors.churn.health import AccountHealth
from detectors.churn.policy import ChurnPolicy
from detectors.churn.slide import expected_band, fade, fine_mood, marked_past, mood_chart
from detectors.churn.stakes import stakes_of_account
from schemas.churn import AlertCause, ChurnAlert, Contribution, Severity
from schemas.knowledge import Account
from schemas.trend import Horizon, Trend
from schemas.usage import Anomaly, ChartPoint

_DEFAULT = ChurnPolicy()

_STRONGEST = 0.95
"""Highest strength of one signal: no signal alone makes a departure certain. Chosen by hand."""

_SILENCE_STRENGTH = 0.85
"""Strength of new silence, whatever its length. Chosen by hand."""

_DROP_STRENGTH = 0.9
"""Strength of a new drop of activity to zero; a smaller drop counts in proportion. Chosen by hand."""

_KIND_DROP_STRENGTH = 0.75
"""Strength of a new drop of one kind to zero; a smaller drop counts in proportion. Chosen by hand."""

_SURGE_STRENGTH = 0.4
"""Strength of new failures at their expectation; each further multiple adds `_SURGE_STEP`. By hand."""

_SURGE_STEP = 0.02
_MOST_SURGE_STRENGTH = 0.75
"""Highest strength of a new surge of failures. Chosen by hand."""

_SLIDE_STRENGTH = 0.3
"""Strength of a new slide of the mood by nothing; each unit of the fall adds `_SLIDE_STEP`. By hand."""

_SLIDE_STEP = 0.5


class LiveSignal(NamedTuple):
    """One live signal: its strength in [0, 1] now, its cause, and its presentation in the alert."""

    strength: float
    cause: AlertCause
    contribution: Contribution
    started_at: datetime
    seen_at: datetime
    chart: tuple[ChartPoint, ...]
    chart_metric: str


class _Case(NamedTuple):
    """The parts of an alert."""

    account_id: str
    account: Account | None
    reasons: list[LiveSignal]
    contrary: tuple[str, ...]


def assess(
    health: AccountHealth, *, account: Account | None, now: datetime, policy: ChurnPolicy = _DEFAULT
) -> ChurnAlert | None:
    """Return the alert that this health calls for at event time `now`, or None.

    Returns None if no live signal is strong or fresh enough, if an alert of the same cause was raised within
    the cool-down, or if this slide of the mood raised one before. The contributions' shares sum to 1. Pure:
    after storing the alert, the caller passes it to `AccountHealth.after_alert`.
    """
    trend = health.mood_trend(policy)
    reasons = _reasons(health, trend, now, policy)
    if not reasons:
        return None
    cause = _cause(reasons)
    fresh = max(reason.seen_at for reason in reasons) >= now - timedelta(days=policy.fresh_days)
    if not fresh or health.resting(cause, now, policy):
        return None
    if cause == "mood_slide" and health.told(trend):
        return None
    return present(health, account=account, now=now, policy=policy)


def present(
    health: AccountHealth, *, account: Account | None, now: datetime, policy: ChurnPolicy = _DEFAULT
) -> ChurnAlert | None:
    """Return the alert of the signals that are live at event time `now`, whether or not one is due.

    It keeps the text of an open case current. None if no signal is live or strong enough.
    """
    trend = health.mood_trend(policy)
    reasons = _reasons(health, trend, now, policy)
    if not reasons or _together(reasons) < policy.alert_score:
        return None
    contrary = _contrary(health, trend, now, policy)
    return _alert(_Case(health.account_id, account, reasons, contrary), now=now, policy=policy)


def risk_of(
    health: AccountHealth, *, now: datetime, policy: ChurnPolicy = _DEFAULT
) -> tuple[float, AlertCause | None]:
    """Return the score in [0, 1] of all live signals at event time `now`, and their cause; (0, None) if none.

    It is the score that an alert at this time would have, whether or not one is due.

    >>> risk_of(AccountHealth(account_id="acme"), now=datetime(2026, 3, 2))
    (0.0, None)
    """
    reasons = _reasons(health, health.mood_trend(policy), now, policy)
    return (_together(reasons), _cause(reasons)) if reasons else (0.0, None)


def _reasons(
    health: AccountHealth, trend: Trend | None, now: datetime, policy: ChurnPolicy
) -> list[LiveSignal]:
    oldest = now - timedelta(days=policy.live_days)
    live = [anomaly for anomaly in health.anomalies if anomaly.detected_at >= oldest]
    newest = {(anomaly.cause, anomaly.metric): anomaly for anomaly in live}
    reasons = [_of_anomaly(anomaly, now, policy) for anomaly in newest.values()]
    past = None if trend is None else marked_past(trend, health.moods, policy)
    if trend is not None and past is not None and health.moods[-1].at >= oldest:
        reasons.append(_of_slide(health, trend, past, now, policy))
    return sorted(reasons, key=lambda reason: (-reason.strength, reason.contribution.name))


def strength_of(anomaly: Anomaly) -> float:
    """Return the strength of one anomaly as a reason to leave, in [0, 0.9], before any decay."""
    if anomaly.cause == "silence":
        return _SILENCE_STRENGTH
    if anomaly.cause == "drop":
        lost = 1.0 - anomaly.observed / anomaly.expected if anomaly.expected > 0.0 else 0.0
        weight = _DROP_STRENGTH if anomaly.metric == "activity" else _KIND_DROP_STRENGTH
        return weight * min(1.0, max(0.0, lost))
    times = anomaly.observed / max(anomaly.expected, 1.0)
    return min(_MOST_SURGE_STRENGTH, _SURGE_STRENGTH + _SURGE_STEP * max(0.0, times - 1.0))


def _of_anomaly(anomaly: Anomaly, now: datetime, policy: ChurnPolicy) -> LiveSignal:
    strength = strength_of(anomaly) * fade(anomaly.detected_at, now, policy.half_life_days)
    contribution = Contribution(
        name=f"{anomaly.cause}: {anomaly.metric}"[:300],
        summary=anomaly.summary,
        observed=anomaly.observed,
        expected_low=anomaly.expected_low,
        expected_high=anomaly.expected_high,
        share=0.0,
        samples=anomaly.sample_count,
        source_ids=(anomaly.anomaly_id,),
    )
    return LiveSignal(
        strength,
        anomaly.cause,
        contribution,
        anomaly.started_at,
        anomaly.detected_at,
        anomaly.chart,
        anomaly.metric,
    )


def _of_slide(
    health: AccountHealth, trend: Trend, past: Horizon, now: datetime, policy: ChurnPolicy
) -> LiveSignal:
    recent, newest = trend.recent, health.moods[-1].at
    at_first = min(_STRONGEST, _SLIDE_STRENGTH + _SLIDE_STEP * (past.mean - recent.mean))
    low, high = expected_band(trend, past)
    contribution = Contribution(
        name="mood_slide: sentiment",
        summary=f"mood of the last {recent.texts} messages is {recent.mean:+.2f};"
        f" it was {past.mean:+.2f} in the {past.texts} before",
        observed=recent.mean,
        expected_low=low,
        expected_high=high,
        share=0.0,
        samples=recent.texts + past.texts,
        source_ids=trend.event_ids,
    )
    return LiveSignal(
        max(0.0, at_first) * fade(newest, now, policy.half_life_days),
        "mood_slide",
        contribution,
        trend.since or newest,
        newest,
        mood_chart(trend, past, health.moods),
        "sentiment",
    )


def _cause(reasons: list[LiveSignal]) -> AlertCause:
    causes = {reason.cause for reason in reasons}
    return "combined" if "mood_slide" in causes and len(causes) > 1 else reasons[0].cause


def _together(reasons: list[LiveSignal]) -> float:
    """Return the score of all signals, combined as independent reasons to leave."""
    stays = 1.0
    for reason in reasons:
        stays *= 1.0 - min(_STRONGEST, reason.strength)
    return 1.0 - stays


def _alert(case: "_Case", *, now: datetime, policy: ChurnPolicy) -> ChurnAlert:
    account_id, account, reasons, contrary = case
    cause, score = _cause(reasons), _together(reasons)
    severity = _severity(score, account, now, policy)
    started_at = min(reason.started_at for reason in reasons)
    key = _identity(account_id, cause, started_at)
    return ChurnAlert(
        alert_id="al-" + key,
        dedup_key="dk-" + key,
        account_id=account_id,
        cause=cause,
        severity=severity,
        score=score,
        sentence=_sentence(reasons, account, account_id),
        contributions=_shared_out(reasons),
        contrary=contrary,
        next_action=NEXT_ACTION[cause],
        stakes=stakes_of_account(account),
        chart=reasons[0].chart,
        chart_metric=reasons[0].chart_metric,
        started_at=started_at,
        detected_at=now,
        due_at=now + timedelta(days=DUE_DAYS[severity]),
        rule=RULE,
    )


def _identity(account_id: str, cause: AlertCause, started_at: datetime) -> str:
    text = "\n".join((account_id, cause, started_at.isoformat()))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _severity(score: float, account: Account | None, now: datetime, policy: ChurnPolicy) -> Severity:
    renewal = account.renewal_on if account else None
    near = renewal is not None and now <= renewal <= now + timedelta(days=policy.renewal_near_days)
    weighed = score * policy.renewal_factor if near else score
    if weighed >= policy.critical_score:
        return "critical"
    return "warning" if weighed >= policy.warning_score else "watch"


def _sentence(reasons: list[LiveSignal], account: Account | None, account_id: str) -> str:
    name = account.name if account else account_id
    summaries = "; ".join(reason.contribution.summary for reason in reasons[:2])
    return f"{name}: {summaries}."[:1_000]


def _shared_out(reasons: list[LiveSignal]) -> tuple[Contribution, ...]:
    whole = sum(reason.strength for reason in reasons)
    return tuple(
        reason.contribution.model_copy(update={"share": reason.strength / whole}) for reason in reasons
    )


def _contrary(
    health: AccountHealth, trend: Trend | None, now: datetime, policy: ChurnPolicy
) -> tuple[str, ...]:
    """Return sentences about signals that still look fine: only measured signals, never unknown ones."""
    oldest = now - timedelta(days=policy.live_days)
    causes = {anomaly.cause for anomaly in health.anomalies if anomaly.detected_at >= oldest}
    days = f"in the last {policy.live_days:.0f} days"
    mood = None if trend is None else fine_mood(trend)
    fine = [] if mood is None else [mood]
    if causes and "error_surge" not in causes:
        fine.append(f"no surge of failures was detected {days}")
    if "error_surge" in causes and not causes & {"drop", "silence"}:
        fine.append(f"no fall of activity was detected {days}")
    return tuple(fine)
