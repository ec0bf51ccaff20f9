"""The online detector of one account: counts its events and judges the hours that they close."""

from datetime import datetime

from detectors.usage.closing import close_all
from detectors.usage.counter import UsageCounter
from detectors.usage.counts.budget import AlertBudget
from detectors.usage.observation import Observation
from schemas.usage import Anomaly, UsageEvent


class UsageDetector(UsageCounter):
    """Scores, then learns, the usage of one account; event time only, no clock, deterministic.

    Examples
    --------
    Three ordinary weeks of a label every two minutes, then a tenth of it:

    >>> from datetime import UTC, datetime, timedelta
    >>> detector = UsageDetector("acme")
    >>> start = datetime(2026, 3, 2, tzinfo=UTC)
    >>> found = []
    >>> for hour in range(24 * 22):
    ...     quantity = 3.0 if hour >= 24 * 21 else 30.0
    ...     at = start + timedelta(hours=hour)
    ...     event = UsageEvent(f"e{hour}", "acme", "task.labelled", at, quantity)
    ...     found += detector.observe(event).anomalies
    >>> [(anomaly.cause, anomaly.metric) for anomaly in found]
    [('drop', 'task.labelled')]
    >>> UsageDetector.restore(detector.snapshot()).snapshot() == detector.snapshot()
    True
    """

    __slots__ = ()

    def observe(self, event: UsageEvent, budget: AlertBudget | None = None) -> Observation:
        """Count one event and judge the hours that its time closes; raises like `count`."""
        fate = self.count(event)
        found = close_all([self], budget, self.policy) if self.is_ready() else ()
        return Observation(fate, tuple(found))

    def advance(self, watermark: datetime, budget: AlertBudget | None = None) -> tuple[Anomaly, ...]:
        """Tell the account the time and judge the hours that it closes; raises like `tell`."""
        self.tell(watermark)
        return tuple(close_all([self], budget, self.policy)) if self.is_ready() else ()
