"""The record, the sentence and the chart of one finding."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from detectors.usage.baseline import Baseline
from detectors.usage.calendar import CHART_DAYS, WEEK
from detectors.usage.finding import ERRORS, Finding
from detectors.usage.policy import MODEL, UsagePolicy
from detectors.usage.series import Series
from schemas.usage import Anomaly, ChartPoint

_BAND = 2.0
"""Standard deviations on each side of the expectation that a chart and a sentence call expected. By hand."""


def moment(bucket: int, policy: UsagePolicy) -> datetime:
    """Return the instant at which a bucket begins.

    >>> moment(8, UsagePolicy()).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(bucket * policy.bucket_seconds, UTC)


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


def anomaly_of(finding: Finding, baseline: Baseline, account_id: str) -> Anomaly:
    """Return the record of a finding; `detected_at` is the earliest event time at which it can be known."""
    policy = baseline.policy
    low = max(0.0, finding.expected - _BAND * finding.sd)
    high = finding.expected + _BAND * finding.sd
    hours = (finding.until - finding.since + 1) * policy.bucket_hours
    detected_at = moment(finding.until + 1, policy) + timedelta(minutes=policy.lateness_minutes)
    return Anomaly(
        anomaly_id=_identity(finding, account_id),
        account_id=account_id,
        cause=finding.cause,
        metric=finding.metric,
        observed=finding.observed,
        expected=finding.expected,
        expected_low=low,
        expected_high=high,
        deviation=(finding.observed - finding.expected) / finding.sd,
        baseline_days=finding.baseline_days,
        sample_count=baseline.events,
        started_at=moment(finding.since, policy),
        detected_at=detected_at,
        summary=summary(finding, hours, low, high),
        chart=chart(finding, baseline),
        model=MODEL,
    )


def _identity(finding: Finding, account_id: str) -> str:
    text = "\n".join((account_id, finding.cause, finding.metric, str(finding.until)))
    return "an-" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def chart(finding: Finding, baseline: Baseline) -> tuple[ChartPoint, ...]:
    """Return one point per day for the last two weeks, oldest first; the last point is the day so far."""
    policy = baseline.policy
    today, slot = divmod(finding.until, policy.slots)
    first = max(today - CHART_DAYS + 1, baseline.born // policy.slots)
    days = range(first, today + 1)
    if finding.metric == ERRORS:
        return tuple(_error_point(baseline, day, today, slot) for day in days)
    series = baseline.kinds.get(finding.metric, baseline.activity)
    return tuple(_point(series, day, today, slot, policy) for day in days)


def _point(series: Series, day: int, today: int, slot: int, policy: UsagePolicy) -> ChartPoint:
    share = sum(series.profile[: slot + 1]) if day == today else 1.0
    observed = sum(series.today) if day == today else series.days[day % CHART_DAYS]
    expected = series.volume * series.factor((day + 3) % WEEK) * share
    margin = _BAND * series.sd * series.volume * share**0.5
    return ChartPoint(
        at=moment(day * policy.slots, policy),
        observed=max(observed, 0.0),
        expected=expected,
        low=max(0.0, expected - margin),
        high=expected + margin,
    )


def _error_point(baseline: Baseline, day: int, today: int, slot: int) -> ChartPoint:
    watch = baseline.errors
    so_far = sum(watch.errors[: slot + 1])
    expected: float = watch.rate.get()
    margin = _BAND * float(max(watch.dispersion.get(), 1.0) * max(expected, 1.0)) ** 0.5
    return ChartPoint(
        at=moment(day * baseline.policy.slots, baseline.policy),
        observed=so_far if day == today else watch.days[day % CHART_DAYS],
        expected=expected,
        low=max(0.0, expected - margin),
        high=expected + margin,
    )
