"""Words for what is measured, for instants and for amounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

LONGEST_AMOUNT: Final = 1e15
"""Counts from this on are written with an exponent, because their digits would fill the sentence."""


def metric_words(metric: str, names: Mapping[str, str]) -> str:
    """Return a metric in the operator's words, or in words made from its dotted name.

    >>> metric_words("training.failed", {}), metric_words("api.call", {}), metric_words("activity", {})
    ('failed training events', 'api call events', 'activity')
    """
    if metric in names:
        return names[metric]
    if metric in {"activity", "errors"}:
        return metric
    noun, _, act = metric.replace("_", " ").partition(".")
    ordered = f"{act} {noun}" if act.endswith("ed") else f"{noun} {act}"
    return f"{ordered.strip()} events"


def clock(moment: datetime, *, now: datetime) -> str:
    """Return an instant as people write it, in UTC; with the day unless it is the day of `now`.

    >>> from datetime import UTC
    >>> clock(datetime(2026, 3, 3, 9, 10, tzinfo=UTC), now=datetime(2026, 3, 3, 12, tzinfo=UTC))
    '09:10 UTC'
    >>> clock(datetime(2026, 3, 3, 9, 10, tzinfo=UTC), now=datetime(2026, 3, 5, 12, tzinfo=UTC))
    '09:10 UTC on 3 March'
    """
    time = f"{moment:%H:%M} UTC"
    return time if moment.date() == now.date() else f"{time} on {day(moment)}"


def day(moment: datetime) -> str:
    """Return a date as "3 March"."""
    return f"{moment.day} {moment:%B}"


def amount(value: float) -> str:
    """Return a count without needless decimals.

    >>> amount(42.0), amount(3.26), amount(-0.2), amount(1e300)
    ('42', '3.3', '0', '1e+300')
    """
    kept = max(0.0, value)
    if kept >= LONGEST_AMOUNT:
        return f"{kept:.3g}"
    return f"{kept:.0f}" if kept >= 10 or kept == round(kept) else f"{kept:.1f}"
