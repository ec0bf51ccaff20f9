"""Facts from an anomaly, an incident and a churn alert, with a sentence for the reply."""

from collections.abc import Mapping
from datetime import datetime

from responders.drafting.usage_words import amount, clock, day, metric_words
from responders.generation.brief import Fact
from schemas.churn import ChurnAlert, Contribution, Incident
from schemas.usage import Anomaly


def incident_fact(incident: Incident, *, names: Mapping[str, str], now: datetime) -> Fact:
    """Return the fact that an incident affects the account; it says nothing about other accounts."""
    since, metric = clock(incident.started_at, now=now), metric_words(incident.metric, names)
    said = f"There is an open incident since {since} ({metric}), and your account is among the affected ones."
    return Fact(
        name="incident",
        value=f"{metric}, since {since}",
        quote=said,
        source_id=f"incident:{incident.incident_id}"[:200],
        spoken=said,
        observed_at=incident.detected_at,
    )


def anomaly_fact(anomaly: Anomaly, *, names: Mapping[str, str], now: datetime) -> Fact:
    """Return the fact of an anomaly in the account's usage: plain words to say, and the numbers behind them.

    The numbers are counts in the time from `started_at` to `detected_at`.
    """
    since, metric = clock(anomaly.started_at, now=now), metric_words(anomaly.metric, names)
    usual = f"{amount(anomaly.expected_low)} to {amount(anomaly.expected_high)}"
    seen = f"{amount(anomaly.observed)}, where {usual} would be usual in that time"
    said = f"I can see {noticed(anomaly.cause, metric)} on your account since {since}."
    return Fact(
        name=f"anomaly_{anomaly.cause}",
        value=f"{metric}: {amount(anomaly.observed)} since {since}, usual {usual}",
        quote=f"{said} {metric} since {since}: {seen}. {anomaly.summary}",
        source_id=f"anomaly:{anomaly.anomaly_id}"[:200],
        spoken=said,
        observed_at=anomaly.detected_at,
    )


def noticed(cause: str, metric: str) -> str:
    """Return what anybody would notice in the usage, without a number.

    >>> noticed("drop", "labelled tasks"), noticed("error_surge", "failed training runs")
    ('a clear drop in labelled tasks', 'many more failed training runs than usual')
    """
    if cause == "silence":
        return f"hardly any {metric}"
    return f"a clear drop in {metric}" if cause == "drop" else f"many more {metric} than usual"


def alert_facts(alert: ChurnAlert, *, names: Mapping[str, str], now: datetime) -> tuple[Fact, ...]:
    """Return the facts of an alert's two strongest contributions, strongest first; of none, of its cause.

    A term of a model (it has log-odds) is an estimate for the success manager and no fact for the customer.
    """
    facts = (contribution for contribution in alert.contributions if contribution.log_odds is None)
    strongest = sorted(facts, key=lambda contribution: (-contribution.share, contribution.name))
    told = tuple(_contribution_fact(item, alert, names=names, now=now) for item in strongest[:2])
    return told or _cause_facts(alert, names=names, now=now)


def _cause_facts(alert: ChurnAlert, *, names: Mapping[str, str], now: datetime) -> tuple[Fact, ...]:
    """Return the fact of an alert without contributions; () if nothing plain can be said about its cause."""
    metric = metric_words(alert.chart_metric, names) if alert.chart_metric else ""
    if not metric or alert.cause not in {"drop", "silence", "error_surge"}:
        return ()
    told = f"I can see {noticed(alert.cause, metric)} on your account since {_since(alert, now)}."
    return (
        Fact(
            name=f"{alert.cause}: {alert.chart_metric}",
            value=alert.sentence,
            quote=f"{told} {alert.sentence}",
            source_id=f"alert:{alert.alert_id}"[:200],
            spoken=told,
            observed_at=alert.detected_at,
        ),
    )


def _since(alert: ChurnAlert, now: datetime) -> str:
    return "today" if alert.started_at.date() == now.date() else day(alert.started_at)


def _contribution_fact(
    item: Contribution, alert: ChurnAlert, *, names: Mapping[str, str], now: datetime
) -> Fact:
    """Return a contribution as a fact. The name of a contribution is "cause: metric"."""
    cause, _, metric = item.name.partition(": ")
    told, measured = _told(item, cause, metric_words(metric or cause, names), _since(alert, now))
    quote = f"{told} {measured} {item.summary}"
    return Fact(
        name=item.name,
        value=item.summary,
        quote=" ".join(quote.split()),
        source_id=f"alert:{alert.alert_id}/{item.name}"[:200],
        spoken=told,
        observed_at=alert.detected_at,
    )


def _told(item: Contribution, cause: str, metric: str, since: str) -> tuple[str, str]:
    """Return what to say about a contribution, and the numbers behind it; ("", "") if there is nothing."""
    if cause == "mood_slide":
        return "Your recent messages show that not all has gone well for you lately.", ""
    if item.observed is None or item.expected_low is None or item.expected_high is None:
        return "", ""
    more = item.observed > item.expected_high
    change = "silence" if cause == "silence" else "error_surge" if more else "drop"
    usual = f"{amount(item.expected_low)} to {amount(item.expected_high)} would be usual in that time"
    told = f"I can see {noticed(change, metric)} on your account since {since}."
    return told, f"{metric} since {since}: {amount(item.observed)}, where {usual}."
