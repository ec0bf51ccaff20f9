"""The record, the sentence and the chart of one finding."""

from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

import numpy as np

from detectors.usage.account import UsageAccount
from detectors.usage.counts import learning
from detectors.usage.counts.rows import CHART_DAYS, HOURS, WEEK
from detectors.usage.finding import ERRORS, Finding
from detectors.usage.policy import MODEL, UsagePolicy, moment
from detectors.usage.wave import Wave
from schemas.usage import Anomaly, ChartPoint

_BAND: Final = 2.0
"""Standard deviations on each side of the expectation that a chart and a sentence call expected. By hand."""


def number(value: float) -> str:
    """Return a count as people write it.

    >>> number(1234.4), number(0.0), number(2.55)
    ('1,234', '0', '2.5')
    """
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def summary(finding: Finding, hours: int, low: float, high: float) -> str:
    """Return one sentence with the observed and the expected count."""
    expected = f"{number(low)} to {number(high)} expected"
    if finding.cause == "silence":
        return f"no events at all for {hours} h; {expected} in that time"
    if finding.cause == "error_surge":
        return f"{number(finding.observed)} failures in {hours} h; {expected}"
    return f"{finding.metric} fell to {number(finding.observed)} in {hours} h; {expected}"


def anomaly_of(
    finding: Finding, account: UsageAccount, found_in: tuple[Wave, int], policy: UsagePolicy
) -> Anomaly:
    """Return the record of a finding; `detected_at` is the earliest event time at which it can be known."""
    wave, place = found_in
    sd = (finding.observed - finding.expected) / finding.deviation
    low, high = max(0.0, finding.expected - _BAND * sd), finding.expected + _BAND * sd
    hours = finding.until - finding.since + 1
    activity = wave.counts[int(wave.starts[place])]
    return Anomaly(
        anomaly_id=_identity(finding, account.account_id),
        account_id=account.account_id,
        cause=finding.cause,
        metric=finding.metric,
        observed=finding.observed,
        expected=finding.expected,
        expected_low=low,
        expected_high=high,
        deviation=finding.deviation,
        baseline_days=float(activity["age"]),
        sample_count=account.events,
        started_at=moment(finding.since),
        detected_at=moment(finding.until + 1) + timedelta(minutes=policy.lateness_minutes),
        summary=summary(finding, hours, low, high),
        chart=chart(finding, account, wave, place),
        model=MODEL,
        shared=finding.is_shared,
    )


def _identity(finding: Finding, account_id: str) -> str:
    text = "\n".join((account_id, finding.cause, finding.metric, str(finding.until)))
    return "an-" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def chart(finding: Finding, account: UsageAccount, wave: Wave, place: int) -> tuple[ChartPoint, ...]:
    """Return one point per day for the last two weeks, oldest first; the last point is the day so far."""
    today = int(wave.day[place])
    first = max(today - CHART_DAYS + 1, (account.born - account.turn) // HOURS)
    days = range(first, today + 1)
    if finding.metric == ERRORS:
        return _failures(wave.failures[place], account, days)
    start = int(wave.starts[place])
    row = start + 1 + account.kinds.index(finding.metric) if finding.metric in account.kinds else start
    return _counts(wave.counts[row : row + 1], account, days)


def _counts(row: Any, account: UsageAccount, days: range) -> tuple[ChartPoint, ...]:
    own, phi = row[0], float(row["phi"][0])
    points = []
    for day in days:
        is_today = day == days[-1]
        expected = float(own["expected"]) if is_today else _expected(row, day)
        seen = float(own["observed"]) if is_today else max(float(own["days"][day % CHART_DAYS]), 0.0) ** 2
        points.append(_point(account, day, (seen, expected, (expected + phi * expected**2) ** 0.5)))
    return tuple(points)


def _expected(row: Any, day: int) -> float:
    factor = learning.expected_factor(row, np.array([(day + 3) % WEEK]))
    return float(row["level"][0] * factor[0])


def _failures(own: Any, account: UsageAccount, days: range) -> tuple[ChartPoint, ...]:
    known = [float(own["days"][day % CHART_DAYS]) ** 2 for day in days[:-1]]
    expected = sum(known) / len(known) if known else 0.0
    sd = max(expected, 1.0) ** 0.5
    seen = [*known, float(own["total"])]
    return tuple(_point(account, day, (value, expected, sd)) for day, value in zip(days, seen, strict=True))


def _point(account: UsageAccount, day: int, numbers: tuple[float, float, float]) -> ChartPoint:
    seen, expected, sd = numbers
    return ChartPoint(
        at=moment(max(day * HOURS + account.turn, 0)),
        observed=seen,
        expected=expected,
        low=max(0.0, expected - _BAND * sd),
        high=expected + _BAND * sd,
    )
