"""Simulated usage of one account: seeded, hourly, with season, noise and a planted change."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from detectors.usage import UsageDetector, UsagePolicy
from schemas.usage import Anomaly, UsageEvent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OFFICE = np.array([0.02] * 7 + [0.5, 1, 1, 1, 1, 0.8, 1, 1, 1, 0.9, 0.6, 0.3, 0.1] + [0.03] * 4)
FLAT = np.ones(24)
PLATFORM = {
    "task.labelled": 600.0,
    "task.reviewed": 150.0,
    "api.call": 400.0,
    "user.login": 40.0,
    "training.started": 15.0,
    "export.created": 20.0,
}

DEFAULT = UsagePolicy()
Change = Callable[[float, str], float]


def steady(day: float, kind: str) -> float:
    """Return 1: no change."""
    return 1.0


def hourly(
    account_id: str = "acme",
    *,
    days: int,
    seed: int,
    change: Change = steady,
    rates: dict[str, float] = PLATFORM,
    shape: np.ndarray = OFFICE,
    weekend: float = 0.15,
    noise: float = 0.15,
    failure_rate: float = 4.0,
    start: datetime = MONDAY,
) -> list[UsageEvent]:
    """Return one pre-aggregated event per hour and kind; `change` multiplies the expectation.

    `change` receives the time in days since the start; the kind `training.failed` is a failure.
    """
    rng = np.random.default_rng(seed)
    weights = shape / shape.sum()
    events = []
    for day in range(days):
        ordinary = (weekend if (start + timedelta(days=day)).weekday() >= 5 else 1.0) * rng.lognormal(
            0, noise
        )
        for hour in range(24):
            for kind, rate in {**rates, "training.failed": failure_rate}.items():
                mean = rate * ordinary * weights[hour] * change(day + hour / 24, kind)
                count = int(rng.poisson(mean))
                if count:
                    at = start + timedelta(days=day, hours=hour, minutes=int(rng.integers(60)))
                    failed = kind == "training.failed"
                    events.append(
                        UsageEvent(f"{kind}-{day}-{hour}", account_id, kind, at, float(count), failed)
                    )
    return sorted(events, key=lambda event: (event.occurred_at, event.event_id))


def play(events: Iterable[UsageEvent], *, days: int, policy: UsagePolicy = DEFAULT) -> list[Anomaly]:
    """Return every anomaly of one account's events; event time advances to the end of the last day."""
    detector: UsageDetector | None = None
    found: list[Anomaly] = []
    for event in events:
        detector = detector or UsageDetector(event.account_id, policy)
        found += detector.observe(event).anomalies
    if detector is not None:
        found += detector.advance(MONDAY + timedelta(days=days, hours=1))
    return found
