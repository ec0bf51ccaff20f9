"""The occasion of an outreach: its cause, its facts and the query that finds help."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from responders.drafting.usage_facts import alert_facts, anomaly_fact
from responders.drafting.usage_words import metric_words
from responders.generation.brief import Fact
from schemas.base import Record
from schemas.churn import ChurnAlert
from schemas.usage import Anomaly

_NO_METRIC: Final = frozenset({"", "sentiment"})
_QUERY_STARTS: Final = {
    "drop": "get more out of",
    "silence": "getting started again with",
    "error_surge": "why do they fail: troubleshooting",
    "mood_slide": "contact support about",
    "combined": "troubleshooting",
    "churn_risk": "get more out of",
}


class Occasion(Record):
    """The reason to write: id and cause of the alert or anomaly, its facts, the subject, and the query."""

    based_on: str
    cause: str
    subject: str
    query: str
    facts: tuple[Fact, ...]


def occasion_of(cause: ChurnAlert | Anomaly, *, names: Mapping[str, str], now: datetime) -> Occasion:
    """Return the occasion of an alert or an anomaly; `names` are the operator's words for metrics."""
    if isinstance(cause, Anomaly):
        based_on, metric = cause.anomaly_id, cause.metric
        facts: tuple[Fact, ...] = (anomaly_fact(cause, names=names, now=now),)
    else:
        based_on, facts = cause.alert_id, alert_facts(cause, names=names, now=now)
        metric = facts[0].name.partition(": ")[2] if facts else (cause.chart_metric or "")
    measured = metric not in _NO_METRIC
    topic = metric_words(metric, names) if measured else "our support"
    return Occasion(
        based_on=based_on,
        cause=cause.cause,
        subject=f"About {topic} on your account"[:1_000] if measured else "How can we help?",
        query=f"{_QUERY_STARTS[cause.cause]} {topic}",
        facts=facts,
    )
