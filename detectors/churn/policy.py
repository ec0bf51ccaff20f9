"""The limits of the churn rules and of the hold."""

from dataclasses import dataclass

from detectors.sentiment.trend import TrendPolicy

_MOOD = TrendPolicy()


@dataclass(frozen=True)
class ChurnPolicy:
    """Limits of the churn rules; every duration is in days of event time.

    All values are chosen by hand, without a fit: the product has no labelled outcomes yet. The cases of
    tests/detectors/churn/test_churn.py check them together. A strength or a score is in [0, 1].
    """

    half_life_days: float = 7.0
    """Days after which a signal is half as strong."""

    live_days: float = 14.0
    """Days after which a signal no longer counts."""

    fresh_days: float = 3.0
    """An alert needs a signal that is at most so many days old."""

    memory_days: float = 90.0
    """Days before the newest anomaly for which anomalies are kept; `mood` says it for messages."""

    max_anomalies: int = 6
    """Newest anomalies kept per account; bounds the state."""

    max_heard: int = 12
    """Newest messages kept whose words speak of leaving; bounds the state."""

    heard_days: float = 28.0
    """Days for which the words of a message count for the hazard: its horizon."""

    cool_down_days: float = 28.0
    """Days after an alert in which the same cause raises no other alert of that account."""

    mood: TrendPolicy = _MOOD
    """The limits of the mood's trend, and the messages kept for it."""

    mood_certainty: float = 0.55
    """Probability of a slide from which it is a reason: more than a page needs to show it."""

    mood_least: int = 3
    """Messages in a slide at least."""

    mood_span_days: float = 7.0
    """Days from the first kept message to the last at least: one bad hour is no slide."""

    alert_score: float = 0.3
    """Score below which no alert is raised."""

    warning_score: float = 0.55
    """Score from which an alert is a warning."""

    critical_score: float = 0.8
    """Score from which an alert is critical."""

    renewal_near_days: float = 45.0
    """Days before a renewal in which `renewal_factor` applies."""

    renewal_factor: float = 1.2
    """Factor for the score near a renewal, before the severity is chosen."""


@dataclass(frozen=True)
class HoldPolicy:
    """The limits from which many accounts that move together are one incident and not many alerts.

    All values are chosen by hand; tests/detectors/churn/test_shared.py and test_outage.py check them.
    """

    window_hours: float = 1.0
    """Moves at most so many hours apart make one incident: one bucket of the usage detector."""

    join_hours: float = 6.0
    """A later move joins an incident that was detected at most so many hours before or after it."""

    hold_minutes: float = 30.0
    """Minutes of event time for which an alert waits for others of its kind."""

    least_accounts: int = 4
    """Accounts that an incident needs, in addition to `least_share`."""

    least_share: float = 0.05
    """Share of the active accounts that an incident needs."""

    past_hours: float = 24.0
    """Hours in which fewer accounts may have moved before the window than in it; else moves are usual."""

    incident_hours: float = 30.0
    """Hours after its last move at which an incident ends, and after which a move is forgotten.

    A fall that goes on is reported again after a day.
    """

    max_moves: int = 10_000
    """Moves, and held alerts, kept per partition; the oldest held alerts go out early. Bounds the state."""
